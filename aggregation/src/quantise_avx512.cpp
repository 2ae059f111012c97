// The quantiser for processors with AVX-512 and VBMI: sixteen values at a time.
#include "lanes.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 header for mistakes (GCC
// bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#define GODWIT_AVX512                                                                              \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi"), always_inline)) inline

namespace godwit::lanes {

namespace {

/// q is what stands above the lowest 24 bits of each of sixteen `steps`.
GODWIT_AVX512 void store_weighted(std::uint64_t* to, const __m512i (&steps)[2], __m512i weights) {
  _mm512_storeu_si512(to, _mm512_mul_epu32(_mm512_srli_epi64(steps[0], 24), weights));
  _mm512_storeu_si512(to + 8, _mm512_mul_epu32(_mm512_srli_epi64(steps[1], 24), weights));
}

/// Where the bytes 3 ..< 3 + Width of sixteen steps lie.
template <unsigned Width>
struct alignas(64) quotient_bytes {
  std::uint8_t places[64] = {};
  constexpr quotient_bytes() {
    for (unsigned i = 0; i < 16 * Width; ++i)
      places[i] = static_cast<std::uint8_t>(i / Width * 8 + 3 + i % Width);
  }
};

template <unsigned Width>
GODWIT_AVX512 __m512i quotients(const __m512i (&steps)[2]) {
  static constexpr quotient_bytes<Width> bytes;
  return _mm512_permutex2var_epi8(steps[0], _mm512_load_si512(bytes.places), steps[1]);
}

GODWIT_AVX512 void store_weighted(std::uint32_t* to, const __m512i (&steps)[2], __m512i weights) {
  _mm512_storeu_si512(to, _mm512_mullo_epi32(quotients<4>(steps), weights));
}

GODWIT_AVX512 void store_weighted(std::uint16_t* to, const __m512i (&steps)[2], __m512i weights) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_mullo_epi16(_mm512_castsi512_si256(quotients<2>(steps)),
                                         _mm512_castsi512_si256(weights)));
}

GODWIT_AVX512 __m512i weights_of(std::uint32_t weight, const std::uint64_t*) {
  return _mm512_set1_epi64(weight);
}

GODWIT_AVX512 __m512i weights_of(std::uint32_t weight, const std::uint32_t*) {
  return _mm512_set1_epi32(static_cast<int>(weight));
}

GODWIT_AVX512 __m512i weights_of(std::uint32_t weight, const std::uint16_t*) {
  return _mm512_set1_epi16(static_cast<short>(weight));
}

/// Which bytes make the random words of values first ..< first + 8: three, and zeros, which byte 63
/// is one of.
GODWIT_AVX512 __m512i places_of_words(unsigned first) {
  alignas(64) std::uint8_t places[64];
  for (unsigned i = 0; i < 64; ++i)
    places[i] = static_cast<std::uint8_t>(i % 8 < 3 ? (first + i / 8) * 3 + i % 8 : 63);
  return _mm512_load_si512(places);
}

template <class Lane>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi"))) bool
quantise(const float* values, std::size_t count, const scaled_grid& grid, std::uint32_t weight,
         const std::byte* rounding, Lane* entries) {
  const __m512d low = _mm512_set1_pd(grid.low);
  const __m512d high = _mm512_set1_pd(grid.high);
  const __m512d scale = _mm512_set1_pd(grid.scale);
  const __m512i weights = weights_of(weight, entries);
  const __m512i first_words = places_of_words(0);
  const __m512i second_words = places_of_words(8);
  const __m512i exponent = _mm512_set1_epi32(0x7f800000);
  __m512i greatest = _mm512_setzero_si512();
  for (std::size_t i = 0; i < count; i += block_count) {
    fetch_ahead<false>(values + i);
    fetch_ahead<false>(rounding + i * 3);
    fetch_ahead<true>(entries + i);
    const __m512 block = _mm512_loadu_ps(values + i);
    greatest = _mm512_max_epu32(greatest, _mm512_and_si512(_mm512_castps_si512(block), exponent));
    const __m512i drawn = _mm512_maskz_loadu_epi8((__mmask64{1} << 48) - 1, rounding + i * 3);
    const __m512d halves[2] = {_mm512_cvtps_pd(_mm512_castps512_ps256(block)),
                               _mm512_cvtps_pd(_mm512_extractf32x8_ps(block, 1))};
    const __m512i words[2] = {_mm512_permutexvar_epi8(first_words, drawn),
                              _mm512_permutexvar_epi8(second_words, drawn)};
    __m512i steps[2];
#pragma GCC unroll 2
    for (std::size_t half = 0; half < 2; ++half) {
      const __m512d clipped = _mm512_min_pd(_mm512_max_pd(halves[half], low), high);
      const __m512d z = _mm512_mul_pd(_mm512_sub_pd(clipped, low), scale);
      steps[half] = _mm512_add_epi64(_mm512_cvtpd_epi64(z), words[half]);
    }
    store_weighted(entries + i, steps, weights);
  }
  return _mm512_cmpeq_epu32_mask(greatest, exponent) == 0;
}

} // namespace

template <class Lane>
bool quantise_avx512(const float* values, std::size_t count, const scaled_grid& grid,
                     std::uint32_t weight, const std::byte* rounding, Lane* entries) {
  return quantise(values, count, grid, weight, rounding, entries);
}

template bool quantise_avx512(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                              const std::byte*, std::uint16_t*);
template bool quantise_avx512(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                              const std::byte*, std::uint32_t*);
template bool quantise_avx512(const float*, std::size_t, const scaled_grid&, std::uint32_t,
                              const std::byte*, std::uint64_t*);

} // namespace godwit::lanes

#endif
