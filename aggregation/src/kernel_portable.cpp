// The kernel in plain C++, for every processor and as the one that the others are compared with.
#include "kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace godwit::fixed_point {

namespace {

constexpr double scale = static_cast<double>(std::uint32_t{1} << fraction_bits);

// Adding 1.5 * 2^52 to a double of magnitude below 2^51 rounds it to an integer (to nearest even)
// and leaves that integer, in two's complement, in the low bits.
constexpr double rounding_shift = 6755399441055744.0;

std::int64_t integer_of(float value) {
  const double shifted = static_cast<double>(value) * scale + rounding_shift;
  return static_cast<std::int32_t>(std::bit_cast<std::uint64_t>(shifted));
}

bool add_one(std::uint64_t* words, std::size_t word_count, const part& added) {
  std::uint32_t unfit = 0;
  for (std::size_t i = 0; i < word_count; ++i) {
    float value;
    std::memcpy(&value, added.values + i * sizeof(float), sizeof(float));
    const bool fit = std::fabs(value) < value_bound; // false for a NaN
    words[i] += static_cast<std::uint64_t>(integer_of(fit ? value : 0.0F) * added.weight);
    unfit |= static_cast<std::uint32_t>(!fit);
  }
  return unfit != 0;
}

} // namespace

std::uint32_t add_portable(std::uint64_t* words, std::size_t word_count,
                           std::span<const part> parts) {
  constexpr std::size_t stride = 2048; // words that stay in the first cache while all parts pass
  std::uint32_t unfit = 0;
  for (std::size_t first = 0; first < word_count; first += stride) {
    const std::size_t count = std::min(stride, word_count - first);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const part here{parts[i].values + first * sizeof(float), parts[i].weight};
      unfit |= static_cast<std::uint32_t>(add_one(words + first, count, here)) << i;
    }
  }
  return unfit;
}

} // namespace godwit::fixed_point
