// How do ciphertexts, keys and shares stand on the wire?
#pragma once

#include <cstddef>
#include <cstdint>

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit {

/// Numbers are wire format.
enum class frame_kind : std::uint8_t {
  ciphertext = 1,
  public_key = 2,
  key_share = 3,        ///< a party's part of a public key
  decryption_share = 4, ///< a party's part of an opening; its body begins with the sum's SHA-256
};

/// What stands before a body:
///   "GWHE" || u8 version (1) || u8 kind || u16 set || u64 round || u64 level || u64 value_count
///   || u16 parties || u16 party || u8 value_bits || u8 0 three times || key[32]
/// All little endian. Behind the body stands SHA-256 of everything before it.
struct frame {
  frame_kind kind{};
  std::uint16_t party = 0; ///< who made a share; 0 elsewhere
  sum_label label;
};

inline constexpr std::size_t frame_head_bytes = 72;
inline constexpr std::size_t frame_bytes = frame_head_bytes + 32;

/// The frame with room for a body of `body_bytes`, which the caller fills before `seal`.
bytes open_frame(const frame& head, std::size_t body_bytes);
void seal_frame(bytes& content);

/// A frame's head and its body, which points into `content`.
struct framed {
  frame head;
  bytes_view body;
};

/// Refuses malformed, wrong_checksum, and wrong_set for another kind or set than expected.
sum_result<framed> read_frame(bytes_view content, frame_kind kind, sum_set set);

/// The SHA-256 at the end of a frame: what it is known by.
sha256_digest digest_of_frame(bytes_view content);

} // namespace godwit
