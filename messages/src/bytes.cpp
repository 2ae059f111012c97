#include <godwit/messages/bytes.hpp>

#include <string.h>

#include <godwit/messages/secret.hpp>

namespace godwit {

std::string hex(bytes_view content) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(content.size() * 2);
  for (auto b : content) {
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

void wipe(std::span<std::byte> memory) noexcept {
  if (!memory.empty())
    ::explicit_bzero(memory.data(), memory.size());
}

} // namespace godwit
