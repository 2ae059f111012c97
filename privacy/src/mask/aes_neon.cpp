// How is AES-256 in counter mode made with arm64's cryptographic extension, eight blocks at a time?
#include "kernels.hpp"

#if defined(__aarch64__)

#include "blend_neon.hpp"

#define GODWIT_ARM_AES __attribute__((target("+crypto")))

namespace godwit::mask {

namespace {

constexpr int register_count = 8; // a block each

/// AES's substitution in each byte of a word. The instruction also shifts rows, which four equal
/// columns do not notice, and adds a key, here 0.
GODWIT_ARM_AES std::uint32_t substitute(std::uint32_t word) {
  const uint8x16_t columns = vreinterpretq_u8_u32(vdupq_n_u32(word));
  return vgetq_lane_u32(vreinterpretq_u32_u8(vaeseq_u8(columns, vdupq_n_u8(0))), 0);
}

/// FIPS 197, section 5.2, on little-endian words.
GODWIT_ARM_AES void expand(mask_key key, expanded_key& expanded) {
  constexpr std::size_t word_count = 60;
  std::byte* words = expanded.content.data();
  const auto word_at = [&](std::size_t i) {
    std::uint32_t word;
    std::memcpy(&word, words + i * 4, 4);
    return word;
  };
  keep_key(key, expanded);
  std::uint32_t round_constant = 1;
  for (std::size_t i = 8; i < word_count; ++i) {
    std::uint32_t word = word_at(i - 1);
    if (i % 8 == 0) {
      word = std::rotr(substitute(word), 8) ^ round_constant;
      round_constant <<= 1;
    } else if (i % 8 == 4) {
      word = substitute(word);
    }
    word ^= word_at(i - 8);
    std::memcpy(words + i * 4, &word, 4);
  }
}

template <blend How>
GODWIT_ARM_AES void run(const stretch& piece) {
  const auto* round_keys = reinterpret_cast<const std::uint8_t*>(piece.key->content.data());
  std::array<std::uint8_t, 16> nonce{};
  std::memcpy(nonce.data(), piece.nonce->data(), stream_nonce_bytes);
  const uint32x4_t blank = vreinterpretq_u32_u8(vld1q_u8(nonce.data()));
  std::uint32_t number = piece.first_block;
  for (std::size_t at = 0; at < piece.byte_count; at += register_count * 16) {
    uint8x16_t blocks[register_count];
#pragma GCC unroll 8
    for (auto& block : blocks)
      block = vreinterpretq_u8_u32(vsetq_lane_u32(__builtin_bswap32(number++), blank, 3));
#pragma GCC unroll 13
    for (int round = 0; round < 13; ++round) {
      const uint8x16_t round_key = vld1q_u8(round_keys + round * 16);
#pragma GCC unroll 8
      for (auto& block : blocks)
        block = vaesmcq_u8(vaeseq_u8(block, round_key));
    }
    const uint8x16_t before_last = vld1q_u8(round_keys + 13 * 16);
    const uint8x16_t last = vld1q_u8(round_keys + 14 * 16);
#pragma GCC unroll 8
    for (int i = 0; i < register_count; ++i)
      meet<How>(piece.memory + at + static_cast<std::size_t>(i) * 16,
                veorq_u8(vaeseq_u8(blocks[i], before_last), last));
  }
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

const kernel aes_neon{expand, run_any, register_count * 16, 16};

} // namespace godwit::mask

#endif
