// Which rings, primes, slots and noise bounds do the three lattice sets have?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit::rlwe {

inline constexpr unsigned prime_bits = 50;
inline constexpr std::size_t prime_count_max = 4;
inline constexpr unsigned slot_count_max = 5;

/// A prime q and its smallest number that is not a square modulo q: raised to (q - 1) / 2N it is
/// the primitive 2N-th root of unity that the transform uses.
struct prime_modulus {
  std::uint64_t value = 0;
  std::uint64_t non_square = 0;
};

/// The four largest primes below 2^50 that are 1 modulo 2^14 (so 1 modulo 2N for N = 4096, 8192).
inline constexpr std::array<prime_modulus, prime_count_max> primes{{
    {.value = 0x3ffffffffc001, .non_square = 11},
    {.value = 0x3fffffffcc001, .non_square = 5},
    {.value = 0x3ffffffef4001, .non_square = 5},
    {.value = 0x3ffffffe94001, .non_square = 7},
}};

/// One parameter set. A coefficient holds `slot_count` slots of `slot_bits` bits above `scale_bits`
/// bits of room for noise: BFV's encoding with Delta = 2^scale_bits. Delta times the largest
/// plaintext is below q / 2. As no sum is let grow beyond its slot, nothing ever wraps modulo the
/// plaintext modulus, so Delta need not be floor(q / t), and decoding is a shift.
struct parameter_set {
  sum_set id{};
  std::size_t degree = 0; ///< N of Z[X]/(X^N + 1)
  std::size_t prime_count = 0;
  unsigned slot_count = 0;
  unsigned slot_bits = 0;
  unsigned scale_bits = 0;
  unsigned error_words = 0;      ///< errors are centred binomial with 21 + 21 coins for each word
  std::size_t polynomials = 0;   ///< in a ciphertext's block: 2, or 1 where a is from the context
  std::uint16_t parties_max = 0; ///< who decrypt together
};

inline constexpr unsigned coins = 21; ///< largest value of an error made of one word

/// 2 x 50 bits at N = 4096, 4 x 50 at N = 8192: below the 109 and 218 bits that the homomorphic
/// encryption standard (2018, table 1, ternary secret, 128 bits classical) allows.
inline constexpr std::array<parameter_set, 3> sets{{
    {.id = sum_set::rl4096a,
     .degree = 4096,
     .prime_count = 2,
     .slot_count = 3,
     .slot_bits = 23,
     .scale_bits = 30,
     .error_words = 1,
     .polynomials = 2,
     .parties_max = 1},
    {.id = sum_set::rk4096a,
     .degree = 4096,
     .prime_count = 2,
     .slot_count = 3,
     .slot_bits = 27,
     .scale_bits = 18,
     .error_words = 2,
     .polynomials = 1,
     .parties_max = 1},
    {.id = sum_set::rt8192a,
     .degree = 8192,
     .prime_count = 4,
     .slot_count = 5,
     .slot_bits = 27,
     .scale_bits = 64,
     .error_words = 1,
     .polynomials = 2,
     .parties_max = 32},
}};

const parameter_set* find_set(sum_set id) noexcept;

inline std::size_t values_in_block(const parameter_set& set) {
  return set.degree * set.slot_count;
}
inline std::size_t words_in_polynomial(const parameter_set& set) {
  return set.degree * set.prime_count;
}

/// The largest absolute value that the noise of one fresh ciphertext can have, for certain:
/// e u + e1 + e2 s, of which e, e1, e2 are errors (e the sum of the parties'), u and s ternary (s
/// the sum of the parties'); e alone for the key-additive set.
std::uint64_t noise_of_one(const parameter_set& set, std::uint16_t parties);

/// How wide a party floods its decryption share: uniform in [-2^b, 2^b), so that b is at least 40
/// bits more than 10.3 standard deviations of the noise of a sum of that level. Empty where that
/// many parties would flood the sum itself. Only for rt8192a.
std::optional<unsigned> flood_bits(const parameter_set& set, std::uint64_t level,
                                   std::uint16_t parties);

/// The largest noise of an opened sum: that of its parts and of the floods.
std::uint64_t noise_bound(const parameter_set& set, std::uint64_t level, std::uint16_t parties);

/// The largest level whose noise_bound is below Delta / 2; 0 if there is none.
std::uint64_t level_by_noise_max(const parameter_set& set, std::uint16_t parties);

/// The same, with sums that stay in their slots.
std::uint64_t level_max(const parameter_set& set, std::uint8_t value_bits, std::uint16_t parties);

} // namespace godwit::rlwe
