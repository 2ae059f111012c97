// How is a model laid out in a .safetensors file?
#include "storage/safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <godwit/messages/limits.hpp>

#include "storage/atomic_file.hpp"
#include "storage/input_file.hpp"
#include "storage/tensor_values.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t header_bytes_max = std::uint64_t{16} << 20;
constexpr std::uint64_t data_alignment = 8;
constexpr int header_depth_max = 3; // the header, a tensor, its shape
constexpr std::size_t portion_elements = std::size_t{1} << 20;
constexpr const char* metadata_name = "__metadata__";

/// One tensor as the header describes it.
struct entry {
  std::string name;
  std::vector<std::uint64_t> shape;
  element_type type = element_type::f32;
  std::uint64_t begin = 0; ///< in the data
  std::uint64_t end = 0;
};

/// Parses the header; refuses what JSON allows and the format does not: doubled names, depth.
attempt<json> parse_header(const fs::path& path, std::string_view text) {
  std::vector<std::set<std::string>> names(header_depth_max + 2);
  std::string complaint;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth >= header_depth_max &&
        (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)) {
      complaint = "its header is nested too deeply";
      return false;
    }
    if (!complaint.empty())
      return false;
    if (event == json::parse_event_t::object_start)
      names[static_cast<std::size_t>(depth) + 1].clear();
    if (event == json::parse_event_t::key &&
        !names[static_cast<std::size_t>(depth)].insert(parsed.get<std::string>()).second)
      complaint = "its header has the name '" + parsed.get<std::string>() + "' twice";
    return true;
  };
  auto header = json::parse(text, watch, /*allow_exceptions=*/false);
  if (!complaint.empty())
    return corrupt_file(path, complaint);
  if (!header.is_object())
    return corrupt_file(path, "its header is not a JSON object");
  return header;
}

std::optional<std::vector<std::uint64_t>> whole_numbers(const json& list) {
  if (!list.is_array())
    return std::nullopt;
  std::vector<std::uint64_t> numbers;
  for (const auto& item : list) {
    if (!item.is_number_unsigned())
      return std::nullopt;
    numbers.push_back(item.get<std::uint64_t>());
  }
  return numbers;
}

std::optional<element_type> known_type(std::string_view dtype) {
  if (dtype == "F32")
    return element_type::f32;
  if (dtype == "F16")
    return element_type::f16;
  if (dtype == "BF16")
    return element_type::bf16;
  if (dtype == "F64")
    return element_type::f64;
  return std::nullopt;
}

attempt<entry> read_entry(const fs::path& path, const std::string& name, const json& described,
                          std::uint64_t data_bytes) {
  const auto where = "tensor '" + name + "' ";
  if (name.empty() || !described.is_object() || described.size() != 3 ||
      !described.contains("dtype") || !described["dtype"].is_string() ||
      !described.contains("shape") || !described.contains("data_offsets"))
    return corrupt_file(path, where + "is not described by exactly dtype, shape and data_offsets");
  const auto dtype = described["dtype"].get<std::string>();
  const auto type = known_type(dtype);
  if (!type)
    return failure{.code = failure_code::unsupported,
                   .detail = path.string() + ": " + where + "is of type " + dtype +
                             "; convert it to F32 (F16, BF16 and F64 are read, too)"};
  const auto shape = whole_numbers(described["shape"]);
  const auto offsets = whole_numbers(described["data_offsets"]);
  if (!shape || !offsets || offsets->size() != 2)
    return corrupt_file(path, where + "has a shape or offsets that are not whole numbers");
  const auto count = bounded_count(*shape);
  if (!count)
    return corrupt_file(path, where + "has a shape beyond all bounds: " + shape_text(*shape));
  const auto begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data_bytes)
    return corrupt_file(path, where + "lies at " + shape_text(*offsets) + "; the data has " +
                                  std::to_string(data_bytes) + " bytes");
  if (end - begin != *count * element_bytes(*type))
    return corrupt_file(path, where + "has " + std::to_string(end - begin) + " bytes; " + dtype +
                                  " " + shape_text(*shape) + " has " +
                                  std::to_string(*count * element_bytes(*type)));
  return entry{.name = name, .shape = *shape, .type = *type, .begin = begin, .end = end};
}

