#include "storage/model_files.hpp"

#include <algorithm>
#include <span>
#include <string>

#include <fmt/format.h>

#include <godwit/privacy/digest.hpp>

namespace godwit {
namespace {

constexpr std::uint64_t magic = 0x6c65646f'6d776467; // "gdwmodel"

template <class Head>
std::uint64_t number_of(const std::optional<Head>& of) {
  return of ? of->number : 0;
}

} // namespace

/// Nothing where the file is not there, or is none of ours.
attempt<std::optional<model_files::head>> model_files::head_of(std::size_t file) const {
  const auto size = disk_->size(names[file]);
  if (!size && size.why().code != failure_code::not_found)
    return size.why();
  if (!size || *size < sizeof(head))
    return std::optional<head>{};
  head made;
  if (auto read = disk_->read(names[file], 0, std::as_writable_bytes(std::span(&made, 1))); !read)
    return read.why();
  if (made.magic != magic || made.byte_count != *size - sizeof made)
    return std::optional<head>{};
  return std::optional(made);
}

attempt<std::array<std::optional<model_files::head>, model_files::count_max>>
model_files::heads() const {
  std::array<std::optional<head>, count_max> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto one = head_of(i);
    if (!one)
      return one.why();
    all[i] = *one;
  }
  return all;
}

attempt<std::vector<model_id>> model_files::list() const {
  const auto all = heads();
  if (!all)
    return all.why();
  std::vector<model_id> made;
  for (const auto& each : *all)
    if (each)
      made.push_back(each->what());
  if (made.size() == count_max && number_of((*all)[0]) < number_of((*all)[1]))
    std::swap(made[0], made[1]);
  return made;
}

attempt<done> model_files::put(const model_id& what, const shared_bytes& content) {
  const auto all = heads();
  if (!all)
    return all.why();
  const auto newest = std::max(number_of((*all)[0]), number_of((*all)[1]));
  std::size_t into = number_of((*all)[0]) <= number_of((*all)[1]) ? 0 : 1; // the older one's place
  for (std::size_t i = 0; i < all->size(); ++i)
    if ((*all)[i] && (*all)[i]->what() == what) {
      if ((*all)[i]->number == newest)
        return done{};
      into = i;
    }
  if (const auto there = disk_->exists(names[into]); there && *there)
    if (auto cut = disk_->truncate(names[into], 0); !cut)
      return cut;
  const head first{magic, newest + 1, what.sha256, what.byte_count};
  const std::array<bytes_view, 2> pieces{std::as_bytes(std::span(&first, 1)), content.view()};
  return disk_->append(names[into], pieces);
}

attempt<shared_bytes> model_files::get(const model_id& what) {
  const auto all = heads();
  if (!all)
    return all.why();
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (!(*all)[i] || !((*all)[i]->what() == what))
      continue;
    bytes content(static_cast<std::size_t>(what.byte_count));
    if (auto read = disk_->read(names[i], sizeof(head), content); !read)
      return read.why();
    if (sha256(content) == what.sha256)
      return shared_bytes(std::move(content));
    auto gone = disk_->truncate(names[i], 0); // so that it can be kept anew
    return failure{.code = failure_code::corrupt,
                   .detail = fmt::format("{} is not what was kept{}", disk_->path(names[i]),
                                         gone ? ", and is dropped" : "")};
  }
  return failure{.code = failure_code::not_found,
                 .detail = fmt::format("{} is not kept", hex(what.sha256))};
}

} // namespace godwit
