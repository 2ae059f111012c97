// Which ciphertexts are well formed, and what do key holders do with them?
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rlwe/packing.hpp"
#include "rlwe/ring.hpp"
#include "sum_frame.hpp"

namespace godwit::rlwe {

std::uint64_t block_count(const parameter_set& set, std::uint64_t value_count);

/// Refuses wrong_shape and over_level for a label that no ciphertext of the set can have.
sum_result<done> check_label(const parameter_set& set, const sum_label& label);

bytes encode_ciphertext(const encrypted_values& values);
sum_result<encrypted_values> decode_ciphertext(const ring& in, bytes_view content);

/// From which a, or all a_j of the key-additive set, are drawn.
sha256_digest public_seed_of(const parameter_set& set, const sha256_digest& context);

/// A key holder's ternary s, and his b = -(a s) + e, transformed.
struct key_parts {
  prepared_polynomial s;
  std::vector<std::uint64_t> b;
};
key_parts draw_key_parts(const ring& in, const sha256_digest& public_seed, const secret& seed);

/// The ternary key alone, as 0, 1, 2 for -1, 0, 1.
secret_words draw_key(const ring& in, const secret& seed);

/// b in its frame: a public key, or a party's share of one.
bytes encode_key(const frame& head, std::span<const std::uint64_t> b);
sum_result<std::vector<std::uint64_t>> decode_key(const ring& in, bytes_view content,
                                                  const frame& expected);

/// Slots of one opened block after the other, checked against what the label allows.
class slot_reader {
public:
  slot_reader(const ring& in, const sum_label& label);
  /// `opened` is c0 + c1 s, transformed; it is overwritten.
  sum_result<done> read(std::uint64_t* opened);
  std::vector<std::uint32_t> take() &&;

private:
  const ring& in_;
  sum_label label_;
  std::size_t block_ = 0;
  std::vector<std::uint32_t> slots_;
};

/// The scheme of one ring set.
std::unique_ptr<additive_scheme> make_scheme(const parameter_set& set, const sha256_digest& context,
                                             sum_kernels kernels);

} // namespace godwit::rlwe
