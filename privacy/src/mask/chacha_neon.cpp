// How is ChaCha20 made with NEON, four blocks at a time?
#include "kernels.hpp"

#if defined(__aarch64__)

#include <godwit/messages/secret.hpp>

#include "blend_neon.hpp"

namespace godwit::mask {

namespace {

constexpr std::size_t step_bytes = 4 * 64;

template <int Bits>
inline uint32x4_t rotate(uint32x4_t x) {
  if constexpr (Bits == 16)
    return vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(x)));
  return vsriq_n_u32(vshlq_n_u32(x, Bits), x, 32 - Bits);
}

inline void quarter_round(uint32x4_t& a, uint32x4_t& b, uint32x4_t& c, uint32x4_t& d) {
  a = vaddq_u32(a, b);
  d = rotate<16>(veorq_u32(d, a));
  c = vaddq_u32(c, d);
  b = rotate<12>(veorq_u32(b, c));
  a = vaddq_u32(a, b);
  d = rotate<8>(veorq_u32(d, a));
  c = vaddq_u32(c, d);
  b = rotate<7>(veorq_u32(b, c));
}

/// Four words of four blocks become a quarter of each block.
template <blend How>
inline void meet_quarter_blocks(std::byte* memory, const uint32x4_t* x) {
  const uint32x4x2_t even = vtrnq_u32(x[0], x[1]);
  const uint32x4x2_t odd = vtrnq_u32(x[2], x[3]);
#pragma GCC unroll 2
  for (int j = 0; j < 2; ++j) {
    const uint64x2_t one = vreinterpretq_u64_u32(even.val[j]);
    const uint64x2_t other = vreinterpretq_u64_u32(odd.val[j]);
    meet<How>(memory + j * 64, vreinterpretq_u8_u64(vtrn1q_u64(one, other)));
    meet<How>(memory + j * 64 + 128, vreinterpretq_u8_u64(vtrn2q_u64(one, other)));
  }
}

// Register i holds word i of four blocks.
template <blend How>
void run(const stretch& piece) {
  std::array<std::uint32_t, 16> start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  std::memcpy(&start[4], piece.key->content.data(), mask_key_bytes);
  std::memcpy(&start[13], piece.nonce->data(), stream_nonce_bytes);
  constexpr std::array<std::uint32_t, 4> places{0, 1, 2, 3};
  std::uint32_t number = piece.first_block;
  for (std::size_t at = 0; at < piece.byte_count; at += step_bytes, number += 4) {
    const uint32x4_t counters = vaddq_u32(vdupq_n_u32(number), vld1q_u32(places.data()));
    uint32x4_t x[16];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i)
      x[i] = i == 12 ? counters : vdupq_n_u32(start[i]);
    for (int i = 0; i < 10; ++i) {
      quarter_round(x[0], x[4], x[8], x[12]);
      quarter_round(x[1], x[5], x[9], x[13]);
      quarter_round(x[2], x[6], x[10], x[14]);
      quarter_round(x[3], x[7], x[11], x[15]);
      quarter_round(x[0], x[5], x[10], x[15]);
      quarter_round(x[1], x[6], x[11], x[12]);
      quarter_round(x[2], x[7], x[8], x[13]);
      quarter_round(x[3], x[4], x[9], x[14]);
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i)
      x[i] = vaddq_u32(x[i], i == 12 ? counters : vdupq_n_u32(start[i]));
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 16; i += 4)
      meet_quarter_blocks<How>(piece.memory + at + i * 4, x + i);
  }
  wipe(std::as_writable_bytes(std::span(start)));
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

const kernel chacha_neon{keep_key, run_any, step_bytes, 64};

} // namespace godwit::mask

#endif
