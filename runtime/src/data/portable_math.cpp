// Which logarithm and exponential give the same bits with every C library?
#include "data/portable_math.hpp"

#include <bit>
#include <cstdint>
#include <limits>

namespace godwit {

namespace {

constexpr double sqrt_half = 0.70710678118654752440;
// ln 2 in two parts: the first has 32 trailing zero bits, so small integers times it are exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;
constexpr double one_over_ln2 = 1.44269504088896340736;
constexpr std::uint64_t mantissa_mask = 0x000FFFFFFFFFFFFF;
constexpr std::uint64_t exponent_of_one = 1023;

} // namespace

double portable_log(double x) noexcept {
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| <=
  // 0.172.
  const auto pattern = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<std::int64_t>(pattern >> 52) - 1022;
  auto mantissa = std::bit_cast<double>((pattern & mantissa_mask) | ((exponent_of_one - 1) << 52));
  if (mantissa < sqrt_half) {
    mantissa += mantissa;
    --exponent;
  }
  const double s = (mantissa - 1.0) / (mantissa + 1.0);
  const double square = s * s;
  double series = 0.0;
  for (int k = 23; k >= 3; k -= 2)
    series = (series + 1.0 / k) * square;
  const auto power = static_cast<double>(exponent);
  return power * ln2_high + (2.0 * s + (2.0 * s * series + power * ln2_low));
}

double portable_exp(double x) noexcept {
  if (x < -708.0)
    return 0.0;
  if (x > 709.0)
    return std::numeric_limits<double>::infinity();
  // x = k ln 2 + r with |r| <= 0.3466; e^r by its Taylor series, whose 14th term is below 2^-57.
  const double scaled = x * one_over_ln2;
  const auto k = static_cast<std::int64_t>(scaled + (scaled < 0.0 ? -0.5 : 0.5));
  const auto power = static_cast<double>(k);
  const double r = (x - power * ln2_high) - power * ln2_low;
  double series = 1.0;
  for (int n = 14; n >= 1; --n)
    series = 1.0 + r * series / n;
  const auto scale = static_cast<std::uint64_t>(k + 1023) << 52;
  return series * std::bit_cast<double>(scale);
}

} // namespace godwit
