// What are edges called where nobody named them, and what follows from a name? The same in real
// edges and in a simulation, so that both select and train alike.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit {

/// "edge-01" is the first of ten: counted from one, padded to the digits of `count`, at least two.
inline std::string edge_name(std::uint32_t index, std::uint32_t count) {
  auto digits = std::to_string(index + 1);
  const auto width = std::max<std::size_t>(2, std::to_string(count).size());
  if (digits.size() < width)
    digits.insert(0, width - digits.size(), '0');
  digits.insert(0, "edge-");
  return digits;
}

/// Which of its examples an edge keeps aside (see split_held_out): each edge others, the same ones
/// at each start.
inline std::uint64_t held_out_seed(std::string_view edge) noexcept {
  std::uint64_t seed = 0;
  for (const char c : edge)
    seed = seed * 131 + static_cast<unsigned char>(c);
  return seed;
}

} // namespace godwit
