// How does the ring's arithmetic run on x86 processors with AVX-512 IFMA?
#if defined(__x86_64__)
#include "rlwe/kernels_ifma.hpp"

#include <algorithm>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored                                                                     \
    "-Wmaybe-uninitialized" // both in GCC 12's own headers: its bug 105593
#endif
#include <immintrin.h>

#define GODWIT_IFMA                                                                                \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512ifma,avx512vpopcntdq")))
#define GODWIT_IFMA_INLINE GODWIT_IFMA __attribute__((always_inline)) inline

namespace godwit::rlwe {

namespace {

constexpr std::size_t lanes = 8;

/// One prime in all lanes.
struct modulus {
  __m512i q, two_q, minus_q, mask;
};

/// A factor and its floor(w 2^52 / q).
struct factor {
  __m512i w, quotient;
};

GODWIT_IFMA_INLINE __m512i spread(std::uint64_t x) {
  return _mm512_set1_epi64(static_cast<long long>(x));
}
GODWIT_IFMA_INLINE __m512i load(const std::uint64_t* from) {
  return _mm512_loadu_si512(from);
}
GODWIT_IFMA_INLINE void store(std::uint64_t* to, __m512i x) {
  _mm512_storeu_si512(to, x);
}
GODWIT_IFMA_INLINE modulus modulus_of(std::uint64_t q) {
  constexpr std::uint64_t word = std::uint64_t{1} << 52;
  return {spread(q), spread(2 * q), spread(word - q), spread(word - 1)};
}
GODWIT_IFMA_INLINE factor spread_factor(const factors& all, std::size_t index) {
  return {spread(all.values[index]), spread(all.quotients[index])};
}
GODWIT_IFMA_INLINE factor load_factor(const factors& all, std::size_t index) {
  return {load(&all.values[index]), load(&all.quotients[index])};
}

/// x or x - bound, whichever is not negative; for x < 2 bound.
GODWIT_IFMA_INLINE __m512i reduce(__m512i x, __m512i bound) {
  return _mm512_min_epu64(x, _mm512_sub_epi64(x, bound));
}

/// x w mod q in [0, 2q), for x < 2^52.
GODWIT_IFMA_INLINE __m512i multiply(__m512i x, const factor& f, const modulus& m) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i quotient = _mm512_madd52hi_epu64(zero, x, f.quotient);
  const __m512i product = _mm512_madd52lo_epu64(zero, x, f.w);
  return _mm512_and_si512(_mm512_madd52lo_epu64(product, quotient, m.minus_q), m.mask);
}

/// (x, y) = (x + w y, x - w y); all in [0, 4q).
GODWIT_IFMA_INLINE void cooley_tukey(__m512i& x, __m512i& y, const factor& f, const modulus& m) {
  const __m512i low = reduce(x, m.two_q);
  const __m512i product = multiply(y, f, m);
  x = _mm512_add_epi64(low, product);
  y = _mm512_add_epi64(_mm512_sub_epi64(low, product), m.two_q);
}

/// (x, y) = (x + y, (x - y) w); all in [0, 2q).
GODWIT_IFMA_INLINE void gentleman_sande(__m512i& x, __m512i& y, const factor& f, const modulus& m) {
  const __m512i difference = _mm512_add_epi64(_mm512_sub_epi64(x, y), m.two_q);
  x = reduce(_mm512_add_epi64(x, y), m.two_q);
  y = multiply(difference, f, m);
}

/// The factors of the next 2 groups four times each, or of the next 4 twice.
GODWIT_IFMA_INLINE factor factor_of_fours(const factors& all, std::size_t index) {
  const __m512i which = _mm512_setr_epi64(0, 0, 0, 0, 1, 1, 1, 1);
  const auto widen = [&](const std::uint64_t* from) GODWIT_IFMA {
    const __m128i two = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm512_permutexvar_epi64(which, _mm512_castsi128_si512(two));
  };
  return {widen(&all.values[index]), widen(&all.quotients[index])};
}
GODWIT_IFMA_INLINE factor factor_of_twos(const factors& all, std::size_t index) {
  const __m512i which = _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3);
  const auto widen = [&](const std::uint64_t* from) GODWIT_IFMA {
    const __m256i four = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_permutexvar_epi64(which, _mm512_castsi256_si512(four));
  };
  return {widen(&all.values[index]), widen(&all.quotients[index])};
}

/// From elements 0-3 | 4-7 of two groups to 0 1 4 5 | 2 3 6 7, and back.
GODWIT_IFMA_INLINE void exchange_pairs(__m512i& x, __m512i& y) {
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
  const __m512i second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  const __m512i old = x;
  x = _mm512_permutex2var_epi64(old, first, y);
  y = _mm512_permutex2var_epi64(old, second, y);
}