attempt<std::map<std::string, std::string>> read_metadata(const fs::path& path, const json& found) {
  std::map<std::string, std::string> metadata;
  if (!found.is_object())
    return corrupt_file(path, "its __metadata__ is not a JSON object");
  for (const auto& [key, value] : found.items()) {
    if (!value.is_string())
      return corrupt_file(path, "its __metadata__ '" + key + "' is not a text");
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

/// Entries in the order of their data, which they cover from its beginning to its end.
std::optional<failure> sort_and_check_cover(const fs::path& path, std::vector<entry>& entries,
                                            std::uint64_t data_bytes) {
  std::stable_sort(entries.begin(), entries.end(), [](const entry& a, const entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0, count = 0;
  for (const auto& each : entries) {
    if (each.begin != covered)
      return corrupt_file(path, "tensor '" + each.name + "' begins at " +
                                    std::to_string(each.begin) + "; the one before it ends at " +
                                    std::to_string(covered));
    covered = each.end;
    count += (each.end - each.begin) / element_bytes(each.type);
  }
  if (covered != data_bytes)
    return corrupt_file(path, "its tensors end at " + std::to_string(covered) + "; the data has " +
                                  std::to_string(data_bytes) + " bytes");
  if (count > limits::parameter_count_max)
    return corrupt_file(path,
                        "it has " + std::to_string(count) + " numbers, more than a model has");
  return std::nullopt;
}

attempt<done> read_values(const input_file& file, std::uint64_t offset, element_type type,
                          std::span<float> into) {
  if (type == element_type::f32)
    return file.read_at(offset, std::as_writable_bytes(into));
  bytes portion;
  while (!into.empty()) {
    const auto count = std::min(into.size(), portion_elements);
    portion.resize(count * element_bytes(type));
    if (auto read = file.read_at(offset, std::span(portion)); !read)
      return read;
    convert_to_floats(type, portion, into.first(count));
    offset += portion.size();
    into = into.subspan(count);
  }
  return done{};
}

/// What the header says, checked against the file's size.
struct header_content {
  std::vector<entry> entries;
  std::map<std::string, std::string> metadata;
  std::uint64_t data_offset = 0;
};

attempt<header_content> read_header(const input_file& file) {
  const auto& path = file.path();
  if (file.size() < length_bytes)
    return corrupt_file(path, "has " + std::to_string(file.size()) +
                                  " bytes, too few for a .safetensors file");
  std::uint64_t length = 0;
  if (auto read = file.read_at(0, std::as_writable_bytes(std::span(&length, 1))); !read)
    return read.why();
  if (length > header_bytes_max || length > file.size() - length_bytes)
    return corrupt_file(path, "announces a header of " + std::to_string(length) +
                                  " bytes; it has " + std::to_string(file.size()) +
                                  " in all, and at most 16 MiB are read");
  const auto text = file.read_at(length_bytes, static_cast<std::size_t>(length));
  if (!text)
    return text.why();
  if (text->empty() || text->front() != std::byte{'{'})
    return corrupt_file(path, "its header does not begin with {");
  const auto parsed = parse_header(path, as_text(*text));
  if (!parsed)
    return parsed.why();
  header_content header;
  header.data_offset = length_bytes + length;
  const auto data_bytes = file.size() - header.data_offset;
  if (parsed->size() > limits::tensor_count_max)
    return corrupt_file(path, "has " + std::to_string(parsed->size()) + " tensors; at most " +
                                  std::to_string(limits::tensor_count_max) + " are read");
  for (const auto& [name, described] : parsed->items()) {
    if (name == metadata_name) {
      auto metadata = read_metadata(path, described);
      if (!metadata)
        return metadata.why();
      header.metadata = std::move(*metadata);
      continue;
    }
    auto read = read_entry(path, name, described, data_bytes);
    if (!read)
      return read.why();
    header.entries.push_back(std::move(*read));
  }
  if (auto why = sort_and_check_cover(path, header.entries, data_bytes))
    return *why;
  return header;
}

} // namespace

attempt<model_file> read_safetensors(const fs::path& path) {
  const auto file = input_file::open(path);
  if (!file)
    return file.why();
  auto header = read_header(*file);
  if (!header)
    return header.why();
  model_file model;
  model.metadata = std::move(header->metadata);
  for (const auto& each : header->entries)
    model.layout.push_back({each.name, {each.shape.begin(), each.shape.end()}});
  model.parameters.resize(parameter_count(model.layout));
  auto rest = std::span(model.parameters);
  for (const auto& each : header->entries) {
    const auto count = static_cast<std::size_t>((each.end - each.begin) / element_bytes(each.type));
    if (auto read =
            read_values(*file, header->data_offset + each.begin, each.type, rest.first(count));
        !read)
      return read.why();
    rest = rest.subspan(count);
  }
  return model;
}

attempt<done> write_safetensors(const fs::path& path, const model_file& model) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!model.metadata.empty())
    header[metadata_name] = model.metadata;
  std::uint64_t offset = 0;
  for (const auto& tensor : model.layout) {
    const auto end = offset + tensor.element_count() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  auto text = header.dump();
  text.resize((text.size() + data_alignment - 1) / data_alignment * data_alignment, ' ');
  const std::uint64_t length = text.size();
  const std::array pieces{bytes_view(std::as_bytes(std::span(&length, 1))), as_bytes(text),
                          bytes_view(std::as_bytes(std::span(model.parameters)))};
  return write_atomically(path, pieces);
}

} // namespace godwit
