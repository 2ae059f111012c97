// How do 64 bytes of a stream meet memory, with AVX-512?
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels.hpp"

namespace godwit::mask {

template <blend How>
__attribute__((target("avx512f,avx512bw"), always_inline)) inline void meet(std::byte* memory,
                                                                            __m512i made) {
  __m512i lanes = made;
  if constexpr (How != blend::store)
    lanes = _mm512_loadu_si512(memory);
  if constexpr (How == blend::add_16)
    lanes = _mm512_add_epi16(lanes, made);
  if constexpr (How == blend::add_32)
    lanes = _mm512_add_epi32(lanes, made);
  if constexpr (How == blend::add_64)
    lanes = _mm512_add_epi64(lanes, made);
  if constexpr (How == blend::subtract_16)
    lanes = _mm512_sub_epi16(lanes, made);
  if constexpr (How == blend::subtract_32)
    lanes = _mm512_sub_epi32(lanes, made);
  if constexpr (How == blend::subtract_64)
    lanes = _mm512_sub_epi64(lanes, made);
  _mm512_storeu_si512(memory, lanes);
}

} // namespace godwit::mask

#endif
