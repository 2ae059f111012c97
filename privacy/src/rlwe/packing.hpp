// How do coefficients of 50 bits stand on the wire?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/privacy/encrypted_sum.hpp>

#include "rlwe/ring.hpp"

namespace godwit::rlwe {

/// 50 bits for each word, little endian, without gaps: 25 bytes for four words.
inline std::size_t packed_bytes(std::size_t word_count) {
  return word_count / 4 * 25;
}
void pack(std::span<const std::uint64_t> words, std::byte* to);

/// Reads one polynomial of the set. Whether all of its words are below their primes.
bool unpack_polynomial(const parameter_set& set, const std::byte* from, std::uint64_t* words);

/// Whether `from`, whole polynomials, has only words below their primes.
bool is_canonical(const parameter_set& set, bytes_view from);

/// Reads whole polynomials. Refuses coefficient_out_of_range; `from` has packed_bytes.
sum_result<std::vector<std::uint64_t>> unpack(const ring& in, bytes_view from);

} // namespace godwit::rlwe
