#include <godwit/messages/bytes.hpp>
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
  volatile std::byte* p = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i)
    p[i] = std::byte{0};
}

} // namespace godwit
