// Which arithmetic is done with vector instructions, and which version of it does this processor
// run?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace godwit {

/// C <- alpha A B + beta C + gamma U, with C [m, n], row stride c_m; U, if given, laid out as C.
/// beta 0 does not read C. A(i, j) is a[i a_m + j a_k], so that either order of A, or a sliding
/// window over an image, can be read as it lies. B(j, .) is a row at b + j b_k. The sum over j runs
/// 0 ..< k, and that `run_count` times with a and b moved on by a_run and b_run in between: the
/// rows of a convolution kernel.
struct product {
  std::size_t m = 0, n = 0, k = 0, run_count = 1;
  const float* a = nullptr;
  std::size_t a_m = 0, a_k = 0, a_run = 0;
  const float* b = nullptr;
  std::size_t b_k = 0, b_run = 0;
  float* c = nullptr;
  std::size_t c_m = 0;
  float alpha = 1.0F, beta = 0.0F;
  const float* u = nullptr;
  float gamma = 0.0F;
};

/// y[i, o] <- start[o] + x[i, .] w[o, .]: all of x [row_count, length], w [output_count, length]
/// and y [row_count, output_count] without gaps.
struct row_dots {
  std::size_t row_count = 0, output_count = 0, length = 0;
  const float* x = nullptr;
  const float* w = nullptr;
  const float* start = nullptr;
  float* y = nullptr;
};

/// One term of a sparse sum: `weight` times what lies at `offset`.
struct sparse_term {
  std::uint32_t offset = 0;
  float weight = 0.0F;
};

/// For each list l and each line r: target[target_offsets[l] + r target_line + j] += sum over the
/// list's terms of weight source[offset + r source_line + j], 0 <= j < length. Lists have room for
/// `list_capacity` terms each.
struct sparse_sums {
  std::size_t list_count = 0, list_capacity = 0;
  const sparse_term* terms = nullptr;
  const std::uint32_t* term_counts = nullptr;
  std::size_t line_count = 0, length = 0;
  const float* source = nullptr;
  std::size_t source_line = 0;
  float* target = nullptr;
  const std::uint32_t* target_offsets = nullptr;
  std::size_t target_line = 0;
};

/// The 2x2 max-pool of two image rows [2 out_width, channel_count] each, after adding `bias` and
/// followed by ReLU. `winners` says which of the four (0 .. 3, row by row) was the largest, or
/// pool_dead where ReLU let nothing through.
struct pooled_rows {
  std::size_t out_width = 0, channel_count = 0;
  const float* upper = nullptr;
  const float* lower = nullptr;
  const float* bias = nullptr;
  float* out = nullptr;           ///< [out_width, channel_count]
  std::int8_t* winners = nullptr; ///< [out_width, channel_count]
};
inline constexpr std::int8_t pool_dead = 4;

/// The way back through pooled_rows, for gradients: `upper` and `lower` are zero but where the
/// winner was, and each channel's gradients are added to `channel_sums`.
struct unpooled_rows {
  std::size_t out_width = 0, channel_count = 0;
  const float* gradient = nullptr;      ///< [out_width, channel_count]
  const std::int8_t* winners = nullptr; ///< [out_width, channel_count]
  float* upper = nullptr;               ///< [2 out_width, channel_count]
  float* lower = nullptr;
  float* channel_sums = nullptr; ///< [channel_count]
};

/// `pull` may be null and is then zero; the rest [count].
struct momentum_step_terms {
  std::size_t count = 0;
  float* w = nullptr;
  float* v = nullptr;
  const float* g = nullptr;
  const float* pull = nullptr;
  float learning_rate = 0.0F, momentum = 0.0F, decay = 0.0F;
};

/// As a number of rows: OpenBLAS is not used.
inline constexpr std::size_t blas_never = static_cast<std::size_t>(-1);

/// One version of all kernels. Every output is a fixed function of the inputs' values and sizes,
/// whatever the alignment, with sums in a fixed order.
struct kernels {
  const char* name;
  void (*multiply)(const product&);
  void (*dot_rows)(const row_dots&);
  void (*add_sparse)(const sparse_sums&);
  void (*pool)(const pooled_rows&);
  void (*unpool)(const unpooled_rows&);
  /// to[j, i] <- from[i, j], with [rows, columns] the shape of `from`; row strides apart from the
  /// shapes.
  void (*transpose)(const float* from, std::size_t from_stride, std::size_t rows,
                    std::size_t columns, float* to, std::size_t to_stride);
  /// to[i] <- from[i] / 255.
  void (*scale_bytes)(const std::uint8_t* from, float* to, std::size_t count);
  /// x[i] <- e^x[i]; relative error below 3e-7 for -87 <= x <= 88, clamped to that range outside.
  void (*exponentiate)(float* x, std::size_t count);
  /// One step of SGD with heavy-ball momentum on `count` parameters: v <- m v + g + decay w - u, w
  /// <- w - lr v.
  void (*momentum_step)(const momentum_step_terms&);
  /// From so many rows on, OpenBLAS does a dense layer's forward pass, its input's gradient and its
  /// update, if the layer has at least blas_outputs_min outputs: measured, where these kernels are
  /// slower.
  std::size_t blas_forward_rows, blas_input_rows, blas_update_rows, blas_outputs_min;
};

/// The versions that this processor can run, the fastest first. The last one runs on every
/// processor.
std::span<const kernels* const> usable_kernels() noexcept;

} // namespace godwit
