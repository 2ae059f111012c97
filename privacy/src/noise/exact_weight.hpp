// What is the weight of a whole number in a distribution on the integers, to any precision?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <botan/bigint.h>

#include "noise/law.hpp"

namespace godwit::noise {

/// t of weight(x) = exp(-t) of the first two laws, as a fraction: x^2 / (2 sigma^2) (Canonne,
/// Kamath & Steinke 2020, definition 1), or |x| / b (what their algorithm 2 draws). A double is a
/// fraction with no error.
struct fraction {
  Botan::BigInt numerator;
  Botan::BigInt denominator;
};
fraction exponent_of(const law&, std::uint64_t x);

/// floor(factor 2^bits weight(x)), exactly: precision is added until it is beyond doubt. weight(0)
/// is 1, and no other is a fraction, so that happens (Lindemann; for Bessel functions Siegel 1929).
/// The weight is at least exp(-512).
Botan::BigInt floor_of_weight(const law&, std::uint64_t x, const Botan::BigInt& factor,
                              std::size_t bits);

/// floor(factor weight), where weight 2^shift is known to be within `off` of `middle`; none if that
/// does not tell.
std::optional<Botan::BigInt> floor_within(const Botan::BigInt& factor, const Botan::BigInt& middle,
                                          const Botan::BigInt& off, std::size_t shift);

} // namespace godwit::noise
