// Which keys does Paillier's scheme have, and when is one refused?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <botan/bigint.h>

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit::paillier {

struct parameters {
  sum_set id{};
  std::size_t bits = 0;       ///< of n
  std::size_t slot_count = 0; ///< slot_count * slot_bits < bits
};

inline constexpr unsigned slot_bits = 26;
inline constexpr std::array<parameters, 2> sets{{
    {.id = sum_set::paillier2048, .bits = 2048, .slot_count = 78},
    {.id = sum_set::paillier3072, .bits = 3072, .slot_count = 118},
}};

const parameters* find_set(sum_set id) noexcept;

/// The total weight up to which sums of values of so many bits stay in their slots.
std::uint64_t level_max(std::uint8_t value_bits);

/// Words of 64 bits in a number below n^2.
inline std::size_t words_of(const parameters& set) {
  return 2 * set.bits / 64;
}

/// Numbers as words, the lowest first; words as octets, little endian.
Botan::BigInt number_of(const std::uint64_t* words, std::size_t count);
void write_words(const Botan::BigInt& number, std::uint64_t* words, std::size_t count);
void write_octets(std::span<const std::uint64_t> words, std::byte* to);
std::vector<std::uint64_t> words_from(bytes_view octets);

struct public_key {
  const parameters* set = nullptr;
  Botan::BigInt n, n_squared;
  sha256_digest id{}; ///< of its frame
};

struct secret_key {
  public_key open;
  Botan::BigInt p, q, p_squared, q_squared;
  Botan::BigInt scale_p, scale_q; ///< -1 / q mod p, -1 / p mod q
  Botan::BigInt p_inverse;        ///< 1 / p mod q
};

/// From a seed of 32 bytes: two primes of Botan's search with its ChaCha generator, p || q as the
/// key for decryption.
sum_keys draw_keys(const parameters& set, const secret& seed);

/// Refuses bad_key for an n of another length, an even one, or one with a factor below 2^16; that
/// n is a product of two large primes cannot be seen from n.
sum_result<public_key> read_public_key(const parameters& set, bytes_view key);

/// Refuses bad_key unless p and q are different primes (chance of error 2^-64) whose product has
/// the right length, and n has no factor in common with (p - 1)(q - 1).
sum_result<secret_key> read_secret_key(const parameters& set, const secret& key);

/// The plaintext of c in [1, n^2), by its two halves (Paillier 1999, section 7).
Botan::BigInt decrypt_number(const secret_key& key, const Botan::BigInt& c);

} // namespace godwit::paillier