/// The last three stages of the forward transform, inside 16 neighbours, with the results in
/// [0, q).
GODWIT_IFMA_INLINE void forward_inside(const transform& t, std::uint64_t* x, const modulus& m) {
  const std::size_t eighth = t.degree / 8;
  const __m512i even = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
  const __m512i odd = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
  for (std::size_t i = 0; i < eighth; i += 2, x += 2 * lanes) {
    const __m512i one = load(x), other = load(x + lanes);
    __m512i low = _mm512_shuffle_i64x2(one, other, 0x44);
    __m512i high = _mm512_shuffle_i64x2(one, other, 0xee);
    cooley_tukey(low, high, factor_of_fours(t.forward, eighth + i), m);
    exchange_pairs(low, high);
    cooley_tukey(low, high, factor_of_twos(t.forward, 2 * (eighth + i)), m);
    __m512i first = _mm512_unpacklo_epi64(low, high);
    __m512i second = _mm512_unpackhi_epi64(low, high);
    cooley_tukey(first, second, load_factor(t.forward, 4 * (eighth + i)), m);
    first = reduce(reduce(first, m.two_q), m.q);
    second = reduce(reduce(second, m.two_q), m.q);
    store(x, _mm512_permutex2var_epi64(first, even, second));
    store(x + lanes, _mm512_permutex2var_epi64(first, odd, second));
  }
}

/// Two stages in one pass: `groups` groups of 4 `quarter`.
GODWIT_IFMA void forward_two_stages(const transform& t, std::uint64_t* x, std::size_t groups,
                                    std::size_t quarter) {
  const modulus m = modulus_of(t.q);
  for (std::size_t group = 0; group < groups; ++group, x += 4 * quarter) {
    const factor outer = spread_factor(t.forward, groups + group);
    const factor left = spread_factor(t.forward, 2 * (groups + group));
    const factor right = spread_factor(t.forward, 2 * (groups + group) + 1);
    for (std::size_t i = 0; i < quarter; i += lanes) {
      __m512i a = load(x + i), b = load(x + quarter + i);
      __m512i c = load(x + 2 * quarter + i), d = load(x + 3 * quarter + i);
      cooley_tukey(a, c, outer, m);
      cooley_tukey(b, d, outer, m);
      cooley_tukey(a, b, left, m);
      cooley_tukey(c, d, right, m);
      store(x + i, a);
      store(x + quarter + i, b);
      store(x + 2 * quarter + i, c);
      store(x + 3 * quarter + i, d);
    }
  }
}

GODWIT_IFMA void forward(const transform& t, std::uint64_t* x) {
  const modulus m = modulus_of(t.q);
  std::size_t groups = 1, half = t.degree / 2;
  const bool is_even = (__builtin_ctzll(t.degree) - 3) % 2 == 0;
  if (!is_even) {
    const factor f = spread_factor(t.forward, 1);
    for (std::size_t i = 0; i < half; i += lanes) {
      __m512i low = load(x + i), high = load(x + half + i);
      cooley_tukey(low, high, f, m);
      store(x + i, low);
      store(x + half + i, high);
    }
    groups = 2;
    half /= 2;
  }
  for (; half >= 2 * lanes; groups *= 4, half /= 4)
    forward_two_stages(t, x, groups, half / 2);
  forward_inside(t, x, m);
}

/// The first three stages of the inverse transform, inside 16 neighbours.
GODWIT_IFMA_INLINE void inverse_inside(const transform& t, std::uint64_t* x, const modulus& m) {
  const std::size_t eighth = t.degree / 8;
  const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
  const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
  for (std::size_t i = 0; i < eighth; i += 2, x += 2 * lanes) {
    const __m512i one = load(x), other = load(x + lanes);
    __m512i first = _mm512_permutex2var_epi64(one, even, other);
    __m512i second = _mm512_permutex2var_epi64(one, odd, other);
    gentleman_sande(first, second, load_factor(t.inverse, 4 * (eighth + i)), m);
    __m512i low = _mm512_unpacklo_epi64(first, second);
    __m512i high = _mm512_unpackhi_epi64(first, second);
    gentleman_sande(low, high, factor_of_twos(t.inverse, 2 * (eighth + i)), m);
    exchange_pairs(low, high);
    gentleman_sande(low, high, factor_of_fours(t.inverse, eighth + i), m);
    store(x, _mm512_shuffle_i64x2(low, high, 0x44));
    store(x + lanes, _mm512_shuffle_i64x2(low, high, 0xee));
  }
}

