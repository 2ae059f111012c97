// Adding packed values for processors with AVX2: a group of eight at a time, each in 64 bits of a
// register on its way to its lane.
#include "lanes.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define GODWIT_AVX2 __attribute__((target("avx2"), always_inline)) inline

namespace godwit::lanes {

namespace {

GODWIT_AVX2 void add_to(std::uint64_t* to, __m256i first, __m256i second) {
  auto* at = reinterpret_cast<__m256i*>(to);
  _mm256_storeu_si256(at, _mm256_add_epi64(_mm256_loadu_si256(at), first));
  _mm256_storeu_si256(at + 1, _mm256_add_epi64(_mm256_loadu_si256(at + 1), second));
}

/// The lower halves of eight 64-bit lanes.
GODWIT_AVX2 __m256i narrow(__m256i first, __m256i second) {
  const __m256 lower = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second),
                                         _MM_SHUFFLE(2, 0, 2, 0));
  return _mm256_permute4x64_epi64(_mm256_castps_si256(lower), _MM_SHUFFLE(3, 1, 2, 0));
}

GODWIT_AVX2 void add_to(std::uint32_t* to, __m256i first, __m256i second) {
  auto* at = reinterpret_cast<__m256i*>(to);
  _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), narrow(first, second)));
}

GODWIT_AVX2 void add_to(std::uint16_t* to, __m256i first, __m256i second) {
  auto* at = reinterpret_cast<__m128i*>(to);
  const __m256i words = narrow(first, second);
  const __m128i values =
      _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(at, _mm_add_epi16(_mm_loadu_si128(at), values));
}

/// Four values: where their pairs begin within a group, and how they are taken out of them.
struct half_group {
  std::size_t pairs[2];
  __m256i places, shifts;
};

/// The values first ..< first + 4 of a group. A pair is at most 2 * 57 + 7 bits, so it lies within
/// the 16 bytes from where it begins.
GODWIT_AVX2 half_group half_of(unsigned first, unsigned bits) {
  alignas(32) std::uint8_t places[32];
  alignas(32) std::uint64_t shifts[4];
  half_group half;
  for (unsigned j = 0; j < 4; ++j) {
    const unsigned pair_byte = (first + j / 2 * 2) * bits / 8;
    const unsigned bit = (first + j) * bits;
    half.pairs[j / 2] = pair_byte;
    shifts[j] = bit % 8;
    for (unsigned k = 0; k < 8; ++k) // a place above 127 reads as a zero, which nobody needs
      places[j * 8 + k] =
          static_cast<std::uint8_t>(bit / 8 - pair_byte + k < 16 ? bit / 8 - pair_byte + k : 128);
  }
  half.places = _mm256_load_si256(reinterpret_cast<const __m256i*>(places));
  half.shifts = _mm256_load_si256(reinterpret_cast<const __m256i*>(shifts));
  return half;
}

GODWIT_AVX2 __m256i values_of(const std::byte* group, const half_group& half, __m256i kept) {
  const auto* first = reinterpret_cast<const __m128i*>(group + half.pairs[0]);
  const auto* second = reinterpret_cast<const __m128i*>(group + half.pairs[1]);
  const __m256i pairs = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(first)),
                                                _mm_loadu_si128(second), 1);
  const __m256i bytes = _mm256_shuffle_epi8(pairs, half.places);
  return _mm256_and_si256(_mm256_srlv_epi64(bytes, half.shifts), kept);
}

template <class Lane>
__attribute__((target("avx2"))) std::size_t add_groups(Lane* to, std::size_t count, unsigned bits,
                                                       const std::byte* body,
                                                       std::size_t body_bytes) {
  constexpr std::size_t read_bytes = 64; // the last pair's 16 end at 42 + 16 at most
  const half_group lower = half_of(0, bits), upper = half_of(4, bits);
  const __m256i kept = _mm256_set1_epi64x(static_cast<long long>((std::uint64_t{1} << bits) - 1));
  std::size_t i = 0;
  for (std::size_t at = 0; i + group_count <= count && at + read_bytes <= body_bytes;
       i += group_count, at += bits)
    add_to(to + i, values_of(body + at, lower, kept), values_of(body + at, upper, kept));
  return i;
}

} // namespace

template <class Lane>
std::size_t add_packed_avx2(Lane* to, std::size_t count, unsigned bits, const std::byte* body,
                            std::size_t body_bytes) {
  return add_groups(to, count, bits, body, body_bytes);
}

template std::size_t add_packed_avx2(std::uint16_t*, std::size_t, unsigned, const std::byte*,
                                     std::size_t);
template std::size_t add_packed_avx2(std::uint32_t*, std::size_t, unsigned, const std::byte*,
                                     std::size_t);
template std::size_t add_packed_avx2(std::uint64_t*, std::size_t, unsigned, const std::byte*,
                                     std::size_t);

} // namespace godwit::lanes

#endif
