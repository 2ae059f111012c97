// What is the weight of a whole number in a distribution on the integers, to any precision?
#pragma once

#include <cstddef>
#include <cstdint>

#include <botan/bigint.h>

#include "noise/law.hpp"

namespace godwit::noise {

/// t of weight(x) = exp(-t), as a fraction: x^2 / (2 sigma^2) (Canonne, Kamath & Steinke 2020,
/// definition 1), or |x| / b (what their algorithm 2 draws). A double is a fraction with no error.
struct fraction {
  Botan::BigInt numerator;
  Botan::BigInt denominator;
};
fraction exponent_of(const law&, std::uint64_t x);

/// floor(factor 2^bits weight(x)), exactly: precision is added until it is beyond doubt. weight(0)
/// is 1, and no other is a fraction, so that happens (Lindemann). The weight is at least exp(-512).
Botan::BigInt floor_of_weight(const law&, std::uint64_t x, const Botan::BigInt& factor,
                              std::size_t bits);

} // namespace godwit::noise
