// How does a test read tests/vectors/*.vec: records of "key = value" lines, an empty line between
// two records?
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/bytes.hpp>

namespace godwit {

using vector_record = std::map<std::string, std::string>;

/// The records of tests/vectors/`name`. A file without records, or without a source line, fails the
/// test.
inline std::vector<vector_record> read_vectors(std::string_view name) {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "../../vectors" / name;
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path.string());
  std::string line;
  std::getline(file, line);
  REQUIRE(line.starts_with("# source: "));
  std::vector<vector_record> records;
  bool is_between = true;
  while (std::getline(file, line)) {
    const auto equals = line.find(" =");
    if (equals == std::string::npos) {
      is_between = true;
      continue;
    }
    if (is_between)
      records.emplace_back();
    is_between = false;
    records.back()[line.substr(0, equals)] =
        equals + 3 < line.size() ? line.substr(equals + 3) : "";
  }
  REQUIRE_FALSE(records.empty());
  return records;
}

/// The bytes that hexadecimal `text` states.
inline bytes from_hex(std::string_view text) {
  bytes content;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    content.push_back(
        static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return content;
}

/// `content` as an array of exactly `size` bytes.
template <std::size_t size>
std::array<std::byte, size> as_array(bytes_view content) {
  REQUIRE(content.size() == size);
  std::array<std::byte, size> copy;
  std::copy(content.begin(), content.end(), copy.begin());
  return copy;
}

} // namespace godwit
