// How are numbers multiplied modulo a prime below 2^50 without a division and without a branch?
//
// Shoup's trick: for a fixed factor w the quotient floor(w 2^64 / q) is known beforehand, so that
// x w mod q is two multiplications and a subtraction, up to one q too many.
#pragma once

#include <cstdint>

namespace godwit::rlwe {

__extension__ using u128 = unsigned __int128;

inline std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((u128{a} * b) >> 64);
}

/// x or x - q, whichever is not negative; for x < 2q < 2^63.
inline std::uint64_t reduce_once(std::uint64_t x, std::uint64_t q) {
  const std::uint64_t less = x - q;
  return less + (q & (0 - (less >> 63))); // of std::min compilers make a branch in places
}

/// x w mod q in [0, 2q) for any x; `quotient` = floor(w 2^64 / q).
inline std::uint64_t multiply_lazily(std::uint64_t x, std::uint64_t w, std::uint64_t quotient,
                                     std::uint64_t q) {
  return x * w - high_product(x, quotient) * q;
}

/// The same in [0, q).
inline std::uint64_t multiply(std::uint64_t x, std::uint64_t w, std::uint64_t quotient,
                              std::uint64_t q) {
  return reduce_once(multiply_lazily(x, w, quotient, q), q);
}

/// floor(w 2^64 / q) for w < q, in two steps of 32 bits; `step` = floor(2^96 / q). Takes the same
/// time for all w.
inline std::uint64_t quotient_of(std::uint64_t w, std::uint64_t step, std::uint64_t q) {
  std::uint64_t quotient = 0;
  for (int half = 0; half < 2; ++half) {
    std::uint64_t part = high_product(w, step);
    w = (w << 32) - part * q;
    const std::uint64_t over = w - q;
    const std::uint64_t is_over = (over >> 63) ^ 1;
    part += is_over;
    w = reduce_once(w, q);
    quotient = (quotient << 32) + part;
  }
  return quotient;
}

/// For public numbers, when tables are made.
inline std::uint64_t slow_multiply(std::uint64_t a, std::uint64_t b, std::uint64_t q) {
  return static_cast<std::uint64_t>(u128{a} * b % q);
}

inline std::uint64_t slow_power(std::uint64_t base, std::uint64_t exponent, std::uint64_t q) {
  std::uint64_t power = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0)
      power = slow_multiply(power, base, q);
    base = slow_multiply(base, base, q);
  }
  return power;
}

} // namespace godwit::rlwe
