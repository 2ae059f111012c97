#include "rlwe/packing.hpp"

#include <bit>
#include <cstring>

namespace godwit::rlwe {

namespace {

/// Eight bytes at `from` as a number; only whole words of the body are read like this.
std::uint64_t load_word(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

void store_word(std::byte* to, std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big)
    word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof word);
}

} // namespace

void pack(std::span<const std::uint64_t> words, std::byte* to) {
  for (std::size_t i = 0; i + 4 <= words.size(); i += 4, to += 25) {
    const std::uint64_t a = words[i], b = words[i + 1], c = words[i + 2], d = words[i + 3];
    store_word(to, a | b << 50);
    store_word(to + 8, b >> 14 | c << 36);
    store_word(to + 16, c >> 28 | d << 22);
    to[24] = static_cast<std::byte>(d >> 42);
  }
}

bool unpack_polynomial(const parameter_set& set, const std::byte* from, std::uint64_t* words) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << prime_bits) - 1;
  std::uint64_t below = ~std::uint64_t{0}; // the top bit stays where all coefficients are below q
  for (std::size_t prime = 0; prime < set.prime_count; ++prime) {
    const std::uint64_t q = primes[prime].value;
    for (std::size_t i = 0; i < set.degree; i += 4, from += 25, words += 4) {
      const std::uint64_t first = load_word(from), second = load_word(from + 8);
      const std::uint64_t third = load_word(from + 16);
      words[0] = first & mask;
      words[1] = (first >> 50 | second << 14) & mask;
      words[2] = (second >> 36 | third << 28) & mask;
      words[3] = third >> 22 | std::to_integer<std::uint64_t>(from[24]) << 42;
      below &= (words[0] - q) & (words[1] - q) & (words[2] - q) & (words[3] - q);
    }
  }
  return below >> 63 != 0;
}

bool is_canonical(const parameter_set& set, bytes_view from) {
  std::vector<std::uint64_t> words(words_in_polynomial(set));
  bool is_sound = true;
  for (std::size_t at = 0; at < from.size() && is_sound; at += packed_bytes(words.size()))
    is_sound = unpack_polynomial(set, from.data() + at, words.data());
  return is_sound;
}

sum_result<std::vector<std::uint64_t>> unpack(const ring& in, bytes_view from) {
  std::vector<std::uint64_t> words(from.size() / 25 * 4);
  bool is_sound = true;
  for (std::size_t at = 0; at < words.size(); at += in.words())
    is_sound &= unpack_polynomial(in.set(), from.data() + packed_bytes(at), words.data() + at);
  if (!is_sound)
    return sum_refusal::coefficient_out_of_range;
  return words;
}

} // namespace godwit::rlwe
