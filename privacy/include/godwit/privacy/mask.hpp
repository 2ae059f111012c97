// How are keys expanded into masks, and how are many masks added to one vector at the rate of the
// generator alone?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>

namespace godwit {

/// The generator of a mask, with its number in the terms (privacy/SECURE_SUM.md, section 2).
enum class mask_suite : std::uint8_t {
  aes256_ctr = 1, ///< AES-256 in counter mode (SP 800-38A): 12 bytes of nonce, 4 of counter
  chacha20 = 2,   ///< ChaCha20 (RFC 8439), initial counter 0
};

/// The machine instructions that do the work. All give the same bits; they differ in speed only.
enum class mask_kernel : std::uint8_t {
  portable = 1, ///< both suites, through Botan
  aes_ni = 2,   ///< aes256_ctr
  vaes_512 = 3, ///< aes256_ctr, four blocks a register
  avx2 = 4,     ///< chacha20
  avx512 = 5,   ///< chacha20
  neon = 6,     ///< both suites, on arm64; AES with the cryptographic extension
};

std::string_view name(mask_kernel) noexcept;

/// Whether this processor (and this build) has the kernel and it is one of the suite's. `portable`
/// always.
bool is_available(mask_suite suite, mask_kernel kernel) noexcept;

/// The fastest that is available.
mask_kernel best_mask_kernel(mask_suite suite) noexcept;

inline constexpr std::size_t mask_key_bytes = 32;
using mask_key = std::span<const std::byte, mask_key_bytes>;

inline constexpr std::size_t stream_nonce_bytes = 12;
using stream_nonce = std::array<std::byte, stream_nonce_bytes>;

/// No stream is longer: 2^32 blocks of AES.
inline constexpr std::uint64_t stream_bytes_max = std::uint64_t{1} << 36;

/// The nonce of a round's masks: "FLSA" || u64 little-endian round.
stream_nonce mask_nonce(round_id round) noexcept;

/// stream(key, nonce) of privacy/SECURE_SUM.md, section 1, but for its key.
struct key_stream {
  mask_suite suite = mask_suite::aes256_ctr;
  stream_nonce nonce{};
  mask_kernel kernel = best_mask_kernel(suite); ///< one that is available for the suite
};

/// One mask: its key, only looked at during the call, and its sign.
struct mask_term {
  mask_key key;
  bool is_subtracted = false;
};

/// Adds each term's mask to `lanes`, or subtracts it, mod 2^W, W the width of a lane. A mask's lane
/// i is the W-bit little-endian word at byte i W / 8 of the key's stream. `lanes` are the lanes
/// first_lane ..< first_lane + lanes.size() of the vector, so that threads can share a vector by
/// ranges; ranges that start at multiples of 4,096 lanes are the fastest. The end must lie within
/// stream_bytes_max. One pass over `lanes` takes in many terms: call it once with all.
///
/// Neither time nor memory access depends on keys or lanes. Expanded keys and what is left of a
/// stream in memory are wiped before it returns.
void add_masks(std::span<std::uint16_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane = 0);
void add_masks(std::span<std::uint32_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane = 0);
void add_masks(std::span<std::uint64_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane = 0);

/// Writes the bytes first_byte ..< first_byte + out.size() of a key's stream. The end must lie
/// within stream_bytes_max.
void write_stream(std::span<std::byte> out, mask_key key, const key_stream& stream,
                  std::uint64_t first_byte = 0);

} // namespace godwit
