// How is ChaCha20 made with AVX2, eight blocks at a time?
#include "kernels.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <godwit/messages/secret.hpp>

#define GODWIT_INLINE_AVX2 __attribute__((target("avx2"), always_inline)) inline
#define GODWIT_AVX2 __attribute__((target("avx2")))

namespace godwit::mask {

namespace {

constexpr std::size_t step_bytes = 8 * 64;

GODWIT_INLINE_AVX2 __m256i rotate_16(__m256i x) {
  const __m128i from = _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(from));
}

GODWIT_INLINE_AVX2 __m256i rotate_8(__m256i x) {
  const __m128i from = _mm_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
  return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(from));
}

template <int Bits>
GODWIT_INLINE_AVX2 __m256i rotate(__m256i x) {
  return _mm256_or_si256(_mm256_slli_epi32(x, Bits), _mm256_srli_epi32(x, 32 - Bits));
}

GODWIT_INLINE_AVX2 void quarter_round(__m256i& a, __m256i& b, __m256i& c, __m256i& d) {
  a = _mm256_add_epi32(a, b);
  d = rotate_16(_mm256_xor_si256(d, a));
  c = _mm256_add_epi32(c, d);
  b = rotate<12>(_mm256_xor_si256(b, c));
  a = _mm256_add_epi32(a, b);
  d = rotate_8(_mm256_xor_si256(d, a));
  c = _mm256_add_epi32(c, d);
  b = rotate<7>(_mm256_xor_si256(b, c));
}

template <blend How>
GODWIT_INLINE_AVX2 void meet(std::byte* memory, __m256i made) {
  auto* at = reinterpret_cast<__m256i*>(memory);
  __m256i lanes = made;
  if constexpr (How != blend::store)
    lanes = _mm256_loadu_si256(at);
  if constexpr (How == blend::add_16)
    lanes = _mm256_add_epi16(lanes, made);
  if constexpr (How == blend::add_32)
    lanes = _mm256_add_epi32(lanes, made);
  if constexpr (How == blend::add_64)
    lanes = _mm256_add_epi64(lanes, made);
  if constexpr (How == blend::subtract_16)
    lanes = _mm256_sub_epi16(lanes, made);
  if constexpr (How == blend::subtract_32)
    lanes = _mm256_sub_epi32(lanes, made);
  if constexpr (How == blend::subtract_64)
    lanes = _mm256_sub_epi64(lanes, made);
  _mm256_storeu_si256(at, lanes);
}

/// Four words of eight blocks become four words side by side: register j holds those of blocks j
/// and j + 4.
GODWIT_INLINE_AVX2 void turn_words(__m256i* x) {
  const __m256i low_01 = _mm256_unpacklo_epi32(x[0], x[1]);
  const __m256i high_01 = _mm256_unpackhi_epi32(x[0], x[1]);
  const __m256i low_23 = _mm256_unpacklo_epi32(x[2], x[3]);
  const __m256i high_23 = _mm256_unpackhi_epi32(x[2], x[3]);
  x[0] = _mm256_unpacklo_epi64(low_01, low_23);
  x[1] = _mm256_unpackhi_epi64(low_01, low_23);
  x[2] = _mm256_unpacklo_epi64(high_01, high_23);
  x[3] = _mm256_unpackhi_epi64(high_01, high_23);
}

/// Blends in eight words of each of the eight blocks: half a block is a register.
template <blend How>
GODWIT_INLINE_AVX2 void meet_half_blocks(std::byte* memory, __m256i* x) {
  turn_words(x);
  turn_words(x + 4);
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    meet<How>(memory + j * 64, _mm256_permute2x128_si256(x[j], x[4 + j], 0x20));
    meet<How>(memory + j * 64 + 256, _mm256_permute2x128_si256(x[j], x[4 + j], 0x31));
  }
}

// Register i holds word i of eight blocks.
template <blend How>
GODWIT_AVX2 void run(const stretch& piece) {
  std::array<std::uint32_t, 16> start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  std::memcpy(&start[4], piece.key->content.data(), mask_key_bytes);
  std::memcpy(&start[13], piece.nonce->data(), stream_nonce_bytes);
  const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  std::uint32_t number = piece.first_block;
  for (std::size_t at = 0; at < piece.byte_count; at += step_bytes, number += 8) {
    const __m256i counters = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(number)), places);
    __m256i x[16];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i)
      x[i] = i == 12 ? counters : _mm256_set1_epi32(static_cast<int>(start[i]));
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
      x[i] = _mm256_add_epi32(x[i],
                              i == 12 ? counters : _mm256_set1_epi32(static_cast<int>(start[i])));
    meet_half_blocks<How>(piece.memory + at, x);
    meet_half_blocks<How>(piece.memory + at + 32, x + 8);
  }
  wipe(std::as_writable_bytes(std::span(start)));
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

const kernel chacha_avx2{keep_key, run_any, step_bytes, 64};

} // namespace godwit::mask

#endif
