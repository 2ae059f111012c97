// How is a model laid out in an .npz file?
#include "storage/npz.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <godwit/messages/limits.hpp>

#include "storage/input_file.hpp"
#include "storage/npy.hpp"
#include "storage/tensor_values.hpp"
#include "storage/zip.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view array_suffix = ".npy";
constexpr std::size_t header_text_bytes_max = 65'536;
constexpr std::size_t portion_elements = std::size_t{1} << 18;

/// The metadata in a comment; nothing where it is not one of ours.
std::map<std::string, std::string> parse_comment(const std::string& comment) {
  std::map<std::string, std::string> metadata;
  const auto parsed = nlohmann::json::parse(comment, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object())
    return {};
  for (const auto& [key, value] : parsed.items()) {
    if (!value.is_string())
      return {};
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

/// Reads the beginning of an array, up to its data.
attempt<npy_header> read_array_header(const fs::path& path, const std::string& name,
                                      zip_content& content) {
  const auto where = "array '" + name + "' ";
  std::array<std::byte, 8> start{};
  if (content.left() < start.size() + 4)
    return corrupt_file(path, where + "is too short for a .npy array");
  if (auto read = content.read(start); !read)
    return read.why();
  const auto version = std::to_integer<unsigned>(start[6]);
  if (as_text(std::span(start).first(6)) != "\x93NUMPY" || version < 1 || version > 3)
    return corrupt_file(path, where + "does not begin as a .npy array of version 1, 2 or 3 does");
  std::array<std::byte, 4> length{};
  if (auto read = content.read(std::span(length).first(version == 1 ? 2 : 4)); !read)
    return read.why();
  std::size_t text_bytes = 0;
  for (std::size_t i = 0; i < length.size(); ++i)
    text_bytes |= std::to_integer<std::size_t>(length[i]) << (8 * i);
  if (text_bytes > header_text_bytes_max || text_bytes > content.left())
    return corrupt_file(path, where + "announces a header of " + std::to_string(text_bytes) +
                                  " bytes; at most 64 KiB are read");
  bytes text(text_bytes);
  if (auto read = content.read(text); !read)
    return read.why();
  auto header = parse_npy_header(as_text(text));
  if (!header)
    return failure{.code = header.why().code,
                   .detail = path.string() + ": " + where + header.why().detail};
  return header;
}

/// Reads one array behind the parameters that are there.
attempt<tensor_spec> read_array(const input_file& file, const zip_entry& entry,
                                std::vector<float>& parameters) {
  if (!entry.name.ends_with(array_suffix) || entry.name.size() == array_suffix.size())
    return failure{.code = failure_code::unsupported,
                   .detail = file.path().string() + ": has an entry '" + entry.name +
                             "'; expected arrays, NAME.npy, and nothing else"};
  const auto name = entry.name.substr(0, entry.name.size() - array_suffix.size());
  zip_content content(file, entry);
  const auto header = read_array_header(file.path(), name, content);
  if (!header)
    return header.why();
  const auto count = *bounded_count(header->shape);
  const auto each = element_bytes(header->type);
  if (content.left() != count * each)
    return corrupt_file(file.path(), "array '" + name + "' has " + std::to_string(content.left()) +
                                         " bytes of data; its shape " + shape_text(header->shape) +
                                         " has " + std::to_string(count * each));
  if (count > limits::parameter_count_max - parameters.size())
    return corrupt_file(file.path(), "has more numbers than a model may have");
  bytes portion;
  for (std::uint64_t read_count = 0; read_count < count;) {
    const auto more =
        static_cast<std::size_t>(std::min<std::uint64_t>(count - read_count, portion_elements));
    portion.resize(more * each);
    if (auto read = content.read(portion); !read)
      return read.why();
    const auto had = parameters.size();
    parameters.resize(had + more);
    convert_to_floats(header->type, portion, std::span(parameters).subspan(had));
    read_count += more;
  }
  return tensor_spec{name, {header->shape.begin(), header->shape.end()}};
}

} // namespace

attempt<model_file> read_npz(const fs::path& path) {
  const auto file = input_file::open(path);
  if (!file)
    return file.why();
  const auto directory = read_zip_directory(*file);
  if (!directory)
    return directory.why();
  model_file model;
  model.metadata = parse_comment(directory->comment);
  std::uint64_t stored_bytes = 0;
  for (const auto& entry : directory->entries)
    stored_bytes += entry.deflated ? 0 : entry.content_bytes;
  model.parameters.reserve(static_cast<std::size_t>(stored_bytes / sizeof(float)));
  for (const auto& entry : directory->entries) {
    auto tensor = read_array(*file, entry, model.parameters);
    if (!tensor)
      return tensor.why();
    model.layout.push_back(std::move(*tensor));
  }
  return model;
}

attempt<done> write_npz(const fs::path& path, const model_file& model) {
  std::deque<bytes> preambles;
  std::vector<zip_part> parts;
  auto rest = std::span(model.parameters);
  for (const auto& tensor : model.layout) {
    const auto count = static_cast<std::size_t>(tensor.element_count());
    preambles.push_back(npy_preamble(tensor.shape));
    parts.push_back({.name = tensor.name + std::string(array_suffix),
                     .pieces = {preambles.back(), std::as_bytes(rest.first(count))}});
    rest = rest.subspan(count);
  }
  const auto comment = model.metadata.empty() ? "" : nlohmann::json(model.metadata).dump();
  return write_zip(path, parts, comment);
}

} // namespace godwit