GODWIT_IFMA void inverse_two_stages(const transform& t, std::uint64_t* x, std::size_t groups,
                                    std::size_t quarter) {
  const modulus m = modulus_of(t.q);
  for (std::size_t group = 0; group < groups; ++group, x += 4 * quarter) {
    const factor outer = spread_factor(t.inverse, groups + group);
    const factor left = spread_factor(t.inverse, 2 * (groups + group));
    const factor right = spread_factor(t.inverse, 2 * (groups + group) + 1);
    for (std::size_t i = 0; i < quarter; i += lanes) {
      __m512i a = load(x + i), b = load(x + quarter + i);
      __m512i c = load(x + 2 * quarter + i), d = load(x + 3 * quarter + i);
      gentleman_sande(a, b, left, m);
      gentleman_sande(c, d, right, m);
      gentleman_sande(a, c, outer, m);
      gentleman_sande(b, d, outer, m);
      store(x + i, a);
      store(x + quarter + i, b);
      store(x + 2 * quarter + i, c);
      store(x + 3 * quarter + i, d);
    }
  }
}

/// The last stage, with 1 / N in its factors and the results in [0, q).
GODWIT_IFMA void inverse_last(const transform& t, std::uint64_t* x) {
  const modulus m = modulus_of(t.q);
  const std::size_t half = t.degree / 2;
  const factor scale{spread(t.last), spread(t.last_quotient)};
  const factor root{spread(t.last_root), spread(t.last_root_quotient)};
  for (std::size_t i = 0; i < half; i += lanes) {
    const __m512i low = load(x + i), high = load(x + half + i);
    const __m512i sum = _mm512_add_epi64(low, high);
    const __m512i difference = _mm512_add_epi64(_mm512_sub_epi64(low, high), m.two_q);
    store(x + i, reduce(multiply(sum, scale, m), m.q));
    store(x + half + i, reduce(multiply(difference, root, m), m.q));
  }
}

GODWIT_IFMA void inverse(const transform& t, std::uint64_t* x) {
  const modulus m = modulus_of(t.q);
  inverse_inside(t, x, m);
  std::size_t groups = t.degree / 16, half = lanes;
  const bool is_odd = (__builtin_ctzll(t.degree) - 3) % 2 == 0; // stages left beside the last one
  if (is_odd) {
    for (std::size_t group = 0; group < groups; ++group) {
      const factor f = spread_factor(t.inverse, groups + group);
      std::uint64_t* at = x + 2 * group * half;
      __m512i low = load(at), high = load(at + half);
      gentleman_sande(low, high, f, m);
      store(at, low);
      store(at + half, high);
    }
    groups /= 2;
    half *= 2;
  }
  for (; groups > 1; groups /= 4, half *= 4)
    inverse_two_stages(t, x, groups / 2, half);
  inverse_last(t, x);
}

GODWIT_IFMA void multiply_add(const transform& t, std::uint64_t* sum, const std::uint64_t* x,
                              const factors& w) {
  const modulus m = modulus_of(t.q);
  for (std::size_t i = 0; i < t.degree; i += lanes) {
    const __m512i product = multiply(load(x + i), load_factor(w, i), m);
    const __m512i total = _mm512_add_epi64(load(sum + i), product); // below 3q
    store(sum + i, reduce(reduce(total, m.two_q), m.q));
  }
}

GODWIT_IFMA void count_coins(std::uint64_t* counts, const std::uint64_t* words, unsigned word_count,
                             std::size_t degree) {
  const __m512i mask = spread((std::uint64_t{1} << (2 * coins)) - 1);
  for (std::size_t i = 0; i < degree; i += lanes) {
    __m512i count = _mm512_setzero_si512();
    for (unsigned word = 0; word < word_count; ++word) {
      const __m512i drawn = _mm512_and_si512(load(words + word * degree + i), mask);
      count = _mm512_add_epi64(count, _mm512_popcnt_epi64(drawn));
    }
    store(counts + i, count);
  }
}

GODWIT_IFMA void draw_ternary(std::uint64_t* out, const std::uint64_t* words, std::size_t degree) {
  loops::draw_ternary(out, words, degree);
}

GODWIT_IFMA void cut_digits(const parameter_set& set, std::uint64_t* digits,
                            const std::uint32_t* values) {
  loops::cut_digits(set, digits, values);
}

GODWIT_IFMA void lift(const transform& t, std::uint64_t* out, const std::uint64_t* digits,
                      std::size_t digit_count, const std::uint64_t* small, std::uint64_t offset) {
  const modulus m = modulus_of(t.q);
  const factor fold{spread(t.fold), spread(t.fold_quotient)};
  const __m512i shift = spread(t.q - offset);
  for (std::size_t i = 0; i < t.degree; i += lanes) {
    __m512i x = _mm512_setzero_si512();
    if (digit_count > 0)
      x = load(digits + (digit_count - 1) * t.degree + i);
    for (std::size_t digit = digit_count; digit-- > 1;) {
      const __m512i folded = reduce(multiply(x, fold, m), m.q);
      x = _mm512_add_epi64(folded, load(digits + (digit - 1) * t.degree + i));
    }
    store(out + i, _mm512_add_epi64(x, _mm512_add_epi64(load(small + i), shift)));
  }
}

