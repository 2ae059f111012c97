// The kernel in plain C++, for every processor and as the one that the others are compared with.
#include "kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace godwit::fixed_point {

namespace {

constexpr double scale = static_cast<double>(std::uint32_t{1} << fraction_bits);

// Adding 1.5 * 2^52 to a double of magnitude below 2^51 rounds it to an integer (to nearest even)
// and leaves that integer, in two's complement, in the low bits.
constexpr double rounding_shift = 6755399441055744.0;

// Without a branch, so that compilers turn the loop into vector instructions: the bits of an unfit
// value are replaced by those of zero. As an integer, a finite |value| < 128 is one whose bits
// without the sign are less than those of 128; infinities and NaNs have greater ones.
bool add_one(std::uint64_t* words, std::size_t word_count, const part& added) {
  constexpr auto bound = std::bit_cast<std::uint32_t>(value_bound);
  std::uint32_t all_fit = ~std::uint32_t{0};
  for (std::size_t i = 0; i < word_count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, added.values + i * sizeof bits, sizeof bits);
    const std::uint32_t fit = std::uint32_t{0} - ((bits & 0x7FFF'FFFFU) < bound ? 1U : 0U);
    const double value = std::bit_cast<float>(bits & fit);
    const auto integer =
        static_cast<std::int32_t>(std::bit_cast<std::uint64_t>(value * scale + rounding_shift));
    words[i] += static_cast<std::uint64_t>(integer * added.weight);
    all_fit &= fit;
  }
  return all_fit != ~std::uint32_t{0};
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
