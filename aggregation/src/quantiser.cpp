// How do values become integers for a masked sum, and the sum a mean? Kernels for processors that
// have them; plain C++ with the same bits for the rest.
#include <godwit/aggregation/quantiser.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <godwit/messages/check.hpp>

#include "lanes.hpp"

namespace godwit {

namespace {

std::uint64_t integer_max_of(const value_grid& grid) {
  return (std::uint64_t{1} << grid.bits) - 1;
}

/// The scale of 2^24 steps each, which is what three random bytes can tell apart.
double scale_of(const value_grid& grid) {
  return static_cast<double>(integer_max_of(grid) << 24) / (grid.high - grid.low);
}

std::uint64_t rounding_word(const std::byte* at) {
  return std::to_integer<std::uint64_t>(at[0]) | std::to_integer<std::uint64_t>(at[1]) << 8 |
         std::to_integer<std::uint64_t>(at[2]) << 16;
}

template <class Lane>
bool quantise_portable(const float* values, std::size_t count, const lanes::scaled_grid& grid,
                       std::uint32_t weight, const std::byte* rounding, Lane* entries) {
  constexpr std::uint32_t infinity = 0x7f800000; // its bits are every exponent's
  std::uint32_t greatest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    greatest = std::max(greatest, std::bit_cast<std::uint32_t>(values[i]) & infinity);
    const double raised = std::max(static_cast<double>(values[i]), grid.low);
    const double z = (std::min(raised, grid.high) - grid.low) * grid.scale;
    const auto steps = std::bit_cast<std::uint64_t>(z + lanes::integer_bias) ^
                       std::bit_cast<std::uint64_t>(lanes::integer_bias);
    const std::uint64_t q = (steps + rounding_word(rounding + i * rounding_bytes_each)) >> 24;
    entries[i] = static_cast<Lane>(weight * q);
  }
  return greatest < infinity;
}

template <class Lane>
result<done> quantise_to(std::span<const float> values, const value_grid& grid,
                         std::uint32_t weight, bytes_view rounding, std::span<Lane> entries,
                         lane_kernel kernel) {
  GODWIT_CHECK(is_available(kernel), "instructions that this processor lacks");
  GODWIT_CHECK(is_valid(grid), "a grid without steps");
  GODWIT_CHECK(entries.size() == values.size(), "each value has one entry");
  GODWIT_CHECK(rounding.size() == values.size() * rounding_bytes_each,
               "each value takes three random bytes");
  GODWIT_CHECK(weight >= 1 && weight * integer_max_of(grid) <= std::numeric_limits<Lane>::max(),
               "a weighted value must fit its entry");
  const lanes::scaled_grid scaled{grid.low, grid.high, scale_of(grid)};
  std::size_t whole = 0;
  bool is_finite = true;
#if defined(__x86_64__)
  if (kernel != lane_kernel::portable) {
    whole = values.size() - values.size() % lanes::block_count;
    const auto run =
        kernel == lane_kernel::avx512 ? lanes::quantise_avx512<Lane> : lanes::quantise_avx2<Lane>;
    is_finite = run(values.data(), whole, scaled, weight, rounding.data(), entries.data());
  }
#endif
  is_finite &=
      quantise_portable(values.data() + whole, values.size() - whole, scaled, weight,
                        rounding.data() + whole * rounding_bytes_each, entries.data() + whole);
  if (!is_finite)
    return refusal::value_not_finite;
  return done{};
}

template <class Lane>
std::size_t mean_to(std::span<const Lane> sums, unsigned modulus_bits, std::uint64_t weight,
                    const value_grid& grid, std::span<float> means) {
  GODWIT_CHECK(is_valid(grid), "a grid without steps");
  GODWIT_CHECK(means.size() == sums.size(), "each sum has one mean");
  GODWIT_CHECK(modulus_bits >= 1 && modulus_bits <= std::numeric_limits<Lane>::digits,
               "a modulus that lanes do not hold");
  const std::uint64_t each_max = integer_max_of(grid);
  GODWIT_CHECK(weight >= 1 && weight <= (std::uint64_t{1} << 63) / (each_max + 1),
               "a weight that no sum has");
  const std::uint64_t sum_max = weight * each_max;
  const double step = (grid.high - grid.low) / static_cast<double>(sum_max);
  const auto kept = static_cast<Lane>(std::numeric_limits<Lane>::max() >>
                                      (std::numeric_limits<Lane>::digits - modulus_bits));
  std::size_t violation_count = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::uint64_t sum = sums[i] & kept;
    violation_count += sum > sum_max;
    means[i] = static_cast<float>(grid.low + static_cast<double>(sum) * step);
  }
  return violation_count;
}

} // namespace

bool is_valid(const value_grid& grid) noexcept {
  if (grid.bits < 1 || grid.bits > grid_bits_max || !(grid.low < grid.high))
    return false;
  return std::isfinite(grid.high - grid.low) && std::isfinite(scale_of(grid)) && scale_of(grid) > 0;
}

result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint16_t> entries, lane_kernel kernel) {
  return quantise_to(values, grid, weight, rounding, entries, kernel);
}

result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint32_t> entries, lane_kernel kernel) {
  return quantise_to(values, grid, weight, rounding, entries, kernel);
}

result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint64_t> entries, lane_kernel kernel) {
  return quantise_to(values, grid, weight, rounding, entries, kernel);
}

std::size_t mean_of_sums(std::span<const std::uint16_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means) {
  return mean_to(sums, modulus_bits, weight, grid, means);
}

std::size_t mean_of_sums(std::span<const std::uint32_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means) {
  return mean_to(sums, modulus_bits, weight, grid, means);
}

std::size_t mean_of_sums(std::span<const std::uint64_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means) {
  return mean_to(sums, modulus_bits, weight, grid, means);
}

} // namespace godwit
