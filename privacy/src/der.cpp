#include "der.hpp"

#include <cstddef>

namespace godwit {
namespace {

constexpr std::uint8_t long_tag = 0x1F; // these bits say that more bytes of the tag follow
constexpr std::size_t short_length_max = 0x7F;
constexpr std::size_t length_byte_count_max = 4; // a certificate is far shorter

std::uint8_t octet(bytes_view from, std::size_t index) noexcept {
  return std::to_integer<std::uint8_t>(from[index]);
}

} // namespace

std::uint8_t der_reader::next_tag() const noexcept {
  return left_.empty() ? 0 : octet(left_, 0);
}

bytes_view der_reader::take(std::uint8_t tag) noexcept {
  if (left_.size() < 2 || tag == 0 || next_tag() != tag || (tag & long_tag) == long_tag)
    return fail();
  std::size_t length = octet(left_, 1);
  std::size_t begin = 2;
  if (length > short_length_max) {
    const std::size_t count = length & short_length_max;
    if (count == 0 || count > length_byte_count_max || left_.size() < begin + count)
      return fail();
    length = 0;
    for (std::size_t i = 0; i < count; ++i)
      length = length << 8 | octet(left_, begin + i);
    if (length <= short_length_max || length >> (8 * (count - 1)) == 0)
      return fail(); // could have been written in fewer bytes
    begin += count;
  }
  if (length > left_.size() - begin)
    return fail();
  const auto content = left_.subspan(begin, length);
  left_ = left_.subspan(begin + length);
  return content;
}

bytes_view der_reader::take_whole(std::uint8_t tag) noexcept {
  const auto before = left_;
  take(tag);
  return is_malformed_ ? bytes_view{} : before.first(before.size() - left_.size());
}

bytes_view der_reader::take_if(std::uint8_t tag) noexcept {
  return next_tag() == tag ? take(tag) : bytes_view{};
}

bytes_view der_reader::fail() noexcept {
  is_malformed_ = true;
  left_ = {};
  return {};
}

} // namespace godwit
