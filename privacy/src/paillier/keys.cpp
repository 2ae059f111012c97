#include "paillier/keys.hpp"

#include <algorithm>
#include <utility>

#include <botan/chacha_rng.h>
#include <botan/numthry.h>

#include "octets.hpp"
#include "rlwe/stream.hpp"
#include "sum_frame.hpp"
#include "system_random.hpp"

namespace godwit::paillier {

namespace {

using Botan::BigInt;

bytes encode_public_key(const parameters& set, const BigInt& n) {
  auto content = open_frame({.kind = frame_kind::public_key, .party = 0, .label = {.set = set.id}},
                            set.bits / 8);
  std::vector<std::uint64_t> words(set.bits / 64);
  write_words(n, words.data(), words.size());
  write_octets(words, content.data() + frame_head_bytes);
  seal_frame(content);
  return content;
}

/// (c^(p-1) mod p^2 - 1) / p, scaled: the plaintext modulo p.
BigInt decrypt_half(const BigInt& c, const BigInt& p, const BigInt& p_squared,
                    const BigInt& scale) {
  const BigInt power = Botan::power_mod(c % p_squared, p - 1, p_squared);
  return ((power - 1) / p) * scale % p;
}

} // namespace

const parameters* find_set(sum_set id) noexcept {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](auto& set) { return set.id == id; });
  return found == sets.end() ? nullptr : &*found;
}

std::uint64_t level_max(std::uint8_t value_bits) {
  if (value_bits == 0 || value_bits > slot_bits)
    return 0;
  return ((std::uint64_t{1} << slot_bits) - 1) / ((std::uint64_t{1} << value_bits) - 1);
}

BigInt number_of(const std::uint64_t* words, std::size_t count) {
  Botan::secure_vector<std::uint8_t> octets(8 * count);
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[octets.size() - 1 - i] = static_cast<std::uint8_t>(words[i / 8] >> (8 * (i % 8)));
  return BigInt(octets.data(), octets.size());
}

void write_words(const BigInt& number, std::uint64_t* words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    words[i] = 0;
    for (std::size_t part = 0; part < 8; ++part)
      words[i] |= std::uint64_t{number.byte_at(8 * i + part)} << (8 * part);
  }
}

void write_octets(std::span<const std::uint64_t> words, std::byte* to) {
  for (const auto word : words)
    for (unsigned shift = 0; shift < 64; shift += 8)
      *to++ = static_cast<std::byte>(word >> shift);
}

std::vector<std::uint64_t> words_from(bytes_view octets) {
  std::vector<std::uint64_t> words(octets.size() / 8);
  for (std::size_t i = 0; i < 8 * words.size(); ++i)
    words[i / 8] |= std::to_integer<std::uint64_t>(octets[i]) << (8 * (i % 8));
  return words;
}

sum_keys draw_keys(const parameters& set, const secret& seed) {
  const auto key = rlwe::derive_secret("godwit/paillier/keys", {seed.reveal()});
  const auto material = key.reveal();
  Botan::ChaCha_RNG random(
      Botan::secure_vector<std::uint8_t>(octets(material), octets(material) + material.size()));
  BigInt p, q, n;
  do {
    p = Botan::random_prime(random, set.bits / 2);
    q = Botan::random_prime(random, set.bits / 2);
    n = p * q;
  } while (p == q || n.bits() != set.bits || Botan::gcd(n, (p - 1) * (q - 1)) != 1);
  const std::size_t half_words = set.bits / 128;
  std::vector<std::uint64_t> words(2 * half_words);
  write_words(p, words.data(), half_words);
  write_words(q, words.data() + half_words, half_words);
  bytes primes(8 * words.size());
  write_octets(words, primes.data());
  wipe(std::as_writable_bytes(std::span(words)));
  return {.encryption = secret(encode_public_key(set, n)), .decryption = secret(std::move(primes))};
}

sum_result<public_key> read_public_key(const parameters& set, bytes_view key) {
  const auto read = read_frame(key, frame_kind::public_key, set.id);
  if (!read)
    return read.why();
  if (read->body.size() != set.bits / 8)
    return sum_refusal::malformed;
  if (read->head.label != sum_label{.set = set.id} || read->head.party != 0)
    return sum_refusal::wrong_shape;
  const auto words = words_from(read->body);
  BigInt n = number_of(words.data(), words.size());
  if (n.bits() != set.bits || n.is_even())
    return sum_refusal::bad_key;
  for (std::size_t i = 0; i < Botan::PRIME_TABLE_SIZE; ++i)
    if (n % Botan::PRIMES[i] == 0)
      return sum_refusal::bad_key;
  BigInt squared = n * n;
  return public_key{.set = find_set(set.id),
                    .n = std::move(n),
                    .n_squared = std::move(squared),
                    .id = digest_of_frame(key)};
}

sum_result<secret_key> read_secret_key(const parameters& set, const secret& key) {
  if (key.reveal().size() != set.bits / 8)
    return sum_refusal::bad_key;
  auto words = words_from(key.reveal());
  secret_key read;
  read.p = number_of(words.data(), words.size() / 2);
  read.q = number_of(words.data() + words.size() / 2, words.size() / 2);
  wipe(std::as_writable_bytes(std::span(words)));
  const BigInt n = read.p * read.q;
  constexpr std::size_t error_bits = 64;
  if (read.p == read.q || n.bits() != set.bits ||
      !Botan::is_prime(read.p, system_random(), error_bits) ||
      !Botan::is_prime(read.q, system_random(), error_bits) ||
      Botan::gcd(n, (read.p - 1) * (read.q - 1)) != 1)
    return sum_refusal::bad_key;
  auto open = read_public_key(set, encode_public_key(set, n));
  if (!open)
    return open.why();
  read.open = std::move(*open);
  read.p_squared = read.p * read.p;
  read.q_squared = read.q * read.q;
  read.p_inverse = Botan::inverse_mod(read.p, read.q);
  read.scale_p = read.p - Botan::inverse_mod(read.q, read.p);
  read.scale_q = read.q - read.p_inverse;
  return read;
}

BigInt decrypt_number(const secret_key& key, const BigInt& c) {
  const BigInt by_p = decrypt_half(c, key.p, key.p_squared, key.scale_p);
  const BigInt by_q = decrypt_half(c, key.q, key.q_squared, key.scale_q);
  BigInt difference = (by_q - by_p) % key.q;
  if (difference.is_negative())
    difference += key.q;
  return by_p + key.p * (difference * key.p_inverse % key.q);
}

} // namespace godwit::paillier
