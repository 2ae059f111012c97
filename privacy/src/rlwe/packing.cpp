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

sum_result<std::vector<std::uint64_t>> unpack(const ring& in, bytes_view from) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << prime_bits) - 1;
  const std::size_t degree = in.set().degree;
  std::vector<std::uint64_t> words(from.size() / 25 * 4);
  std::uint64_t below = ~std::uint64_t{0}; // the top bit stays where all coefficients are below q
  const std::byte* at = from.data();
  for (std::size_t i = 0; i < words.size(); i += 4, at += 25) {
    const std::uint64_t first = load_word(at), second = load_word(at + 8);
    const std::uint64_t third = load_word(at + 16);
    const std::uint64_t q = in.at(i / degree % in.set().prime_count).q;
    words[i] = first & mask;
    words[i + 1] = (first >> 50 | second << 14) & mask;
    words[i + 2] = (second >> 36 | third << 28) & mask;
    words[i + 3] = third >> 22 | std::to_integer<std::uint64_t>(at[24]) << 42;
    below &= (words[i] - q) & (words[i + 1] - q) & (words[i + 2] - q) & (words[i + 3] - q);
  }
  if (below >> 63 == 0)
    return sum_refusal::coefficient_out_of_range;
  return words;
}

} // namespace godwit::rlwe
