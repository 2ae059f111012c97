// How is AES-256 in counter mode made with VAES, thirty-two blocks at a time?
#include "kernels.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 header for mistakes (GCC
// bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "blend_avx512.hpp"

#define GODWIT_VAES __attribute__((target("avx512f,avx512bw,vaes")))

namespace godwit::mask {

namespace {

constexpr int register_count = 8; // four blocks each

// The counter is kept little endian and turned round in each block. Where the last step of a
// stretch is padding, it may wrap; what it makes then is dropped.
template <blend How>
GODWIT_VAES void run(const stretch& piece) {
  __m512i round_keys[15];
#pragma GCC unroll 15
  for (int i = 0; i < 15; ++i)
    round_keys[i] = _mm512_broadcast_i32x4(
        _mm_load_si128(reinterpret_cast<const __m128i*>(piece.key->content.data()) + i));
  alignas(16) std::array<std::byte, 16> first_block{};
  std::memcpy(first_block.data(), piece.nonce->data(), stream_nonce_bytes);
  std::memcpy(first_block.data() + stream_nonce_bytes, &piece.first_block, sizeof(std::uint32_t));
  const __m512i turn =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12));
  const __m512i four = _mm512_set_epi32(4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0);
  __m512i counters = _mm512_add_epi32(
      _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(first_block.data()))),
      _mm512_set_epi32(3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
  for (std::size_t at = 0; at < piece.byte_count; at += register_count * 64) {
    __m512i blocks[register_count];
#pragma GCC unroll 8
    for (auto& block : blocks) {
      block = _mm512_xor_si512(_mm512_shuffle_epi8(counters, turn), round_keys[0]);
      counters = _mm512_add_epi32(counters, four);
    }
#pragma GCC unroll 13
    for (int round = 1; round < 14; ++round)
#pragma GCC unroll 8
      for (auto& block : blocks)
        block = _mm512_aesenc_epi128(block, round_keys[round]);
#pragma GCC unroll 8
    for (int i = 0; i < register_count; ++i)
      meet<How>(piece.memory + at + static_cast<std::size_t>(i) * 64,
                _mm512_aesenclast_epi128(blocks[i], round_keys[14]));
  }
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

const kernel aes_vaes_512{expand_aes_ni, run_any, register_count * 64, 16};

} // namespace godwit::mask

#endif