/// One coefficient in each lane: high 2^52 + low.
struct wide {
  __m512i low, high;
};

/// The number with two residues: x0 + q0 ((x1 - x0) / q0 mod q1).
GODWIT_IFMA_INLINE wide combine(__m512i x0, __m512i x1, const factor& inverse, std::uint64_t q0,
                                const modulus& m1) {
  const __m512i difference = _mm512_add_epi64(_mm512_sub_epi64(x1, x0), m1.two_q);
  const __m512i digit = reduce(multiply(difference, inverse, m1), m1.q);
  const __m512i low = _mm512_madd52lo_epu64(x0, digit, spread(q0));
  const __m512i high = _mm512_madd52hi_epu64(_mm512_srli_epi64(low, 52), digit, spread(q0));
  return {_mm512_and_si512(low, m1.mask), high};
}

/// 64 bits of x from bit `position` on; a shift by 64 and more gives 0.
GODWIT_IFMA_INLINE __m512i bits_at(const wide& x, unsigned position) {
  const auto by = [](unsigned count)
                      GODWIT_IFMA { return _mm_cvtsi32_si128(static_cast<int>(count)); };
  if (position >= 52)
    return _mm512_srl_epi64(x.high, by(position - 52));
  return _mm512_or_si512(_mm512_srl_epi64(x.low, by(position)),
                         _mm512_sll_epi64(x.high, by(52 - position)));
}

GODWIT_IFMA decoded_bounds decode_two_primes(const decoding& d, std::uint32_t* slots,
                                             const std::uint64_t* residues) {
  const parameter_set& set = d.set;
  const std::size_t degree = set.degree;
  const modulus m0 = modulus_of(d.q[0]), m1 = modulus_of(d.q[1]);
  const factor inverse{spread(d.inverses[0][1]), spread(d.quotients[0][1] >> 12)};
  const __m512i half0 = spread(d.half[0]), half1 = spread(d.half[1]);
  const std::uint64_t half = std::uint64_t{1} << (set.scale_bits - 1);
  const __m512i noise_mask = spread(2 * half - 1);
  const __m512i slot_mask = spread((std::uint64_t{1} << set.slot_bits) - 1);
  __m512i noise = _mm512_setzero_si512(), largest = noise, overflow = noise;
  for (std::size_t i = 0; i < degree; i += lanes) {
    const __m512i x0 = reduce(_mm512_add_epi64(load(residues + i), half0), m0.q);
    const __m512i x1 = reduce(_mm512_add_epi64(load(residues + degree + i), half1), m1.q);
    const wide x = combine(x0, x1, inverse, d.q[0], m1);
    const __m512i off = _mm512_sub_epi64(_mm512_and_si512(x.low, noise_mask), spread(half));
    noise = _mm512_max_epu64(noise, _mm512_abs_epi64(off));
    unsigned position = set.scale_bits;
    for (unsigned slot = 0; slot < set.slot_count; ++slot, position += set.slot_bits) {
      const __m512i value = _mm512_and_si512(bits_at(x, position), slot_mask);
      largest = _mm512_max_epu64(largest, value);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(slots + slot * degree + i),
                          _mm512_cvtepi64_epi32(value));
    }
    overflow = _mm512_or_si512(overflow, bits_at(x, position));
  }
  return {.noise = _mm512_reduce_max_epu64(noise),
          .slot = _mm512_reduce_max_epu64(largest),
          .overflow = static_cast<std::uint64_t>(_mm512_reduce_or_epi64(overflow))};
}

GODWIT_IFMA void add(std::uint64_t* sum, const std::uint64_t* x, std::size_t count) {
  std::size_t i = 0;
  for (; i < count && reinterpret_cast<std::uintptr_t>(sum + i) % 64 != 0; ++i)
    sum[i] += x[i]; // then no store crosses a line of the cache, nor a load if x lies alike
  for (; i + 4 * lanes <= count; i += 4 * lanes)
    for (std::size_t part = 0; part < 4 * lanes; part += lanes)
      store(sum + i + part, _mm512_add_epi64(load(sum + i + part), load(x + i + part)));
  for (; i < count; ++i)
    sum[i] += x[i];
}

} // namespace

const kernel_set ifma_kernels{.quotient_bits = 52,
                              .forward = forward,
                              .inverse = inverse,
                              .multiply_add = multiply_add,
                              .count_coins = count_coins,
                              .draw_ternary = draw_ternary,
                              .cut_digits = cut_digits,
                              .lift = lift,
                              .decode_two_primes = decode_two_primes,
                              .add = add};

} // namespace godwit::rlwe
#endif
