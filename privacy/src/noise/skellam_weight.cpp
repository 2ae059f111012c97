#include "noise/skellam_weight.hpp"

#include <cmath>

#include <godwit/messages/check.hpp>

namespace godwit::noise {

namespace {

using Botan::BigInt;

/// Power series in y up to y^exponent_terms.
using series = std::array<double, exponent_terms + 1>;

/// (1 + y)^power.
series binomial(double power) {
  series made{1};
  for (std::size_t i = 1; i < made.size(); ++i)
    made[i] = made[i - 1] * (power - static_cast<double>(i) + 1) / static_cast<double>(i);
  return made;
}

/// log of a series that begins with 1 + ...: n l_n = n s_n - sum over k < n of k l_k s_(n-k).
series logarithm(const series& s) {
  series made{};
  for (std::size_t n = 1; n < made.size(); ++n) {
    double sum = static_cast<double>(n) * s[n];
    for (std::size_t k = 1; k < n; ++k)
      sum -= static_cast<double>(k) * made[k] * s[n - k];
    made[n] = sum / static_cast<double>(n);
  }
  return made;
}

/// U_k(p) / x^k of DLMF 10.41.10 for k = 1 .. 4 as polynomials in p^2 over R^k: p = x / R, R^2 =
/// x^2
/// + m^2.
constexpr double debye[4][5] = {
    {3.0 / 24, -5.0 / 24, 0, 0, 0},
    {81.0 / 1152, -462.0 / 1152, 385.0 / 1152, 0, 0},
    {30375.0 / 414720, -369603.0 / 414720, 765765.0 / 414720, -425425.0 / 414720, 0},
    {4465125.0 / 39813120, -94121676.0 / 39813120, 349922430.0 / 39813120, -446185740.0 / 39813120,
     185910725.0 / 39813120},
};

} // namespace

std::uint64_t skellam_reach(double deviation, double bits) {
  const double mean_square = deviation * deviation;
  double log2_weight = 0;
  for (std::uint64_t k = 0;; ++k) {
    const double a = 2 * (static_cast<double>(k) + 1) / mean_square;
    const double next = 2 * (static_cast<double>(k) + 2) / mean_square;
    log2_weight -= std::log2(a + (std::sqrt(next * next + 4) - next) / 2);
    if (log2_weight < -bits - 1)
      return k + 1;
  }
}

std::vector<BigInt> skellam_weights(double deviation, std::uint64_t last, std::size_t precision) {
  // What is wrong at the start is in ratio k with (weight(start) / weight(k))^2 of it: start where
  // that, times the ratios' number, is below 2^-precision for all weights of 2^-128 and more.
  const auto start = skellam_reach(deviation, static_cast<double>(precision) / 2 + 64 + 16) + last;
  GODWIT_CHECK(start < (1U << 20), "a Skellam law that is too wide");
  int exponent = 0;
  const double mantissa = std::frexp(deviation, &exponent);
  const BigInt digits(static_cast<std::uint64_t>(std::ldexp(mantissa, 53)));
  const int shift = 2 * (53 - exponent) + 1; // 2 / m = 2^shift / digits^2
  BigInt slope(1);
  slope <<= static_cast<std::size_t>(static_cast<int>(precision) + 32 + shift);
  slope /= digits * digits;
  BigInt square(1);
  square <<= 2 * precision;
  std::vector<BigInt> ratios(last);
  BigInt ratio(0);
  for (std::uint64_t k = start; k-- > 0;) {
    ratio = square / (((slope * BigInt(k + 1)) >> 32) + ratio);
    if (k < last)
      ratios[k] = ratio;
  }
  // Each ratio is off by 2 units more than the one behind it, at most 2^21; each weight by a
  // ratio's and one unit more than the one before it: 2^42 in all.
  std::vector<BigInt> weights;
  weights.reserve(last + 1);
  BigInt weight(1);
  weight <<= precision;
  weights.push_back(weight);
  for (const auto& next : ratios)
    weights.push_back(weight = (weight * next) >> precision);
  return weights;
}

std::array<double, exponent_terms> skellam_exponent(double deviation, unsigned shift) {
  const double m = deviation * deviation;
  series log_corrections{1}; // 1 + sum of U_k / x^k, y = (x / m)^2
  for (std::size_t k = 1; k <= 4; ++k)
    for (std::size_t i = 0; i < 5; ++i) {
      // p^(2i) / R^k = y^i (1 + y)^(-i - k/2) / m^k
      const auto power = binomial(-static_cast<double>(i) - static_cast<double>(k) / 2);
      for (std::size_t n = i; n < log_corrections.size(); ++n)
        log_corrections[n] += debye[k - 1][i] * power[n - i] / std::pow(m, static_cast<double>(k));
    }
  const double constant = log_corrections[0]; // of I_0, which divides
  for (auto& one : log_corrections)
    one /= constant;
  log_corrections = logarithm(log_corrections);
  std::array<double, exponent_terms> made{};
  double central = 1; // C(2n, n) / 4^n
  for (std::size_t n = 0; n < made.size(); ++n) {
    const double sign = n % 2 == 0 ? 1 : -1;
    const auto order = static_cast<double>(n + 1);
    // m (v asinh v - sqrt(1 + v^2) + 1), whose derivative is m asinh v; and log(1 + v^2) / 4.
    const double main = sign * central / ((2 * order - 1) * 2 * order);
    const double coefficient = m * main + sign / (4 * order) - log_corrections[n + 1];
    made[n] = coefficient * std::pow(std::ldexp(1 / m, static_cast<int>(shift)), 2 * order);
    central *= (2 * order - 1) / (2 * order);
  }
  return made;
}

} // namespace godwit::noise
