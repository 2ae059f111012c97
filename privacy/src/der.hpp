// How is DER taken apart (X.690 sections 8.1 and 10.1)?
#pragma once

#include <cstdint>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// The tags of the elements that a certificate is made of.
namespace der_tag {
constexpr std::uint8_t boolean = 0x01;
constexpr std::uint8_t integer = 0x02;
constexpr std::uint8_t bit_string = 0x03;
constexpr std::uint8_t octet_string = 0x04;
constexpr std::uint8_t object_identifier = 0x06;
constexpr std::uint8_t sequence = 0x30;
/// Context-specific; a constructed one holds further elements.
constexpr std::uint8_t context(std::uint8_t number) {
  return static_cast<std::uint8_t>(0x80 + number);
}
constexpr std::uint8_t constructed_context(std::uint8_t number) {
  return static_cast<std::uint8_t>(0xA0 + number);
}
} // namespace der_tag

/// Takes one element after the other from a list of them. There is one way only to write a length:
/// BER's others are malformed here, as are tags of more than one byte. It is enough to ask at the
/// end, by is_finished(), whether all was well: what is malformed is taken as empty. Keeps a view
/// of what it reads, as does what it gives out.
class der_reader {
public:
  explicit der_reader(bytes_view elements) noexcept : left_(elements) {}

  /// Of the element that would be taken next; 0, which is nobody's, where there is none.
  std::uint8_t next_tag() const noexcept;

  /// The next element's content. Malformed where it has another tag, or where there is none.
  bytes_view take(std::uint8_t tag) noexcept;

  /// The same with tag and length before it: what a signature is of.
  bytes_view take_whole(std::uint8_t tag) noexcept;

  /// The same where the next element has this tag; else nothing is taken and the content is empty.
  bytes_view take_if(std::uint8_t tag) noexcept;

  /// Whether everything was well-formed so far and everything has been taken.
  bool is_finished() const noexcept { return !is_malformed_ && left_.empty(); }

private:
  bytes_view fail() noexcept;

  bytes_view left_;
  bool is_malformed_ = false;
};

} // namespace godwit
