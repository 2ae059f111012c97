// How does a dense layer compute its outputs, its input's gradient and its own step?
#pragma once

#include <cstddef>

#include "training/kernels.hpp"

namespace godwit {

/// y [rows, outputs] = x [rows, inputs] w^T + b. Where w [outputs, inputs] and b [outputs] start in
/// the flat parameters.
struct dense_layer {
  std::size_t inputs = 0, outputs = 0;
  std::size_t weight_at = 0, bias_at = 0;
};

/// Where a gradient g goes: target <- alpha g + beta target + gamma pull. An SGD step when the
/// target is the parameters, alpha = -lr, beta = 1 - lr decay and gamma = lr; a plain gradient when
/// alpha = 1.
struct gradient_sink {
  float* target = nullptr; ///< [parameter_count]
  float alpha = 1.0F, beta = 0.0F;
  const float* pull = nullptr; ///< [parameter_count] or null
  float gamma = 0.0F;
};

/// Sends `gradient` [count], that of the parameters from `at` on, to where the sink says.
void absorb(const gradient_sink& sink, std::size_t at, std::size_t count, const float* gradient);

/// Floats of scratch that dense_forward wants.
std::size_t dense_scratch(const dense_layer& layer, std::size_t rows) noexcept;

/// Writes y [rows, outputs], ReLU applied when asked.
void dense_forward(const kernels& with, const dense_layer& layer, std::size_t rows,
                   const float* parameters, const float* x, bool relu, float* y, float* scratch);

/// dx [rows, inputs] from dy [rows, outputs].
void dense_input_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                          const float* parameters, const float* dy, float* dx);

/// Sends the gradient of w and b to the sink.
void dense_own_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                        const float* x, const float* dy, const gradient_sink& sink);

/// Both, dx unless it is null. The sink's target may be `parameters`: dx is that of the parameters
/// as they were.
void dense_backward(const kernels& with, const dense_layer& layer, std::size_t rows,
                    const float* parameters, const float* x, const float* dy, float* dx,
                    const gradient_sink& sink);

/// Through the ReLU that made x: dx becomes 0 where x is.
void relu_backward(std::size_t count, const float* x, float* dx);

/// Adds to squares[i] the squared L2 norm of the gradient of w and b for row i alone. That gradient
/// is the outer product of dy and (x, 1), so its squared norm is |dy|^2 (|x|^2 + 1), and it is not
/// made (Goodfellow 2015, "Efficient per-example gradient computations", section 4).
void add_dense_squares(const dense_layer& layer, std::size_t rows, const float* x, const float* dy,
                       double* squares);

/// In double precision.
double square_of(const float* values, std::size_t count) noexcept;

} // namespace godwit
