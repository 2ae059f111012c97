#include "storage/model_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <godwit/privacy/digest.hpp>

namespace godwit {
namespace {

constexpr std::string_view list_name = "models";
constexpr std::uint64_t list_bytes_max = 4096;

std::string file_of(const model_id& what) {
  return fmt::format("model-{}", hex(what.sha256));
}

bool is_missing(const failure& why) {
  return why.code == failure_code::not_found;
}

/// "DIGEST BYTES", or nothing where a line is none of ours.
std::optional<model_id> read_line(std::string_view line) {
  model_id made;
  const auto digits = made.sha256.size() * 2;
  if (line.size() < digits + 2 || line[digits] != ' ')
    return {};
  for (std::size_t i = 0; i < made.sha256.size(); ++i) {
    std::uint8_t value = 0;
    const auto* from = line.data() + 2 * i;
    if (std::from_chars(from, from + 2, value, 16).ptr != from + 2)
      return {};
    made.sha256[i] = std::byte{value};
  }
  const auto* end = line.data() + line.size();
  if (std::from_chars(line.data() + digits + 1, end, made.byte_count).ptr != end)
    return {};
  return made;
}

attempt<bytes> read_whole(disk& on, std::string_view name, std::uint64_t bytes_max) {
  const auto size = on.size(name);
  if (!size)
    return size.why();
  if (*size > bytes_max)
    return failure{.code = failure_code::corrupt,
                   .detail = fmt::format("{} is longer than it can be", on.path(name))};
  bytes content(*size);
  if (auto read = on.read(name, 0, content); !read)
    return read.why();
  return content;
}

} // namespace

attempt<std::vector<model_id>> model_files::list() const {
  std::vector<model_id> made;
  const auto content = read_whole(*disk_, list_name, list_bytes_max);
  if (!content && is_missing(content.why()))
    return made;
  if (!content)
    return content.why();
  const auto text = as_text(*content);
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (const auto model = read_line(line))
      made.push_back(*model);
  }
  return made;
}

attempt<done> model_files::write_list(const std::vector<model_id>& models) {
  std::string text;
  for (const auto& each : models)
    text += fmt::format("{} {}\n", hex(each.sha256), each.byte_count);
  const bytes_view piece = as_bytes(text);
  return disk_->replace(list_name, {&piece, 1});
}

attempt<done> model_files::put(const model_id& what, const shared_bytes& content) {
  auto models = list();
  if (!models)
    return models.why();
  std::erase(*models, what);
  models->insert(models->begin(), what);
  // The list names each file before it is there and until it is gone: none is forgotten.
  if (auto listed = write_list(*models); !listed)
    return listed;
  const bool is_more = models->size() > count_max;
  for (; models->size() > count_max; models->pop_back())
    if (auto gone = disk_->remove(file_of(models->back())); !gone && !is_missing(gone.why()))
      return gone;
  if (const auto there = disk_->exists(file_of(what)); !there || !*there) {
    const bytes_view piece = content.view();
    if (auto written = disk_->replace(file_of(what), {&piece, 1}); !written)
      return written;
  }
  return is_more ? write_list(*models) : done{};
}

attempt<shared_bytes> model_files::get(const model_id& what) {
  const auto name = file_of(what);
  auto content = read_whole(*disk_, name, what.byte_count);
  if (!content)
    return content.why();
  if (content->size() == what.byte_count && sha256(*content) == what.sha256)
    return shared_bytes(std::move(*content));
  auto gone = disk_->remove(name); // so that it can be kept anew
  return failure{.code = failure_code::corrupt,
                 .detail = fmt::format("{} is not what was kept{}", disk_->path(name),
                                       gone ? ", and is removed" : "")};
}

} // namespace godwit
