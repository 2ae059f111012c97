// The kernel for processors with AVX2: eight parameters at a time, up to four updates side by side.
#include "kernels.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <limits>

#define GODWIT_AVX2 __attribute__((target("avx2")))

namespace godwit::fixed_point {

namespace {

// As in kernel_avx512.cpp, with half as wide registers, and half as many of them.
template <std::size_t PartCount>
GODWIT_AVX2 std::uint32_t add_side_by_side(std::uint64_t* words, std::size_t word_count,
                                           const part* parts) {
  const __m256 scale = _mm256_set1_ps(static_cast<float>(1 << fraction_bits));
  __m256i weights[PartCount];
  __m256i least[PartCount];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < PartCount; ++k) {
    weights[k] = _mm256_set1_epi64x(parts[k].weight);
    least[k] = _mm256_setzero_si256();
  }
  for (std::size_t i = 0; i < word_count; i += 8) {
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
#pragma GCC unroll 4
    for (std::size_t k = 0; k < PartCount; ++k) {
      const auto* at = reinterpret_cast<const float*>(parts[k].values + i * sizeof(float));
      const __m256i integers = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(at), scale));
      least[k] = _mm256_min_epi32(least[k], integers);
      even = _mm256_add_epi64(even, _mm256_mul_epi32(integers, weights[k]));
      odd = _mm256_add_epi64(odd, _mm256_mul_epi32(_mm256_srli_epi64(integers, 32), weights[k]));
    }
    const __m256i inner = _mm256_unpacklo_epi64(even, odd); // parameters 0 1 4 5
    const __m256i outer = _mm256_unpackhi_epi64(even, odd); // parameters 2 3 6 7
    auto* low = reinterpret_cast<__m256i*>(words + i);
    auto* high = reinterpret_cast<__m256i*>(words + i + 4);
    _mm256_storeu_si256(low, _mm256_add_epi64(_mm256_loadu_si256(low),
                                              _mm256_permute2x128_si256(inner, outer, 0x20)));
    _mm256_storeu_si256(high, _mm256_add_epi64(_mm256_loadu_si256(high),
                                               _mm256_permute2x128_si256(inner, outer, 0x31)));
  }
  const __m256i none = _mm256_set1_epi32(std::numeric_limits<std::int32_t>::min());
  std::uint32_t unfit = 0;
#pragma GCC unroll 4
  for (std::size_t k = 0; k < PartCount; ++k) {
    const int found = _mm256_movemask_epi8(_mm256_cmpeq_epi32(least[k], none));
    unfit |= static_cast<std::uint32_t>(found != 0) << k;
  }
  return unfit;
}

} // namespace

std::uint32_t add_avx2(std::uint64_t* words, std::size_t word_count, std::span<const part> parts) {
  static constexpr std::uint32_t (*by_count[])(std::uint64_t*, std::size_t, const part*) = {
      add_side_by_side<1>, add_side_by_side<2>, add_side_by_side<3>, add_side_by_side<4>};
  constexpr std::size_t width = 4;     // more updates side by side do not fit sixteen registers
  constexpr std::size_t stride = 4096; // words that are still near when the next four updates pass
  std::uint32_t unfit = 0;
  for (std::size_t first = 0; first < word_count; first += stride) {
    const std::size_t count = std::min(stride, word_count - first);
    for (std::size_t from = 0; from < parts.size(); from += width) {
      part here[width];
      const std::size_t part_count = std::min(width, parts.size() - from);
      for (std::size_t k = 0; k < part_count; ++k)
        here[k] = {parts[from + k].values + first * sizeof(float), parts[from + k].weight};
      unfit |= by_count[part_count - 1](words + first, count, here) << from;
    }
  }
  return unfit;
}

} // namespace godwit::fixed_point

#endif
