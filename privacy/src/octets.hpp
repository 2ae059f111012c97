// How are our bytes handed to Botan, which speaks of uint8_t?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <godwit/messages/bytes.hpp>

namespace godwit {

inline const std::uint8_t* octets(bytes_view content) noexcept {
  return reinterpret_cast<const std::uint8_t*>(content.data());
}

inline std::uint8_t* writable_octets(std::span<std::byte> memory) noexcept {
  return reinterpret_cast<std::uint8_t*>(memory.data());
}

} // namespace godwit
