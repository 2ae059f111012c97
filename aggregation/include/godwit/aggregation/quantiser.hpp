// How do values become small integers that can be summed under masks, and how does their sum become
// a mean again? (privacy/SECURE_SUM.md, section 2.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <godwit/aggregation/lane_kernel.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// The values of one stream: each is clipped to low ..= high and stands as an integer of `bits`
/// bits, 0 for low and 2^bits - 1 for high.
struct value_grid {
  double low = 0;
  double high = 0;
  std::uint8_t bits = 0;
  friend bool operator==(const value_grid&, const value_grid&) = default;
};

inline constexpr std::uint8_t grid_bits_max = 24;

/// Bytes of the rounding stream that each value takes.
inline constexpr std::size_t rounding_bytes_each = 3;

/// Whether the grid is one: bits in 1 ..= grid_bits_max, low and high finite, and high - low and
/// (2^bits - 1) 2^24 / (high - low), both as double, finite and greater than zero.
bool is_valid(const value_grid& grid) noexcept;

/// entries[i] = weight * q_i, q_i = floor((Y_i + word_i) / 2^24): values[i] rounded to the grid, up
/// or down by chance so that the mean is right. In double arithmetic, each operation rounded to
/// nearest even: scale = ((2^bits - 1) 2^24) / (high - low); Y_i is the integer nearest (of two,
/// the even one) to (min(max(values[i], low), high) - low) * scale; word_i = the bytes 3 i ..< 3 i
/// + 3 of `rounding`, little endian. So low always becomes 0 and high 2^bits - 1, and Y_i + word_i
/// is exact; the bits are the same on every machine and for every kernel.
///
/// `entries` has as many elements as `values`, `rounding` rounding_bytes_each times as many: fresh
/// random bytes that nobody else sees. The grid is valid, weight is 1 or more, and
/// weight * (2^bits - 1) fits an entry. Refuses value_not_finite (a NaN or infinity anywhere); what
/// is in `entries` then is of no use.
result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint16_t> entries,
                      lane_kernel kernel = best_lane_kernel());
result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint32_t> entries,
                      lane_kernel kernel = best_lane_kernel());
result<done> quantise(std::span<const float> values, const value_grid& grid, std::uint32_t weight,
                      bytes_view rounding, std::span<std::uint64_t> entries,
                      lane_kernel kernel = best_lane_kernel());

/// The weighted mean of a sum of entries: with S_i = sums[i] mod 2^modulus_bits,
/// means[i] = float(low + S_i * ((high - low) / (weight * (2^bits - 1)))) in double arithmetic,
/// each operation (S_i and the product with the weight too, where they are 2^53 or more) rounded to
/// nearest even. `weight` is the sum of the weights, 1 or more, and weight * (2^bits - 1) < 2^63;
/// modulus_bits is 1 ..= the bits of a lane. Answers how many S_i are greater than
/// weight * (2^bits - 1): none, unless somebody cheated or a sum is not what it should be.
std::size_t mean_of_sums(std::span<const std::uint16_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means);
std::size_t mean_of_sums(std::span<const std::uint32_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means);
std::size_t mean_of_sums(std::span<const std::uint64_t> sums, unsigned modulus_bits,
                         std::uint64_t weight, const value_grid& grid, std::span<float> means);

} // namespace godwit
