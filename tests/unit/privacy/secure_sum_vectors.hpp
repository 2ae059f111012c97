// How does a test read the items of tests/vectors/secure_sum.vec, the second implementation's
// answers?
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "unit/privacy/vector_file.hpp"

namespace godwit::secure_sum_vectors {

/// The records with this item; at least one.
inline std::vector<vector_record> items(std::string_view item) {
  std::vector<vector_record> found;
  for (auto& record : read_vectors("secure_sum.vec"))
    if (record.at("item") == item)
      found.push_back(std::move(record));
  REQUIRE_FALSE(found.empty());
  return found;
}

/// The words of a list.
inline std::vector<std::string> words(const std::string& list) {
  std::istringstream stream(list);
  std::vector<std::string> found;
  for (std::string word; stream >> word;)
    found.push_back(word);
  return found;
}

inline std::uint64_t number(const vector_record& record, const std::string& key) {
  return std::stoull(record.at(key));
}

/// A list of numbers, each of which a Number holds.
template <class Number = std::uint64_t>
std::vector<Number> numbers(const vector_record& record, const std::string& key) {
  std::vector<Number> found;
  for (const auto& word : words(record.at(key)))
    found.push_back(static_cast<Number>(std::stoull(word)));
  return found;
}

inline std::vector<float> floats(const vector_record& record, const std::string& key) {
  std::vector<float> found;
  for (const auto& word : words(record.at(key)))
    found.push_back(std::stof(word));
  return found;
}

inline bytes content(const vector_record& record, const std::string& key) {
  return from_hex(record.at(key));
}

template <std::size_t size>
std::array<std::byte, size> array(const vector_record& record, const std::string& key) {
  return as_array<size>(content(record, key));
}

} // namespace godwit::secure_sum_vectors
