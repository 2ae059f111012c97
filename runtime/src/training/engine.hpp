// How does a batch go forward through a network, and its gradient back?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.hpp"
#include "training/buffer.hpp"
#include "training/convolution.hpp"
#include "training/dense.hpp"
#include "training/kernels.hpp"

namespace godwit {

/// Layers in the order that data takes: no or two convolutions, then dense layers with ReLU between
/// them.
struct network_shape {
  std::vector<conv_layer> convolutions;
  std::vector<dense_layer> denses;
  std::size_t feature_count = 0; ///< numbers that an example consists of
  std::size_t parameter_count = 0;
};

/// The arithmetic of a network and the memory that it works in. Knows nothing of losses and steps.
class engine {
public:
  engine(network_shape shape, const kernels& with);

  const network_shape& shape() const noexcept { return shape_; }
  const kernels& with() const noexcept { return with_; }
  std::size_t class_count() const noexcept { return shape_.denses.back().outputs; }
  /// The largest batch that forward takes.
  std::size_t rows_max() const noexcept { return shape_.convolutions.empty() ? 256 : 64; }

  /// Takes memory for batches of `rows`; what is there already is kept.
  void reserve(std::size_t rows);

  /// Must be called when the parameters have changed, before forward.
  void parameters_changed(const float* parameters);
  /// Computes the scores of the examples in `rows`, at most as many as were reserved: [rows,
  /// class_count], to be turned into the gradient of the loss in place before backward.
  float* forward(const float* parameters, const dataset& data, std::span<const std::uint32_t> rows);
  /// Sends the gradient of all parameters to the sink, from that of the scores of the last forward.
  /// The sink's target may be `parameters`.
  void backward(const float* parameters, const gradient_sink& sink);
  /// For scores that hold the gradient of each example's own loss: `sum` [parameter_count] becomes
  /// the sum of the examples' gradients, each scaled down to an L2 norm of norm_max where it is
  /// longer, and norms[i] what it was for the i-th row. An example whose gradient is not finite has
  /// no part in the sum.
  void backward_clipped(const float* parameters, double norm_max, float* sum,
                        std::span<double> norms);

private:
  void gather(const dataset& data, std::span<const std::uint32_t> rows);
  void gather_row(const dataset& data, std::size_t at, std::size_t count, float* to) const;
  void forward_convolutions(const float* parameters);
  void backward_convolutions(const float* parameters, const gradient_sink& sink);
  float* output_gradient(std::size_t layer);
  void backward_to_inputs(const float* parameters, std::span<double> squares);
  void add_clipped_convolutions(const float* parameters, double norm_max,
                                std::span<double> squares);
  void scale_row(std::size_t row, float factor);

  network_shape shape_;
  const kernels& with_;
  std::size_t reserved_ = 0, rows_ = 0;
  std::vector<buffer<float>> images_;        ///< [rows, padded_size]: what enters each convolution
  std::vector<buffer<std::int8_t>> winners_; ///< [rows, pooled_size]
  std::vector<conv_workspace> conv_spaces_;
  buffer<float> image_gradient_;      ///< [1, padded_size] of the second convolution's input
  std::vector<buffer<float>> inputs_; ///< [rows, inputs]: what enters each dense layer
  std::vector<buffer<float>>
      input_gradients_;  ///< the same size; of the first only where a convolution needs it
  buffer<float> scores_; ///< [rows, class_count]
  std::vector<buffer<float>>
      conv_sums_; ///< of clipped gradients: of each layer's kernels and biases
  buffer<float> scratch_;
};

} // namespace godwit
