// Eight ladders of RFC 7748 side by side, one a lane: numbers mod 2^255 - 19 in five limbs of 51
// bits, multiplied by AVX-512's 52-bit multiply-adds. The scalar is the same in all lanes, and no
// step depends on it but by masks.
#include "agreement_kernels.hpp"

#include <cstdint>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>

#if defined(__x86_64__)

#include <immintrin.h>

#define GODWIT_IFMA [[gnu::target("avx512f,avx512ifma"), gnu::always_inline]] static inline

namespace godwit {
namespace {

using lanes = unsigned long long __attribute__((vector_size(64)));

constexpr std::uint64_t limb_mask = (std::uint64_t{1} << 51) - 1;

/// A number a lane. A reduced one has limbs below 2^51 + 2^15.
struct number {
  lanes limb[5];
};

GODWIT_IFMA lanes same(std::uint64_t x) {
  return lanes{x, x, x, x, x, x, x, x};
}
GODWIT_IFMA lanes low(lanes sum, lanes a, lanes b) {
  return reinterpret_cast<lanes>(_mm512_madd52lo_epu64(
      reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
GODWIT_IFMA lanes high(lanes sum, lanes a, lanes b) {
  return reinterpret_cast<lanes>(_mm512_madd52hi_epu64(
      reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
GODWIT_IFMA lanes times_19(lanes x) {
  return (x << 4) + (x << 1) + x;
}

/// From limbs below 2^61 to a reduced number: 2^255 = 19.
GODWIT_IFMA number reduced(const number& x) {
  const lanes mask = same(limb_mask);
  number r;
  r.limb[0] = (x.limb[0] & mask) + times_19(x.limb[4] >> 51);
  for (int i = 1; i < 5; ++i)
    r.limb[i] = (x.limb[i] & mask) + (x.limb[i - 1] >> 51);
  return r;
}

GODWIT_IFMA number plus(const number& a, const number& b) {
  number r;
  for (int i = 0; i < 5; ++i)
    r.limb[i] = a.limb[i] + b.limb[i];
  return reduced(r);
}

/// a - b + 4 p, so that no limb is negative.
GODWIT_IFMA number minus(const number& a, const number& b) {
  number r;
  r.limb[0] = a.limb[0] + same(4 * (limb_mask - 18)) - b.limb[0];
  for (int i = 1; i < 5; ++i)
    r.limb[i] = a.limb[i] + same(4 * limb_mask) - b.limb[i];
  return reduced(r);
}

/// Of two reduced numbers. A product's upper half counts 2^52, two times a limb.
GODWIT_IFMA number times(const number& a, const number& b) {
  lanes lower[10], upper[10];
  for (int i = 0; i < 10; ++i)
    lower[i] = upper[i] = same(0);
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 5; ++j) {
      lower[i + j] = low(lower[i + j], a.limb[i], b.limb[j]);
      upper[i + j + 1] = high(upper[i + j + 1], a.limb[i], b.limb[j]);
    }
  number r;
  for (int i = 0; i < 5; ++i) // each sum is below 15 2^52
    r.limb[i] = lower[i] + (upper[i] << 1) + times_19(lower[i + 5] + (upper[i + 5] << 1));
  return reduced(r);
}

/// By the curve's constant (A - 2) / 4 = 121665.
GODWIT_IFMA number times_constant(const number& a) {
  const lanes constant = same(121'665);
  number r;
  for (int i = 0; i < 5; ++i)
    r.limb[i] = low(same(0), a.limb[i], constant);
  r.limb[0] += times_19(high(same(0), a.limb[4], constant) << 1);
  for (int i = 1; i < 5; ++i)
    r.limb[i] += high(same(0), a.limb[i - 1], constant) << 1;
  return reduced(r);
}

GODWIT_IFMA number squared(number x, int times_squared) {
  for (int i = 0; i < times_squared; ++i)
    x = times(x, x);
  return x;
}

/// x^(p - 2), p - 2 = 2^255 - 21.
GODWIT_IFMA number inverse(const number& x) {
  const number x2 = squared(x, 1);
  const number x9 = times(squared(x2, 2), x);
  const number x11 = times(x9, x2);
  const number ones5 = times(squared(x11, 1), x9); // x^(2^5 - 1)
  const number ones10 = times(squared(ones5, 5), ones5);
  const number ones20 = times(squared(ones10, 10), ones10);
  const number ones40 = times(squared(ones20, 20), ones20);
  const number ones50 = times(squared(ones40, 10), ones10);
  const number ones100 = times(squared(ones50, 50), ones50);
  const number ones200 = times(squared(ones100, 100), ones100);
  const number ones250 = times(squared(ones200, 50), ones50);
  return times(squared(ones250, 5), x11);
}

/// Exchanges both where `mask` is all ones, and neither where it is 0.
GODWIT_IFMA void exchange(number& a, number& b, lanes mask) {
  for (int i = 0; i < 5; ++i) {
    const lanes change = (a.limb[i] ^ b.limb[i]) & mask;
    a.limb[i] ^= change;
    b.limb[i] ^= change;
  }
}

/// u of scalar times the point with this u; the scalar is clamped.
[[gnu::target("avx512f,avx512ifma"), gnu::noinline]] void
climb(const std::array<std::uint8_t, 32>& scalar, const number& u, number& out) {
  number x2{}, z2{}, x3 = u, z3{};
  x2.limb[0] = z3.limb[0] = same(1);
  std::uint64_t before = 0;
  for (int t = 254; t >= 0; --t) {
    const std::uint64_t bit = scalar[static_cast<std::size_t>(t) / 8] >> (t % 8) & 1U;
    const lanes mask = same(std::uint64_t{0} - (bit ^ before));
    before = bit;
    exchange(x2, x3, mask);
    exchange(z2, z3, mask);
    const number a = plus(x2, z2), b = minus(x2, z2);
    const number aa = times(a, a), bb = times(b, b), e = minus(aa, bb);
    const number da = times(minus(x3, z3), a), cb = times(plus(x3, z3), b);
    const number sum = plus(da, cb), difference = minus(da, cb);
    x3 = times(sum, sum);
    z3 = times(u, times(difference, difference));
    x2 = times(aa, bb);
    z2 = times(e, plus(aa, times_constant(e)));
  }
  const lanes mask = same(std::uint64_t{0} - before);
  exchange(x2, x3, mask);
  exchange(z2, z3, mask);
  out = times(x2, inverse(z2));
}

std::uint64_t word_at(const agreement_key& key, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i-- > 0;)
    word = word << 8 | std::to_integer<std::uint64_t>(key[8 * index + i]);
  return word;
}

/// Without the topmost bit (RFC 7748 section 5).
void read_limbs(const agreement_key& key, std::uint64_t* limbs) {
  const auto a = word_at(key, 0), b = word_at(key, 1), c = word_at(key, 2), d = word_at(key, 3);
  limbs[0] = a & limb_mask;
  limbs[1] = (a >> 51 | b << 13) & limb_mask;
  limbs[2] = (b >> 38 | c << 26) & limb_mask;
  limbs[3] = (c >> 25 | d << 39) & limb_mask;
  limbs[4] = d >> 12 & limb_mask;
}

void carry(std::uint64_t* x) {
  for (int i = 0; i < 4; ++i) {
    x[i + 1] += x[i] >> 51;
    x[i] &= limb_mask;
  }
  x[0] += 19 * (x[4] >> 51);
  x[4] &= limb_mask;
}

/// The one way to write it, below p.
void write_limbs(std::uint64_t* x, agreement_key& key) {
  carry(x);
  carry(x);
  // x + 19 reaches 2^255 where x >= p, and then the rest of it is x - p.
  std::uint64_t excess = 19;
  for (int i = 0; i < 5; ++i)
    excess = (x[i] + excess) >> 51;
  x[0] += 19 * excess;
  for (int i = 0; i < 4; ++i) {
    x[i + 1] += x[i] >> 51;
    x[i] &= limb_mask;
  }
  x[4] &= limb_mask;
  const std::uint64_t words[4] = {x[0] | x[1] << 51, x[1] >> 13 | x[2] << 38,
                                  x[2] >> 26 | x[3] << 25, x[3] >> 39 | x[4] << 12};
  for (std::size_t i = 0; i < 32; ++i)
    key[i] = static_cast<std::byte>(words[i / 8] >> (8 * (i % 8)) & 0xff);
}

} // namespace

bool has_ifma_agreement() noexcept {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
  return has;
}

void agree_with_eight(bytes_view own_secret,
                      const std::array<agreement_key, agreement_batch>& theirs,
                      std::array<agreement_key, agreement_batch>& agreed) {
  std::array<std::uint8_t, 32> scalar{};
  for (std::size_t i = 0; i < scalar.size(); ++i)
    scalar[i] = std::to_integer<std::uint8_t>(own_secret[i]);
  scalar[0] &= 248;
  scalar[31] = static_cast<std::uint8_t>((scalar[31] & 127) | 64);
  number u{}, result{};
  std::uint64_t limbs[5];
  for (std::size_t lane = 0; lane < agreement_batch; ++lane) {
    read_limbs(theirs[lane], limbs);
    for (int i = 0; i < 5; ++i)
      u.limb[i][lane] = limbs[i];
  }
  climb(scalar, u, result);
  for (std::size_t lane = 0; lane < agreement_batch; ++lane) {
    for (int i = 0; i < 5; ++i)
      limbs[i] = result.limb[i][lane];
    write_limbs(limbs, agreed[lane]);
  }
  wipe(std::as_writable_bytes(std::span(scalar)));
  wipe(std::as_writable_bytes(std::span(limbs)));
  wipe({reinterpret_cast<std::byte*>(&result), sizeof(result)});
}

} // namespace godwit

#else

namespace godwit {

bool has_ifma_agreement() noexcept {
  return false;
}

void agree_with_eight(bytes_view, const std::array<agreement_key, agreement_batch>&,
                      std::array<agreement_key, agreement_batch>&) {
  GODWIT_CHECK(has_ifma_agreement(), "this processor agrees with one key at a time");
}

} // namespace godwit

#endif
