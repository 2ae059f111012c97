// Which records do the journal's tests write, so that each can be told from all others?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "storage/journal_file.hpp"

namespace godwit {

/// Bytes that depend on the number and say it first.
inline bytes sample_bytes(std::uint64_t number, std::size_t count) {
  bytes content(count);
  for (std::size_t i = 0; i < count; ++i)
    content[i] = static_cast<std::byte>(number * 31 + i * i);
  std::ranges::copy(std::as_bytes(std::span(&number, 1)).first(std::min(count, sizeof number)),
                    content.begin());
  return content;
}

/// A record by its number: heads and bodies of several lengths, every third without a body.
inline journal_record sample_record(std::uint64_t number, std::size_t body_bytes_max = 64) {
  const auto body_bytes = number % 3 == 0 ? 0 : (number * 7919) % body_bytes_max + 1;
  return {.head = sample_bytes(number, 8 + number * 13 % 40),
          .body = shared_bytes(sample_bytes(number + 1, static_cast<std::size_t>(body_bytes)))};
}

inline std::vector<journal_record> sample_group(std::uint64_t first, std::size_t count,
                                                std::size_t body_bytes_max = 64) {
  std::vector<journal_record> group;
  for (std::size_t i = 0; i < count; ++i)
    group.push_back(sample_record(first + i, body_bytes_max));
  return group;
}

inline bool same(bytes_view one, bytes_view other) {
  return std::ranges::equal(one, other);
}

/// The numbers of the records that were found. Every one must be the sample of its number, or 0
/// stands in its place.
inline std::vector<std::uint64_t> sample_numbers(opened_journal& opened,
                                                 std::size_t body_bytes_max = 64) {
  std::vector<std::uint64_t> numbers;
  for (const auto& found : opened.records) {
    std::uint64_t number = 0;
    if (found.head.size() >= sizeof number)
      std::memcpy(&number, found.head.data(), sizeof number);
    const auto expected = sample_record(number, body_bytes_max);
    bool right = same(found.head, expected.head) && found.body_bytes == expected.body.size();
    if (right && found.body_bytes > 0) {
      const auto body = opened.journal.body(found.body_place);
      right = body && same(body->view(), expected.body.view());
    }
    numbers.push_back(right ? number : 0);
  }
  return numbers;
}

/// The same, of the journal that is opened on the disk, which must open.
inline std::vector<std::uint64_t> numbers_kept_on(const std::shared_ptr<disk>& disk) {
  auto opened = journal_file::open(disk);
  return sample_numbers(*opened);
}

inline std::vector<std::uint64_t> numbers_from(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (auto& number : numbers)
    number = first++;
  return numbers;
}

} // namespace godwit
