// How does a 5x5 convolution with ReLU and 2x2 max-pooling compute its outputs and gradients, one
// image at a time?
#pragma once

#include <cstddef>
#include <cstdint>

#include "training/buffer.hpp"
#include "training/dense.hpp"
#include "training/kernels.hpp"

namespace godwit {

/// Images are [height, width, channel]. Inputs have a border of two zero pixels all round, so that
/// the output of the convolution is as large as the image ("same" padding); pooling halves it.
struct conv_layer {
  static constexpr std::size_t reach = 5; ///< height and width of the kernel
  static constexpr std::size_t border = 2;
  std::size_t height = 0, width = 0;   ///< both even
  std::size_t inputs = 0, outputs = 0; ///< channels
  std::size_t weight_at = 0,
              bias_at = 0; ///< of kernels [outputs, 5, 5, inputs] and biases in the flat parameters

  std::size_t kernel_size() const noexcept { return reach * reach * inputs; }
  std::size_t padded_line() const noexcept { return (width + 2 * border) * inputs; }
  std::size_t padded_size() const noexcept { return (height + 2 * border) * padded_line(); }
  std::size_t pooled_size() const noexcept { return height / 2 * (width / 2) * outputs; }
  /// Where the image starts in its padded form.
  std::size_t padded_start() const noexcept { return border * padded_line() + border * inputs; }
};

/// Memory for one layer, of a size that depends on the layer only.
struct conv_workspace {
  explicit conv_workspace(const conv_layer& layer);
  buffer<float>
      kernels_turned; ///< [5 5 inputs, outputs]: the kernels as the forward pass reads them
  buffer<float> rows; ///< [2, width x outputs]: two rows of the image before pooling
  buffer<float>
      kernel_gradient; ///< [outputs, 5 5 inputs], or turned for the first layer; sum over the batch
  buffer<float> bias_gradient; ///< [1, outputs]
  buffer<sparse_term> by_channel, by_pixel;
  buffer<std::uint32_t> channel_counts, pixel_counts, channel_targets, pixel_targets;
};

/// To be called when the parameters have changed.
void turn_kernels(const kernels& with, const conv_layer& layer, const float* parameters,
                  conv_workspace& space);

/// One image `padded` through the layer: `out` with `out_line` floats from one row to the next, and
/// `winners` [pooled_size] for the way back.
void conv_forward(const kernels& with, const conv_layer& layer, const float* parameters,
                  const float* padded, float* out, std::size_t out_line, std::int8_t* winners,
                  conv_workspace& space);

/// Empties the sums of gradients.
void start_gradients(conv_workspace& space);

/// From the gradient of one image's pooled output, rows `gradient_line` floats apart: adds the
/// layer's own gradient to the sums. For a layer whose input needs no gradient and has few
/// channels.
void first_conv_backward(const kernels& with, const conv_layer& layer, const float* padded,
                         const float* gradient, std::size_t gradient_line,
                         const std::int8_t* winners, conv_workspace& space);

/// The same from a gradient without gaps, and writes the gradient of the input, in its padded form,
/// to `dx`. Works on the quarter of the outputs, at most, that were the largest of their four: all
/// others have no gradient.
void later_conv_backward(const kernels& with, const conv_layer& layer, const float* parameters,
                         const float* padded, const float* gradient, const std::int8_t* winners,
                         float* dx, conv_workspace& space);

/// Sends the sums of gradients to the sink; `first` says which of the two functions made them.
void absorb_gradients(const kernels& with, const conv_layer& layer, bool first,
                      const gradient_sink& sink, conv_workspace& space);

} // namespace godwit
