// How are the kernels computed? Compiled once for each set of vector instructions, by the
// kernels_*.cpp files, which say which: GODWIT_KERNEL_SET names it, GODWIT_TARGET is its function
// attribute, GODWIT_LANES the floats in a vector, GODWIT_TILE the rows of C that a block of
// registers holds. Nothing here may call an inline function of another header: that function's only
// copy in the program could then be one that other processors cannot run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "training/kernels.hpp"

#ifndef GODWIT_KERNEL_SET
#define GODWIT_KERNEL_SET portable_kernels
#define GODWIT_TARGET
#define GODWIT_LANES 4
#define GODWIT_TILE 6
#endif

#define GODWIT_INLINE GODWIT_TARGET __attribute__((always_inline)) inline static
#define GODWIT_KERNEL GODWIT_TARGET __attribute__((unused, noinline)) static

namespace godwit::GODWIT_KERNEL_SET {

using size = std::size_t;

template <size Lanes>
struct lanes_of {
  using floats [[gnu::vector_size(Lanes * 4)]] = float;
  using unaligned [[gnu::vector_size(Lanes * 4), gnu::aligned(4), gnu::may_alias]] = float;
  using ints [[gnu::vector_size(Lanes * 4)]] = std::int32_t;
  using bytes [[gnu::vector_size(Lanes)]] = std::int8_t;
  using unaligned_bytes [[gnu::vector_size(Lanes), gnu::aligned(1), gnu::may_alias]] = std::int8_t;
};
template <>
struct lanes_of<1> {
  using floats = float;
  using unaligned = float;
  using ints = std::int32_t;
};
template <size Lanes>
using floats = typename lanes_of<Lanes>::floats;

template <size Lanes>
GODWIT_INLINE floats<Lanes> load(const float* from) {
  return *reinterpret_cast<const typename lanes_of<Lanes>::unaligned*>(from);
}
template <size Lanes>
GODWIT_INLINE void store(float* to, floats<Lanes> value) {
  *reinterpret_cast<typename lanes_of<Lanes>::unaligned*>(to) = value;
}

// -- multiply: outer products of a column of A with a row of B, summed in registers

template <size Lanes, size Vectors, size Rows>
GODWIT_KERNEL void multiply_tile(const product& p, const float* a, const float* b, float* c,
                                 const float* u) {
  floats<Lanes> sums[Rows][Vectors] = {};
  const size a_m = p.a_m;
  for (size run = 0; run < p.run_count; ++run, a += p.a_run, b += p.b_run) {
    const float* heads[(Rows + 2) /
                       3]; // every third row: the two behind it are reached by address arithmetic
    for (size i = 0; i < (Rows + 2) / 3; ++i)
      heads[i] = a + 3 * i * a_m;
    const float* row = b;
    for (size j = 0; j < p.k; ++j, row += p.b_k) {
      floats<Lanes> right[Vectors];
#pragma GCC unroll 4
      for (size v = 0; v < Vectors; ++v)
        right[v] = load<Lanes>(row + v * Lanes);
#pragma GCC unroll 16
      for (size i = 0; i < Rows; ++i) {
        const float left = heads[i / 3][(i % 3) * a_m];
#pragma GCC unroll 4
        for (size v = 0; v < Vectors; ++v)
          sums[i][v] += left * right[v];
      }
#pragma GCC unroll 16
      for (size i = 0; i < (Rows + 2) / 3; ++i)
        heads[i] += p.a_k;
    }
  }
#pragma GCC unroll 16
  for (size i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (size v = 0; v < Vectors; ++v) {
      float* to = c + i * p.c_m + v * Lanes;
      floats<Lanes> sum = p.alpha * sums[i][v];
      if (p.beta != 0.0F)
        sum += p.beta * load<Lanes>(to);
      if (u)
        sum += p.gamma * load<Lanes>(u + i * p.c_m + v * Lanes);
      store<Lanes>(to, sum);
    }
  }
}

template <size Lanes, size Vectors, size Rows>
GODWIT_INLINE void multiply_rows(size rows, const product& p, const float* a, const float* b,
                                 float* c, const float* u) {
  if (rows == Rows)
    multiply_tile<Lanes, Vectors, Rows>(p, a, b, c, u);
  else if constexpr (Rows > 1)
    multiply_rows<Lanes, Vectors, Rows - 1>(rows, p, a, b, c, u);
}

/// Columns `column` ..< column + Vectors x Lanes of C, rows `first` ..< first + rows.
template <size Lanes, size Vectors>
GODWIT_INLINE void multiply_block(const product& p, size first, size rows, size column) {
  const size at = first * p.c_m + column;
  multiply_rows<Lanes, Vectors, GODWIT_TILE>(rows, p, p.a + first * p.a_m, p.b + column, p.c + at,
                                             p.u ? p.u + at : nullptr);
}

template <size Lanes>
GODWIT_INLINE void multiply_narrow(const product& p, size first, size rows, size column, size end) {
  if (column + Lanes <= end) {
    multiply_block<Lanes, 1>(p, first, rows, column);
    column += Lanes;
  }
  if constexpr (Lanes > 1)
    multiply_narrow<Lanes / 2>(p, first, rows, column, end);
}

/// Columns `column` ..< end of C, in row blocks of equal height, give or take one.
GODWIT_KERNEL void multiply_columns(const product& p, size column, size end) {
  const size tiles = (p.m + GODWIT_TILE - 1) / GODWIT_TILE;
  for (size tile = 0; tile < tiles; ++tile) {
    const size first = tile * p.m / tiles;
    const size rows = (tile + 1) * p.m / tiles - first;
    size at = column;
    for (; at + 2 * GODWIT_LANES <= end; at += 2 * GODWIT_LANES)
      multiply_block<GODWIT_LANES, 2>(p, first, rows, at);
    multiply_narrow<GODWIT_LANES>(p, first, rows, at, end);
  }
}

/// A long sum reads mostly B: its columns are taken one register block at a time, to be in the
/// cache for all rows of C. A short one reads and writes mostly C: it goes along the rows of C, as
/// memory lies.
GODWIT_KERNEL void multiply(const product& p) {
  const size width = p.k * p.run_count <= 96 ? p.n : 2 * GODWIT_LANES;
  for (size column = 0; column < p.n; column += width)
    multiply_columns(p, column, column + width < p.n ? column + width : p.n);
}

// -- dot_rows: for few rows of x, where B as multiply wants it would have to be transposed first

template <size Lanes>
GODWIT_INLINE floats<4> fold(floats<Lanes> x) {
  if constexpr (Lanes == 16) {
    return fold<8>(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                   __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
  } else if constexpr (Lanes == 8) {
    return __builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7);
  } else {
    return x;
  }
}

/// The sums over the lanes of four vectors.
GODWIT_INLINE floats<4> sums_of(floats<4> a, floats<4> b, floats<4> c, floats<4> d) {
  const floats<4> ab =
      __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const floats<4> cd =
      __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

inline constexpr size dot_rows_at_once = GODWIT_LANES == 16 ? 5 : 2;
inline constexpr size dot_length_at_once =
    1024; ///< so much of a row of x stays in the first-level cache

template <size Outputs, size Rows>
GODWIT_KERNEL void dot_tile(const row_dots& d, const float* x, const float* w, size length,
                            const float* start, size start_stride, float* y) {
  floats<GODWIT_LANES> sums[Rows][4] = {};
  size at = 0;
  for (; at + GODWIT_LANES <= length; at += GODWIT_LANES) {
    floats<GODWIT_LANES> right[Outputs];
#pragma GCC unroll 4
    for (size o = 0; o < Outputs; ++o)
      right[o] = load<GODWIT_LANES>(w + o * d.length + at);
#pragma GCC unroll 8
    for (size i = 0; i < Rows; ++i) {
      const floats<GODWIT_LANES> left = load<GODWIT_LANES>(x + i * d.length + at);
#pragma GCC unroll 4
      for (size o = 0; o < Outputs; ++o)
        sums[i][o] += left * right[o];
    }
  }
#pragma GCC unroll 8
  for (size i = 0; i < Rows; ++i) {
    floats<4> total = sums_of(fold<GODWIT_LANES>(sums[i][0]), fold<GODWIT_LANES>(sums[i][1]),
                              fold<GODWIT_LANES>(sums[i][2]), fold<GODWIT_LANES>(sums[i][3]));
    for (size o = 0; o < Outputs; ++o) {
      float rest = total[o];
      for (size j = at; j < length; ++j)
        rest += x[i * d.length + j] * w[o * d.length + j];
      y[i * d.output_count + o] = start[i * start_stride + o] + rest;
    }
  }
}

template <size Outputs, size Rows>
GODWIT_INLINE void dot_some_rows(size rows, const row_dots& d, const float* x, const float* w,
                                 size length, const float* start, size start_stride, float* y) {
  if (rows == Rows)
    dot_tile<Outputs, Rows>(d, x, w, length, start, start_stride, y);
  else if constexpr (Rows > 1)
    dot_some_rows<Outputs, Rows - 1>(rows, d, x, w, length, start, start_stride, y);
}

template <size Outputs>
GODWIT_KERNEL void dot_outputs(const row_dots& d, size output, size from, size length) {
  const size tiles = (d.row_count + dot_rows_at_once - 1) / dot_rows_at_once;
  for (size tile = 0; tile < tiles; ++tile) {
    const size first = tile * d.row_count / tiles;
    float* y = d.y + first * d.output_count + output;
    dot_some_rows<Outputs, dot_rows_at_once>(
        (tile + 1) * d.row_count / tiles - first, d, d.x + first * d.length + from,
        d.w + output * d.length + from, length, from == 0 ? d.start + output : y,
        from == 0 ? 0 : d.output_count, y);
  }
}

GODWIT_KERNEL void dot_rows(const row_dots& d) {
  for (size from = 0; from < d.length; from += dot_length_at_once) {
    const size length = d.length - from < dot_length_at_once ? d.length - from : dot_length_at_once;
    size output = 0;
    for (; output + 4 <= d.output_count; output += 4)
      dot_outputs<4>(d, output, from, length);
    if (output + 2 <= d.output_count) {
      dot_outputs<2>(d, output, from, length);
      output += 2;
    }
    if (output < d.output_count)
      dot_outputs<1>(d, output, from, length);
  }
}

// -- add_sparse

template <size Lanes, size Vectors>
GODWIT_KERNEL void add_terms(const sparse_term* terms, size count, const float* source,
                             float* target) {
  floats<Lanes> sums[Vectors];
#pragma GCC unroll 16
  for (size v = 0; v < Vectors; ++v)
    sums[v] = load<Lanes>(target + v * Lanes);
  for (size e = 0; e < count; ++e) {
    const float weight = terms[e].weight;
    const float* from = source + terms[e].offset;
#pragma GCC unroll 16
    for (size v = 0; v < Vectors; ++v)
      sums[v] += weight * load<Lanes>(from + v * Lanes);
  }
#pragma GCC unroll 16
  for (size v = 0; v < Vectors; ++v)
    store<Lanes>(target + v * Lanes, sums[v]);
}

GODWIT_KERNEL void add_sparse(const sparse_sums& s) {
  constexpr size vectors = 10;
  for (size line = 0; line < s.line_count; ++line) {
    for (size list = 0; list < s.list_count; ++list) {
      const size count = s.term_counts[list];
      if (count == 0)
        continue;
      const sparse_term* terms = s.terms + list * s.list_capacity;
      const float* source = s.source + line * s.source_line;
      float* target = s.target + s.target_offsets[list] + line * s.target_line;
      size at = 0;
      for (; at + vectors * GODWIT_LANES <= s.length; at += vectors * GODWIT_LANES)
        add_terms<GODWIT_LANES, vectors>(terms, count, source + at, target + at);
      for (; at + GODWIT_LANES <= s.length; at += GODWIT_LANES)
        add_terms<GODWIT_LANES, 1>(terms, count, source + at, target + at);
      for (; at < s.length; ++at)
        add_terms<1, 1>(terms, count, source + at, target + at);
    }
  }
}

} // namespace godwit::GODWIT_KERNEL_SET
