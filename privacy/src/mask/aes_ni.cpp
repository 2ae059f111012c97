// How is AES-256 in counter mode made with AES-NI, eight blocks at a time?
#include "kernels.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define GODWIT_AES_NI __attribute__((target("aes,sse4.1")))

namespace godwit::mask {

namespace {

constexpr int register_count = 8; // a block each

/// Each word of a round key takes in those before it (FIPS 197, section 5.2).
GODWIT_AES_NI __m128i running_xor(__m128i words) {
  words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
  return _mm_xor_si128(words, _mm_slli_si128(words, 8));
}

/// Two round keys on, where RoundConstant is the next one.
template <int RoundConstant>
GODWIT_AES_NI void next_pair(__m128i& even, __m128i& odd, __m128i* to) {
  const __m128i turned = _mm_aeskeygenassist_si128(odd, RoundConstant);
  even = _mm_xor_si128(running_xor(even), _mm_shuffle_epi32(turned, 0xff));
  _mm_store_si128(to, even);
  const __m128i substituted = _mm_aeskeygenassist_si128(even, 0);
  odd = _mm_xor_si128(running_xor(odd), _mm_shuffle_epi32(substituted, 0xaa));
  _mm_store_si128(to + 1, odd);
}

GODWIT_AES_NI void expand(mask_key key, expanded_key& expanded) {
  auto* to = reinterpret_cast<__m128i*>(expanded.content.data());
  __m128i even = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key.data()));
  __m128i odd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key.data()) + 1);
  _mm_store_si128(to, even);
  _mm_store_si128(to + 1, odd);
  next_pair<0x01>(even, odd, to + 2);
  next_pair<0x02>(even, odd, to + 4);
  next_pair<0x04>(even, odd, to + 6);
  next_pair<0x08>(even, odd, to + 8);
  next_pair<0x10>(even, odd, to + 10);
  next_pair<0x20>(even, odd, to + 12);
  const __m128i turned = _mm_aeskeygenassist_si128(odd, 0x40);
  _mm_store_si128(to + 14, _mm_xor_si128(running_xor(even), _mm_shuffle_epi32(turned, 0xff)));
}

template <blend How>
GODWIT_AES_NI void meet(std::byte* memory, __m128i made) {
  auto* at = reinterpret_cast<__m128i*>(memory);
  __m128i lanes = made;
  if constexpr (How != blend::store)
    lanes = _mm_loadu_si128(at);
  if constexpr (How == blend::add_16)
    lanes = _mm_add_epi16(lanes, made);
  if constexpr (How == blend::add_32)
    lanes = _mm_add_epi32(lanes, made);
  if constexpr (How == blend::add_64)
    lanes = _mm_add_epi64(lanes, made);
  if constexpr (How == blend::subtract_16)
    lanes = _mm_sub_epi16(lanes, made);
  if constexpr (How == blend::subtract_32)
    lanes = _mm_sub_epi32(lanes, made);
  if constexpr (How == blend::subtract_64)
    lanes = _mm_sub_epi64(lanes, made);
  _mm_storeu_si128(at, lanes);
}

template <blend How>
GODWIT_AES_NI void run(const stretch& piece) {
  const auto* round_keys = reinterpret_cast<const __m128i*>(piece.key->content.data());
  alignas(16) std::array<std::byte, 16> nonce{};
  std::memcpy(nonce.data(), piece.nonce->data(), stream_nonce_bytes);
  const __m128i blank = _mm_load_si128(reinterpret_cast<const __m128i*>(nonce.data()));
  std::uint32_t number = piece.first_block;
  for (std::size_t at = 0; at < piece.byte_count; at += register_count * 16) {
    __m128i blocks[register_count];
    const __m128i first = _mm_load_si128(round_keys);
#pragma GCC unroll 8
    for (auto& block : blocks)
      block = _mm_xor_si128(
          _mm_insert_epi32(blank, static_cast<int>(__builtin_bswap32(number++)), 3), first);
#pragma GCC unroll 13
    for (int round = 1; round < 14; ++round) {
      const __m128i round_key = _mm_load_si128(round_keys + round);
#pragma GCC unroll 8
      for (auto& block : blocks)
        block = _mm_aesenc_si128(block, round_key);
    }
    const __m128i last = _mm_load_si128(round_keys + 14);
#pragma GCC unroll 8
    for (int i = 0; i < register_count; ++i)
      meet<How>(piece.memory + at + static_cast<std::size_t>(i) * 16,
                _mm_aesenclast_si128(blocks[i], last));
  }
}

void run_any(blend how, const stretch& piece) {
  with_constant(how, [&]<blend How> { run<How>(piece); });
}

} // namespace

void expand_aes_ni(mask_key key, expanded_key& expanded) {
  expand(key, expanded);
}

const kernel aes_ni{expand_aes_ni, run_any, register_count * 16, 16};

} // namespace godwit::mask

#endif
