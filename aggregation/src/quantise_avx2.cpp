// The quantiser for processors with AVX2: eight values at a time.
#include "lanes.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define GODWIT_AVX2 __attribute__((target("avx2"), always_inline)) inline

namespace godwit::lanes {

namespace {

/// Eight words below 2^32 each, in two registers of 64-bit lanes, become eight 32-bit lanes.
GODWIT_AVX2 __m256i narrow(__m256i first, __m256i second) {
  const __m256 lower = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second),
                                         _MM_SHUFFLE(2, 0, 2, 0));
  return _mm256_permute4x64_epi64(_mm256_castps_si256(lower), _MM_SHUFFLE(3, 1, 2, 0));
}

GODWIT_AVX2 void store_lanes(std::uint64_t* to, __m256i first, __m256i second) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), first);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 4), second);
}

GODWIT_AVX2 void store_lanes(std::uint32_t* to, __m256i first, __m256i second) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), narrow(first, second));
}

GODWIT_AVX2 void store_lanes(std::uint16_t* to, __m256i first, __m256i second) {
  const __m256i words = narrow(first, second);
  _mm_storeu_si128(
      reinterpret_cast<__m128i*>(to),
      _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

/// The random words of eight values, from their 24 bytes.
GODWIT_AVX2 __m256i words_of(const std::byte* rounding) {
  const auto* at = reinterpret_cast<const __m128i*>(rounding);
  const auto* last = reinterpret_cast<const __m128i*>(rounding + 8);
  const __m256i drawn = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(at)),
                                                _mm_loadu_si128(last), 1);
  return _mm256_shuffle_epi8(
      drawn, _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, //
                              4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1));
}

template <class Lane>
__attribute__((target("avx2"))) bool quantise(const float* values, std::size_t count,
                                              const scaled_grid& grid, std::uint32_t weight,
                                              const std::byte* rounding, Lane* entries) {
  const __m256d low = _mm256_set1_pd(grid.low);
  const __m256d high = _mm256_set1_pd(grid.high);
  const __m256d scale = _mm256_set1_pd(grid.scale);
  const __m256d bias = _mm256_set1_pd(integer_bias);
  const __m256i weights = _mm256_set1_epi64x(weight);
  const __m256i exponent = _mm256_set1_epi32(0x7f800000);
  __m256i greatest = _mm256_setzero_si256();
  for (std::size_t i = 0; i < count; i += 8) {
    const __m256 block = _mm256_loadu_ps(values + i);
    greatest = _mm256_max_epu32(greatest, _mm256_and_si256(_mm256_castps_si256(block), exponent));
    const __m256i drawn = words_of(rounding + i * 3);
    const __m256d halves[2] = {_mm256_cvtps_pd(_mm256_castps256_ps128(block)),
                               _mm256_cvtps_pd(_mm256_extractf128_ps(block, 1))};
    const __m256i words[2] = {_mm256_cvtepu32_epi64(_mm256_castsi256_si128(drawn)),
                              _mm256_cvtepu32_epi64(_mm256_extracti128_si256(drawn, 1))};
    __m256i weighted[2];
#pragma GCC unroll 2
    for (std::size_t half = 0; half < 2; ++half) {
      const __m256d clipped = _mm256_min_pd(_mm256_max_pd(halves[half], low), high);
      const __m256d z = _mm256_mul_pd(_mm256_sub_pd(clipped, low), scale);
      const __m256i steps =
          _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(z, bias)), _mm256_castpd_si256(bias));
      const __m256i q = _mm256_srli_epi64(_mm256_add_epi64(steps, words[half]), 24);
      weighted[half] = _mm256_mul_epu32(q, weights);
    }
    store_lanes(entries + i, weighted[0], weighted[1]);
  }
  return _mm256_movemask_epi8(_mm256_cmpeq_epi32(greatest, exponent)) == 0;
}

} // namespace

template <class Lane>
bool quantise_avx2(const float* values, std::size_t count, const scaled_grid& grid,
                   std::uint32_t weight, const std::byte* rounding, Lane* entries) {
  return quantise(values, count, grid, weight, rounding, entries);
}

template bool quantise_avx2(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                            const std::byte*, std::uint16_t*);
template bool quantise_avx2(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                            const std::byte*, std::uint32_t*);
template bool quantise_avx2(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                            const std::byte*, std::uint64_t*);

} // namespace godwit::lanes

#endif
