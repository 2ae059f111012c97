// Packing for processors with AVX-512 and VBMI: a group of eight values at a time, each in 64 bits
// of a register on its way between its lane and its place among the bits.
#include "lanes.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 header for mistakes (GCC
// bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#define GODWIT_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")))
#define GODWIT_AVX512                                                                              \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi"), always_inline)) inline

namespace godwit::lanes {

namespace {

constexpr std::size_t register_bytes = 64;

GODWIT_AVX512 __m512i widened(const std::uint64_t* from) {
  return _mm512_loadu_si512(from);
}

GODWIT_AVX512 __m512i widened(const std::uint32_t* from) {
  return _mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

GODWIT_AVX512 __m512i widened(const std::uint16_t* from) {
  return _mm512_cvtepu16_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

GODWIT_AVX512 void add_to(std::uint64_t* to, __m512i values) {
  _mm512_storeu_si512(to, _mm512_add_epi64(_mm512_loadu_si512(to), values));
}

GODWIT_AVX512 void add_to(std::uint32_t* to, __m512i values) {
  auto* at = reinterpret_cast<__m256i*>(to);
  _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), _mm512_cvtepi64_epi32(values)));
}

GODWIT_AVX512 void add_to(std::uint16_t* to, __m512i values) {
  auto* at = reinterpret_cast<__m128i*>(to);
  _mm_storeu_si128(at, _mm_add_epi16(_mm_loadu_si128(at), _mm512_cvtepi64_epi16(values)));
}

/// How far each of eight values of `bits` bits is shifted within the byte that it begins in.
GODWIT_AVX512 __m512i shifts_of(unsigned bits) {
  alignas(64) std::uint64_t shifts[group_count];
  for (unsigned j = 0; j < group_count; ++j)
    shifts[j] = j * bits % 8;
  return _mm512_load_si512(shifts);
}

/// Where the bytes of a packed group come from among eight shifted values. A byte has bits of one
/// value, or of two neighbours: `second` has the later one.
struct byte_sources {
  __m512i first, second;
  __mmask64 has_first = 0, has_second = 0;
};

GODWIT_AVX512 byte_sources sources_of(unsigned bits) {
  alignas(64) std::uint8_t first[register_bytes] = {}, second[register_bytes] = {};
  byte_sources sources;
  for (unsigned byte = 0; byte < bits; ++byte) {
    const unsigned one = byte * 8 / bits, other = (byte * 8 + 7) / bits;
    first[byte] = static_cast<std::uint8_t>(one * 8 + byte - one * bits / 8);
    second[byte] = static_cast<std::uint8_t>(other * 8);
    sources.has_first |= __mmask64{1} << byte;
    sources.has_second |= __mmask64{one != other} << byte;
  }
  sources.first = _mm512_load_si512(first);
  sources.second = _mm512_load_si512(second);
  return sources;
}

/// Which eight bytes of a packed group hold each of its values.
GODWIT_AVX512 __m512i places_of(unsigned bits) {
  alignas(64) std::uint8_t places[register_bytes];
  for (unsigned i = 0; i < register_bytes; ++i)
    places[i] = static_cast<std::uint8_t>(i / 8 * bits / 8 + i % 8);
  return _mm512_load_si512(places);
}

// What lies behind a group is written over by the next one.
template <class Lane>
GODWIT_TARGET std::size_t pack_groups(const Lane* from, std::size_t count, unsigned bits,
                                      std::byte* body, std::size_t body_bytes) {
  const byte_sources sources = sources_of(bits);
  const __m512i shifts = shifts_of(bits);
  const __m512i kept = _mm512_set1_epi64(static_cast<long long>((std::uint64_t{1} << bits) - 1));
  std::size_t i = 0;
  for (std::size_t at = 0; i + group_count <= count && at + register_bytes <= body_bytes;
       i += group_count, at += bits) {
    const __m512i values = _mm512_sllv_epi64(_mm512_and_si512(widened(from + i), kept), shifts);
    const __m512i first = _mm512_maskz_permutexvar_epi8(sources.has_first, sources.first, values);
    const __m512i second =
        _mm512_maskz_permutexvar_epi8(sources.has_second, sources.second, values);
    _mm512_storeu_si512(body + at, _mm512_or_si512(first, second));
  }
  return i;
}

template <class Lane>
GODWIT_TARGET std::size_t add_groups(Lane* to, std::size_t count, unsigned bits,
                                     const std::byte* body, std::size_t body_bytes) {
  const __m512i places = places_of(bits);
  const __m512i shifts = shifts_of(bits);
  const __m512i kept = _mm512_set1_epi64(static_cast<long long>((std::uint64_t{1} << bits) - 1));
  std::size_t i = 0;
  for (std::size_t at = 0; i + group_count <= count && at + register_bytes <= body_bytes;
       i += group_count, at += bits) {
    const __m512i bytes = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(body + at));
    add_to(to + i, _mm512_and_si512(_mm512_srlv_epi64(bytes, shifts), kept));
  }
  return i;
}

} // namespace

template <class Lane>
std::size_t pack_avx512(const Lane* from, std::size_t count, unsigned bits, std::byte* body,
                        std::size_t body_bytes) {
  return pack_groups(from, count, bits, body, body_bytes);
}

template <class Lane>
std::size_t add_packed_avx512(Lane* to, std::size_t count, unsigned bits, const std::byte* body,
                              std::size_t body_bytes) {
  return add_groups(to, count, bits, body, body_bytes);
}

template std::size_t pack_avx512(const std::uint16_t*, std::size_t, unsigned, std::byte*,
                                 std::size_t);
template std::size_t pack_avx512(const std::uint32_t*, std::size_t, unsigned, std::byte*,
                                 std::size_t);
template std::size_t pack_avx512(const std::uint64_t*, std::size_t, unsigned, std::byte*,
                                 std::size_t);
template std::size_t add_packed_avx512(std::uint16_t*, std::size_t, unsigned, const std::byte*,
                                       std::size_t);
template std::size_t add_packed_avx512(std::uint32_t*, std::size_t, unsigned, const std::byte*,
                                       std::size_t);
template std::size_t add_packed_avx512(std::uint64_t*, std::size_t, unsigned, const std::byte*,
                                       std::size_t);

} // namespace godwit::lanes

#endif
