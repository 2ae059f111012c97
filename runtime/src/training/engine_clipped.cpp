// How does the sum of gradients of which each example's is cut to a norm come out of one backward
// pass?
//
// A dense layer's gradient for one example is an outer product, whose norm follows from those of
// its factors, so it is never made: the factor min(1, C / norm) is put into what goes back through
// the layer, and one product gives the clipped sum of all (Goodfellow 2015; Li, Tramer, Liang &
// Hashimoto 2022, section 4). What went back to the layers' inputs is scaled in its place, so
// nothing goes back twice. A convolution's gradient for one example is made: for
// cnn-mcmahan's second one it takes at most 2.5 M products, since a quarter of the outputs at most
// has a gradient, where the Gram matrices of its 196 positions would take 16 M; and images go
// through it one by one anyway.
#include <algorithm>
#include <cmath>

#include "training/engine.hpp"

namespace godwit {
namespace {

/// 0 for what is not finite.
float factor_for(double square, double norm_max) {
  if (!std::isfinite(square))
    return 0.0F;
  const double norm = std::sqrt(square);
  return norm <= norm_max ? 1.0F : static_cast<float>(norm_max / norm);
}

void scale(float* values, std::size_t count, float factor) {
  if (factor == 0.0F) // which times infinity would be no number
    std::fill_n(values, count, 0.0F);
  else
    for (std::size_t i = 0; i < count; ++i)
      values[i] *= factor;
}

void add_scaled(buffer<float>& sum, std::size_t row, const float* values, std::size_t count,
                float factor) {
  float* to = row_of(sum, row);
  for (std::size_t i = 0; i < count; ++i)
    to[i] += factor * values[i];
}

} // namespace

/// [rows, outputs] of that dense layer.
float* engine::output_gradient(std::size_t layer) {
  return layer + 1 == shape_.denses.size() ? scores_.data() : input_gradients_[layer + 1].data();
}

/// The gradient of what enters each layer, and the squared norms of the dense layers' own.
void engine::backward_to_inputs(const float* parameters, std::span<double> squares) {
  for (std::size_t l = shape_.denses.size(); l-- > 0;) {
    const dense_layer& layer = shape_.denses[l];
    const float* gradient = output_gradient(l);
    add_dense_squares(layer, rows_, inputs_[l].data(), gradient, squares.data());
    if (l == 0 && shape_.convolutions.empty())
      continue;
    dense_input_gradient(with_, layer, rows_, parameters, gradient, input_gradients_[l].data());
    if (l > 0)
      relu_backward(rows_ * layer.inputs, inputs_[l].data(), input_gradients_[l].data());
  }
}

void engine::add_clipped_convolutions(const float* parameters, double norm_max,
                                      std::span<double> squares) {
  const conv_layer& first = shape_.convolutions[0];
  const conv_layer& second = shape_.convolutions[1];
  conv_sums_.resize(conv_spaces_.size());
  for (std::size_t l = 0; l < conv_sums_.size(); ++l) {
    conv_sums_[l].resize(
        {conv_spaces_[l].kernel_gradient.shape(0) + 1, conv_spaces_[l].kernel_gradient.shape(1)});
    conv_sums_[l].fill(0.0F);
  }
  for (std::size_t i = 0; i < rows_; ++i) {
    for (conv_workspace& space : conv_spaces_)
      start_gradients(space);
    later_conv_backward(with_, second, parameters, row_of(images_[1], i),
                        row_of(input_gradients_[0], i), row_of(winners_[1], i),
                        image_gradient_.data(), conv_spaces_[1]);
    first_conv_backward(with_, first, row_of(images_[0], i),
                        image_gradient_.data() + second.padded_start(), second.padded_line(),
                        row_of(winners_[0], i), conv_spaces_[0]);
    for (const conv_workspace& space : conv_spaces_)
      squares[i] += square_of(space.kernel_gradient.data(), space.kernel_gradient.size()) +
                    square_of(space.bias_gradient.data(), space.bias_gradient.size());
    const float factor = factor_for(squares[i], norm_max);
    for (std::size_t l = 0; factor != 0.0F && l < conv_sums_.size(); ++l) {
      const auto& kernels = conv_spaces_[l].kernel_gradient;
      add_scaled(conv_sums_[l], 0, kernels.data(), kernels.size(), factor);
      add_scaled(conv_sums_[l], kernels.shape(0), conv_spaces_[l].bias_gradient.data(),
                 kernels.shape(1), factor);
    }
  }
  for (std::size_t l = 0; l < conv_sums_.size(); ++l) {
    auto& space = conv_spaces_[l];
    std::copy_n(conv_sums_[l].data(), space.kernel_gradient.size(), space.kernel_gradient.data());
    std::copy_n(row_of(conv_sums_[l], space.kernel_gradient.shape(0)), space.bias_gradient.size(),
                space.bias_gradient.data());
  }
}

/// What the dense layers' own gradients are made of, for one example.
void engine::scale_row(std::size_t row, float factor) {
  for (std::size_t l = 0; l < shape_.denses.size(); ++l) {
    const dense_layer& layer = shape_.denses[l];
    scale(output_gradient(l) + row * layer.outputs, layer.outputs, factor);
    if (factor == 0.0F)
      std::fill_n(row_of(inputs_[l], row), layer.inputs, 0.0F);
  }
}

void engine::backward_clipped(const float* parameters, double norm_max, float* sum,
                              std::span<double> norms) {
  std::ranges::fill(norms, 0.0); // squared, until the end
  backward_to_inputs(parameters, norms);
  const gradient_sink sink{.target = sum};
  if (!shape_.convolutions.empty()) {
    add_clipped_convolutions(parameters, norm_max, norms);
    absorb_gradients(with_, shape_.convolutions[1], false, sink, conv_spaces_[1]);
    absorb_gradients(with_, shape_.convolutions[0], true, sink, conv_spaces_[0]);
  }
  for (std::size_t i = 0; i < rows_; ++i) {
    if (const float factor = factor_for(norms[i], norm_max); factor != 1.0F)
      scale_row(i, factor);
    norms[i] = std::sqrt(norms[i]);
  }
  for (std::size_t l = 0; l < shape_.denses.size(); ++l)
    dense_own_gradient(with_, shape_.denses[l], rows_, inputs_[l].data(), output_gradient(l), sink);
}

} // namespace godwit
