#include "noise/exact_weight.hpp"

#include <cmath>
#include <limits>

#include <godwit/messages/check.hpp>

#include "noise/skellam_weight.hpp"

namespace godwit::noise {

namespace {

using Botan::BigInt;

constexpr std::size_t halvings = 18;   ///< 512 / 2^18 < 2^-8
constexpr std::size_t guard_bits = 64; ///< what is lost is below 2^48 units of the last place

/// exp(-t) 2^precision, off by less than 2^32, for 0 < t < 512.
BigInt exponential(const fraction& t, std::size_t precision) {
  // Each line below is off by at most a unit or two; at most `precision` lines are added up, and
  // each squaring doubles what is lost: 2^18 (2 precision + 4) in all.
  const BigInt small =
      (t.numerator << precision) / (t.denominator << halvings); // t / 2^halvings, below 2^-9
  BigInt sum(0), term(1);
  term <<= precision;
  for (std::size_t i = 1; !term.is_zero(); ++i) {
    if (i % 2 == 1)
      sum += term;
    else
      sum -= term;
    term = ((term * small) >> precision) / BigInt(i);
  }
  for (std::size_t i = 0; i < halvings; ++i)
    sum = (sum * sum) >> precision;
  return sum;
}

} // namespace

fraction exponent_of(const law& l, std::uint64_t x) {
  int exponent = 0;
  const double mantissa = std::frexp(l.scale, &exponent);
  BigInt scale(static_cast<std::uint64_t>(std::ldexp(mantissa, 53)));
  int shift = exponent - 53; // scale 2^shift is the parameter
  fraction t{BigInt(x), scale};
  if (l.kind == noise_kind::discrete_gaussian) {
    t = {BigInt(x) * BigInt(x), scale * scale};
    shift = 2 * shift + 1;
  }
  if (shift >= 0)
    t.denominator <<= static_cast<std::size_t>(shift);
  else
    t.numerator <<= static_cast<std::size_t>(-shift);
  return t;
}

std::optional<BigInt> floor_within(const BigInt& factor, const BigInt& middle, const BigInt& off,
                                   std::size_t shift) {
  const BigInt below = middle > off ? (factor * (middle - off)) >> shift : BigInt(0);
  const BigInt above = (factor * (middle + off)) >> shift;
  if (below == above)
    return below;
  return {};
}

BigInt floor_of_weight(const law& l, std::uint64_t x, const BigInt& factor, std::size_t bits) {
  if (x == 0)
    return factor << bits;
  const bool is_skellam = l.kind == noise_kind::skellam;
  fraction t;
  if (!is_skellam) {
    t = exponent_of(l, x);
    GODWIT_CHECK(t.numerator < (t.denominator << 9), "a weight below exp(-512)");
  }
  for (std::size_t extra = factor.bits() + guard_bits;; extra += guard_bits) {
    const auto middle = is_skellam ? skellam_weights(l.scale, x, bits + extra).back()
                                   : exponential(t, bits + extra);
    if (const auto found = floor_within(factor, middle, BigInt(1) << skellam_off_bits, extra))
      return *found;
  }
}

} // namespace godwit::noise
