// How do bytes become base64url text, and which texts are refused on the way back?
#include <godwit/privacy/base64url.hpp>

#include <array>
#include <cstdint>

namespace godwit {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t foreign = 0xFF;

constexpr std::array<std::uint8_t, 256> invert_alphabet() {
  std::array<std::uint8_t, 256> value_of{};
  value_of.fill(foreign);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    value_of[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return value_of;
}

constexpr auto values = invert_alphabet();

} // namespace

std::string base64url_encode(bytes_view content) {
  std::string text;
  text.reserve((content.size() * 4 + 2) / 3);
  std::uint32_t held = 0; // its lowest `held_bits` bits are not written yet
  unsigned held_bits = 0;
  for (auto octet : content) {
    held = held << 8 | std::to_integer<std::uint32_t>(octet);
    held_bits += 8;
    while (held_bits >= 6) {
      held_bits -= 6;
      text += alphabet[held >> held_bits & 63];
    }
  }
  if (held_bits > 0)
    text += alphabet[held << (6 - held_bits) & 63];
  return text;
}

std::optional<bytes> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1)
    return std::nullopt; // six bits are no byte
  bytes content;
  content.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (char character : text) {
    const auto value = values[static_cast<unsigned char>(character)];
    if (value == foreign)
      return std::nullopt;
    held = held << 6 | value;
    held_bits += 6;
    if (held_bits >= 8) {
      held_bits -= 8;
      content.push_back(static_cast<std::byte>(held >> held_bits & 0xFF));
    }
  }
  if ((held & ((1U << held_bits) - 1)) != 0)
    return std::nullopt; // other texts would decode to the same bytes
  return content;
}

} // namespace godwit
