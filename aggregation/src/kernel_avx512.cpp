// The kernel for processors with AVX-512: sixteen parameters at a time, up to eight updates side by
// side.
#include "kernels.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 header for mistakes (GCC
// bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <limits>

#define GODWIT_AVX512 __attribute__((target("avx512f")))

namespace godwit::fixed_point {

namespace {

// Every 64-bit lane of `integers` holds two neighbours. vpmuldq multiplies the lower ones, so even
// and odd parameters are summed apart and put in line once a block. The conversion gives INT_MIN
// for what does not fit 32 bits and for NaN, and for nothing inside the bound: the least integer
// seen tells whether all was fit.
template <std::size_t PartCount>
GODWIT_AVX512 std::uint32_t add_side_by_side(std::uint64_t* words, std::size_t word_count,
                                             const part* parts) {
  const __m512 scale = _mm512_set1_ps(static_cast<float>(1 << fraction_bits));
  const __m512i first_half = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
  const __m512i second_half = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
  __m512i weights[PartCount];
  __m512i least[PartCount];
#pragma GCC unroll 8
  for (std::size_t k = 0; k < PartCount; ++k) {
    weights[k] = _mm512_set1_epi64(parts[k].weight);
    least[k] = _mm512_setzero_si512();
  }
  for (std::size_t i = 0; i < word_count; i += block_count) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (std::size_t k = 0; k < PartCount; ++k) {
      const __m512 values = _mm512_loadu_ps(parts[k].values + i * sizeof(float));
      const __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(values, scale));
      least[k] = _mm512_min_epi32(least[k], integers);
      even = _mm512_add_epi64(even, _mm512_mul_epi32(integers, weights[k]));
      odd = _mm512_add_epi64(odd, _mm512_mul_epi32(_mm512_srli_epi64(integers, 32), weights[k]));
    }
    const __m512i low = _mm512_permutex2var_epi64(even, first_half, odd);
    const __m512i high = _mm512_permutex2var_epi64(even, second_half, odd);
    _mm512_storeu_si512(words + i, _mm512_add_epi64(_mm512_loadu_si512(words + i), low));
    _mm512_storeu_si512(words + i + 8, _mm512_add_epi64(_mm512_loadu_si512(words + i + 8), high));
  }
  const __m512i none = _mm512_set1_epi32(std::numeric_limits<std::int32_t>::min());
  std::uint32_t unfit = 0;
#pragma GCC unroll 8
  for (std::size_t k = 0; k < PartCount; ++k)
    unfit |= static_cast<std::uint32_t>(_mm512_cmpeq_epi32_mask(least[k], none) != 0) << k;
  return unfit;
}

} // namespace

std::uint32_t add_avx512(std::uint64_t* words, std::size_t word_count,
                         std::span<const part> parts) {
  static constexpr std::uint32_t (*by_count[])(std::uint64_t*, std::size_t, const part*) = {
      add_side_by_side<1>, add_side_by_side<2>, add_side_by_side<3>, add_side_by_side<4>,
      add_side_by_side<5>, add_side_by_side<6>, add_side_by_side<7>, add_side_by_side<8>};
  return by_count[parts.size() - 1](words, word_count, parts.data());
}

} // namespace godwit::fixed_point

#endif
