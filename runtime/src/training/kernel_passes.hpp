// How are the kernels computed that pass once over their data? The second half of
// kernel_bodies.hpp, same rules.
#pragma once

#include "training/kernel_bodies.hpp"

namespace godwit::GODWIT_KERNEL_SET {

template <size Lanes>
using ints = typename lanes_of<Lanes>::ints;

template <size Lanes>
GODWIT_INLINE ints<Lanes> load_winners(const std::int8_t* from) {
  if constexpr (Lanes == 1)
    return *from;
  else
    return __builtin_convertvector(
        *reinterpret_cast<const typename lanes_of<Lanes>::unaligned_bytes*>(from), ints<Lanes>);
}
template <size Lanes>
GODWIT_INLINE void store_winners(std::int8_t* to, ints<Lanes> value) {
  if constexpr (Lanes == 1)
    *to = static_cast<std::int8_t>(value);
  else
    *reinterpret_cast<typename lanes_of<Lanes>::unaligned_bytes*>(to) =
        __builtin_convertvector(value, typename lanes_of<Lanes>::bytes);
}

template <size Lanes>
GODWIT_INLINE void pool_channels(const pooled_rows& p, size column, size channel) {
  const size left = 2 * column * p.channel_count + channel;
  const floats<Lanes> zero = {};
  ints<Lanes> winner = {};
  floats<Lanes> best = load<Lanes>(p.upper + left);
  const floats<Lanes> others[3] = {load<Lanes>(p.upper + left + p.channel_count),
                                   load<Lanes>(p.lower + left),
                                   load<Lanes>(p.lower + left + p.channel_count)};
#pragma GCC unroll 3
  for (std::int32_t i = 0; i < 3; ++i) {
    const ints<Lanes> number = ints<Lanes>{} + (i + 1);
    winner = others[i] > best ? number : winner;
    best = others[i] > best ? others[i] : best;
  }
  best += load<Lanes>(p.bias + channel);
  const ints<Lanes> dead = ints<Lanes>{} + pool_dead;
  winner = best > zero ? winner : dead;
  const size at = column * p.channel_count + channel;
  store<Lanes>(p.out + at, best > zero ? best : zero);
  store_winners<Lanes>(p.winners + at, winner);
}

GODWIT_KERNEL void pool(const pooled_rows& p) {
  for (size column = 0; column < p.out_width; ++column) {
    size channel = 0;
    for (; channel + GODWIT_LANES <= p.channel_count; channel += GODWIT_LANES)
      pool_channels<GODWIT_LANES>(p, column, channel);
    for (; channel < p.channel_count; ++channel)
      pool_channels<1>(p, column, channel);
  }
}

template <size Lanes>
GODWIT_INLINE void unpool_channels(const unpooled_rows& p, size column, size channel) {
  const size at = column * p.channel_count + channel, left = at + column * p.channel_count;
  const floats<Lanes> zero = {}, value = load<Lanes>(p.gradient + at);
  const ints<Lanes> winner = load_winners<Lanes>(p.winners + at), none = {};
  float* const corners[4] = {p.upper + left, p.upper + left + p.channel_count, p.lower + left,
                             p.lower + left + p.channel_count};
#pragma GCC unroll 4
  for (std::int32_t i = 0; i < 4; ++i)
    store<Lanes>(corners[i], winner == none + i ? value : zero);
  float* sum = p.channel_sums + channel;
  store<Lanes>(sum, load<Lanes>(sum) + (winner == none + pool_dead ? zero : value));
}

GODWIT_KERNEL void unpool(const unpooled_rows& p) {
  for (size column = 0; column < p.out_width; ++column) {
    size channel = 0;
    for (; channel + GODWIT_LANES <= p.channel_count; channel += GODWIT_LANES)
      unpool_channels<GODWIT_LANES>(p, column, channel);
    for (; channel < p.channel_count; ++channel)
      unpool_channels<1>(p, column, channel);
  }
}

GODWIT_INLINE void transpose_four(const float* from, size from_stride, float* to, size to_stride) {
  const floats<4> a = load<4>(from), b = load<4>(from + from_stride),
                  c = load<4>(from + 2 * from_stride), d = load<4>(from + 3 * from_stride);
  const floats<4> ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const floats<4> ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const floats<4> cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const floats<4> cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store<4>(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store<4>(to + to_stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store<4>(to + 2 * to_stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store<4>(to + 3 * to_stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

GODWIT_KERNEL void transpose(const float* from, size from_stride, size rows, size columns,
                             float* to, size to_stride) {
  const size whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (size j = 0; j < whole_columns; j += 4)
    for (size i = 0; i < whole_rows; i += 4)
      transpose_four(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
  for (size i = 0; i < rows; ++i)
    for (size j = i < whole_rows ? whole_columns : 0; j < columns; ++j)
      to[j * to_stride + i] = from[i * from_stride + j];
}

GODWIT_KERNEL void scale_bytes(const std::uint8_t* __restrict from, float* __restrict to,
                               size count) {
  for (size at = 0; at < count; ++at) // the compiler's own vectors: it knows how to widen bytes
    to[at] = static_cast<float>(from[at]) * (1.0F / 255.0F);
}

/// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; ln 2 in two parts and the polynomial
/// for e^r as in Moshier, "Methods and Programs for Mathematical Functions" (1989), single
/// precision.
GODWIT_INLINE floats<GODWIT_LANES> exponential(floats<GODWIT_LANES> x) {
  using whole [[gnu::vector_size(GODWIT_LANES * 4)]] = std::uint32_t;
  const floats<GODWIT_LANES> low = floats<GODWIT_LANES>{} - 87.0F,
                             high = floats<GODWIT_LANES>{} + 88.0F;
  x = x < low ? low : x;
  x = x > high ? high : x;
  constexpr float rounder =
      12582912.0F; // 1.5 x 2^23: what is added to it is rounded to a whole number
  const floats<GODWIT_LANES> shifted = x * 1.44269504088896341F + rounder;
  const floats<GODWIT_LANES> n = shifted - rounder;
  const floats<GODWIT_LANES> r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  floats<GODWIT_LANES> sum = r * 1.9875691500e-4F + 1.3981999507e-3F;
  sum = sum * r + 8.3334519073e-3F;
  sum = sum * r + 4.1665795894e-2F;
  sum = sum * r + 1.6666665459e-1F;
  sum = sum * r + 5.0000001201e-1F;
  sum = sum * (r * r) + r + 1.0F;
  const whole power = (reinterpret_cast<whole>(shifted) << 23U) + 0x3F800000U;
  return sum * reinterpret_cast<floats<GODWIT_LANES>>(power);
}

GODWIT_KERNEL void exponentiate(float* x, size count) {
  size at = 0;
  for (; at + GODWIT_LANES <= count; at += GODWIT_LANES)
    store<GODWIT_LANES>(x + at, exponential(load<GODWIT_LANES>(x + at)));
  if (at == count)
    return;
  float rest[GODWIT_LANES] = {};
  for (size i = at; i < count; ++i)
    rest[i - at] = x[i];
  store<GODWIT_LANES>(rest, exponential(load<GODWIT_LANES>(rest)));
  for (size i = at; i < count; ++i)
    x[i] = rest[i - at];
}

template <size Lanes>
GODWIT_INLINE void momentum_lanes(const momentum_step_terms& s, size at) {
  const floats<Lanes> w = load<Lanes>(s.w + at);
  floats<Lanes> v = s.momentum * load<Lanes>(s.v + at) + (load<Lanes>(s.g + at) + s.decay * w);
  if (s.pull)
    v -= load<Lanes>(s.pull + at);
  store<Lanes>(s.v + at, v);
  store<Lanes>(s.w + at, w - s.learning_rate * v);
}

GODWIT_KERNEL void momentum_step(const momentum_step_terms& s) {
  size at = 0;
  for (; at + GODWIT_LANES <= s.count; at += GODWIT_LANES)
    momentum_lanes<GODWIT_LANES>(s, at);
  for (; at < s.count; ++at)
    momentum_lanes<1>(s, at);
}

} // namespace godwit::GODWIT_KERNEL_SET
