// How is ChaCha20 made with AVX-512, thirty-two blocks at a time?
#include "kernels.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 header for mistakes (GCC
// bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <godwit/messages/secret.hpp>

#include "blend_avx512.hpp"

#define GODWIT_INLINE_AVX512 __attribute__((target("avx512f,avx512bw"), always_inline)) inline
#define GODWIT_AVX512 __attribute__((target("avx512f,avx512bw")))

namespace godwit::mask {

namespace {

// Register i of a group holds word i of sixteen blocks. A quarter round waits for itself most of
// the time; two groups side by side fill the gaps, and are all that thirty-two registers hold.
constexpr int group_count = 2;
constexpr std::size_t group_bytes = 16 * 64;

GODWIT_INLINE_AVX512 void quarter_round(__m512i& a, __m512i& b, __m512i& c, __m512i& d) {
  a = _mm512_add_epi32(a, b);
  d = _mm512_rol_epi32(_mm512_xor_si512(d, a), 16);
  c = _mm512_add_epi32(c, d);
  b = _mm512_rol_epi32(_mm512_xor_si512(b, c), 12);
  a = _mm512_add_epi32(a, b);
  d = _mm512_rol_epi32(_mm512_xor_si512(d, a), 8);
  c = _mm512_add_epi32(c, d);
  b = _mm512_rol_epi32(_mm512_xor_si512(b, c), 7);
}

GODWIT_INLINE_AVX512 void double_round(__m512i (&x)[16]) {
  quarter_round(x[0], x[4], x[8], x[12]);
  quarter_round(x[1], x[5], x[9], x[13]);
  quarter_round(x[2], x[6], x[10], x[14]);
  quarter_round(x[3], x[7], x[11], x[15]);
  quarter_round(x[0], x[5], x[10], x[15]);
  quarter_round(x[1], x[6], x[11], x[12]);
  quarter_round(x[2], x[7], x[8], x[13]);
  quarter_round(x[3], x[4], x[9], x[14]);
}

/// Four words of sixteen blocks become four words side by side: register j holds those of blocks j,
/// j + 4, j + 8, j + 12.
GODWIT_INLINE_AVX512 void turn_words(__m512i* x) {
  const __m512i low_01 = _mm512_unpacklo_epi32(x[0], x[1]);
  const __m512i high_01 = _mm512_unpackhi_epi32(x[0], x[1]);
  const __m512i low_23 = _mm512_unpacklo_epi32(x[2], x[3]);
  const __m512i high_23 = _mm512_unpackhi_epi32(x[2], x[3]);
  x[0] = _mm512_unpacklo_epi64(low_01, low_23);
  x[1] = _mm512_unpackhi_epi64(low_01, low_23);
  x[2] = _mm512_unpacklo_epi64(high_01, high_23);
  x[3] = _mm512_unpackhi_epi64(high_01, high_23);
}

/// Puts the sixteen blocks of a group in line and blends them in.
template <blend How>
GODWIT_INLINE_AVX512 void meet_blocks(std::byte* memory, __m512i (&x)[16]) {
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4)
    turn_words(x + i);
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512i words_07_low = _mm512_shuffle_i32x4(x[j], x[4 + j], 0x44);
    const __m512i words_07_high = _mm512_shuffle_i32x4(x[j], x[4 + j], 0xee);
    const __m512i words_8f_low = _mm512_shuffle_i32x4(x[8 + j], x[12 + j], 0x44);
    const __m512i words_8f_high = _mm512_shuffle_i32x4(x[8 + j], x[12 + j], 0xee);
    std::byte* to = memory + j * 64;
    meet<How>(to, _mm512_shuffle_i32x4(words_07_low, words_8f_low, 0x88));
    meet<How>(to + 256, _mm512_shuffle_i32x4(words_07_low, words_8f_low, 0xdd));
    meet<How>(to + 512, _mm512_shuffle_i32x4(words_07_high, words_8f_high, 0x88));
    meet<How>(to + 768, _mm512_shuffle_i32x4(words_07_high, words_8f_high, 0xdd));
  }
}

template <blend How>
GODWIT_AVX512 void run(const stretch& piece) {
  alignas(64) std::array<std::uint32_t, 16> start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  std::memcpy(&start[4], piece.key->content.data(), mask_key_bytes);
  std::memcpy(&start[13], piece.nonce->data(), stream_nonce_bytes);
  const __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  std::uint32_t number = piece.first_block;
  for (std::size_t at = 0; at < piece.byte_count; at += group_count * group_bytes) {
    __m512i x[group_count][16];
    __m512i counters[group_count];
#pragma GCC unroll 2
    for (int g = 0; g < group_count; ++g, number += 16) {
#pragma GCC unroll 16
      for (std::size_t i = 0; i < 16; ++i)
        x[g][i] = _mm512_set1_epi32(static_cast<int>(start[i]));
      counters[g] = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(number)), places);
      x[g][12] = counters[g];
    }
    for (int i = 0; i < 10; ++i) {
      double_round(x[0]);
      double_round(x[1]);
    }
#pragma GCC unroll 2
    for (int g = 0; g < group_count; ++g) {
#pragma GCC unroll 16
      for (std::size_t i = 0; i < 16; ++i)
        x[g][i] = _mm512_add_epi32(
            x[g][i], i == 12 ? counters[g] : _mm512_set1_epi32(static_cast<int>(start[i])));
      meet_blocks<How>(piece.memory + at + static_cast<std::size_t>(g) * group_bytes, x[g]);
    }
  }
  wipe(std::as_writable_bytes(std::span(start)));
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

const kernel chacha_avx512{keep_key, run_any, group_count* group_bytes, 64};

} // namespace godwit::mask

#endif
