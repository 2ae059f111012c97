// Which bytes are a journal's head and a record's fields?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/checksum.hpp>

namespace godwit {

/// What a journal begins with, in any version. Little endian, as all that follows.
struct journal_head {
  static constexpr std::uint16_t schema_now = 1;
  char magic[8] = {'g', 'o', 'd', 'w', 'i', 't', '\n', '\0'};
  std::uint16_t kind = 2; ///< a checkpoint is 1
  std::uint16_t schema = schema_now;
  std::uint32_t reserved = 0;
  std::uint64_t first_number = 1; ///< of the first record; another one after each restart
  std::uint64_t sum = 0;          ///< over the bytes before
};
static_assert(sizeof(journal_head) == 32);

/// What a record begins with; its head and its body follow.
struct record_fields {
  static constexpr std::uint32_t magic_word = 0x9c4a1ef3; // no text, and no small number
  std::uint32_t magic = magic_word;
  std::uint32_t head_bytes = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t number = 0;       ///< one more than the record's before
  std::uint64_t group_number = 0; ///< the number of the first record of its group
  std::uint64_t content_sum = 0;  ///< over head and body
  std::uint64_t sum = 0;          ///< over the bytes before
};
static_assert(sizeof(record_fields) == 48);

/// The bytes of one of the two.
template <class Fields>
bytes_view raw(const Fields& fields) {
  return std::as_bytes(std::span(&fields, 1));
}

template <class Fields>
std::uint64_t sum_of(const Fields& fields) {
  return checksum().add(raw(fields).first(sizeof fields - sizeof fields.sum)).value();
}

} // namespace godwit
