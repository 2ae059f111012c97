// What is exp(-t), and where t is a polynomial, in floating point and in constant time?
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#define GODWIT_INLINE __attribute__((always_inline)) inline

namespace godwit::noise {

/// exp(-t) for 0 <= t < 700, off by less than 2^-50 of it: t = n ln 2 - q, |q| <= ln(2) / 2, and 14
/// terms of the series for exp(q).
GODWIT_INLINE double exponential(double t) {
  constexpr double shifter = 0x1.8p52; // what is added to it is rounded to a whole number
  constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  const double shifted = t * 0x1.71547652b82fep0 + shifter;
  const double n = shifted - shifter;
  const double q = n * ln2_low - (t - n * ln2_high);
  double sum = 1.0 / 6227020800.0;
  sum = sum * q + 1.0 / 479001600.0;
  sum = sum * q + 1.0 / 39916800.0;
  sum = sum * q + 1.0 / 3628800.0;
  sum = sum * q + 1.0 / 362880.0;
  sum = sum * q + 1.0 / 40320.0;
  sum = sum * q + 1.0 / 5040.0;
  sum = sum * q + 1.0 / 720.0;
  sum = sum * q + 1.0 / 120.0;
  sum = sum * q + 1.0 / 24.0;
  sum = sum * q + 1.0 / 6.0;
  sum = sum * q + 0.5;
  sum = sum * q + 1.0;
  sum = sum * q + 1.0;
  const auto exponent = 1023 - std::bit_cast<std::uint64_t>(shifted); // only its low bits stay
  return sum * std::bit_cast<double>(exponent << 52);
}

inline constexpr std::size_t exponent_terms = 16;

/// coefficients[0] z + coefficients[1] z^2 + ...
GODWIT_INLINE double exponent_at(std::span<const double, exponent_terms> coefficients, double z) {
  double sum = coefficients[exponent_terms - 1];
  for (std::size_t i = exponent_terms - 1; i-- > 0;)
    sum = sum * z + coefficients[i];
  return sum * z;
}

} // namespace godwit::noise
