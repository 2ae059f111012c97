// How does a 5x5 convolution with ReLU and 2x2 max-pooling compute its outputs and gradients, one
// image at a time?
#include "training/convolution.hpp"

#include <algorithm>
#include <array>

namespace godwit {

conv_workspace::conv_workspace(const conv_layer& layer) {
  kernels_turned.resize({layer.kernel_size(), layer.outputs});
  rows.resize({2, layer.width * layer.outputs});
  kernel_gradient.resize({layer.kernel_size(), layer.outputs});
  bias_gradient.resize({1, layer.outputs});
  const std::size_t pixels = layer.height * layer.width;
  by_channel.resize({layer.outputs, pixels / 4});
  by_pixel.resize({pixels + 1, layer.outputs});
  channel_counts.resize({1, layer.outputs});
  pixel_counts.resize({1, pixels + 1});
  channel_targets.resize({1, layer.outputs});
  pixel_targets.resize({1, pixels});
  for (std::size_t channel = 0; channel < layer.outputs; ++channel)
    channel_targets(0, channel) = static_cast<std::uint32_t>(channel * layer.kernel_size());
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    pixel_targets(0, pixel) = static_cast<std::uint32_t>(pixel / layer.width * layer.padded_line() +
                                                         pixel % layer.width * layer.inputs);
}

void turn_kernels(const kernels& with, const conv_layer& layer, const float* parameters,
                  conv_workspace& space) {
  with.transpose(parameters + layer.weight_at, layer.kernel_size(), layer.outputs,
                 layer.kernel_size(), space.kernels_turned.data(), layer.outputs);
}

void conv_forward(const kernels& with, const conv_layer& layer, const float* parameters,
                  const float* padded, float* out, std::size_t out_line, std::int8_t* winners,
                  conv_workspace& space) {
  product p;
  p.m = layer.width;
  p.n = layer.outputs;
  p.k = conv_layer::reach * layer.inputs;
  p.run_count = conv_layer::reach;
  p.a_m = layer.inputs;
  p.a_k = 1;
  p.a_run = layer.padded_line();
  p.b = space.kernels_turned.data();
  p.b_k = layer.outputs;
  p.b_run = p.k * layer.outputs;
  p.c_m = layer.outputs;
  const std::size_t out_width = layer.width / 2;
  for (std::size_t y = 0; y < layer.height; y += 2) {
    for (std::size_t row = 0; row < 2; ++row) {
      p.a = padded + (y + row) * layer.padded_line();
      p.c = row_of(space.rows, row);
      with.multiply(p);
    }
    with.pool({.out_width = out_width,
               .channel_count = layer.outputs,
               .upper = row_of(space.rows, 0),
               .lower = row_of(space.rows, 1),
               .bias = parameters + layer.bias_at,
               .out = out + y / 2 * out_line,
               .winners = winners + y / 2 * out_width * layer.outputs});
  }
}

void start_gradients(conv_workspace& space) {
  space.kernel_gradient.fill(0.0F);
  space.bias_gradient.fill(0.0F);
}

void first_conv_backward(const kernels& with, const conv_layer& layer, const float* padded,
                         const float* gradient, std::size_t gradient_line,
                         const std::int8_t* winners, conv_workspace& space) {
  const std::size_t out_width = layer.width / 2;
  product p; // for one row of the kernel: [5 inputs, outputs] from two rows of the image
  p.m = conv_layer::reach * layer.inputs;
  p.n = layer.outputs;
  p.k = layer.width;
  p.run_count = 2;
  p.a_m = 1;
  p.a_k = layer.inputs;
  p.a_run = layer.padded_line();
  p.b = space.rows.data();
  p.b_k = layer.outputs;
  p.b_run = layer.width * layer.outputs;
  p.c_m = layer.outputs;
  p.beta = 1.0F;
  for (std::size_t y = 0; y < layer.height; y += 2) {
    with.unpool({.out_width = out_width,
                 .channel_count = layer.outputs,
                 .gradient = gradient + y / 2 * gradient_line,
                 .winners = winners + y / 2 * out_width * layer.outputs,
                 .upper = row_of(space.rows, 0),
                 .lower = row_of(space.rows, 1),
                 .channel_sums = space.bias_gradient.data()});
    for (std::size_t row = 0; row < conv_layer::reach; ++row) {
      p.a = padded + (y + row) * layer.padded_line();
      p.c = space.kernel_gradient.data() + row * p.m * layer.outputs;
      with.multiply(p);
    }
  }
}

namespace {

/// Sorts the outputs that have a gradient into lists by channel and by pixel; the bias's gradient
/// on the way.
void list_winners(const conv_layer& layer, const float* gradient, const std::int8_t* winners,
                  conv_workspace& space) {
  const std::size_t out_width = layer.width / 2, channel_room = space.by_channel.shape(1);
  std::uint32_t* channel_counts = space.channel_counts.data();
  std::uint32_t* pixel_counts = space.pixel_counts.data();
  float* bias = space.bias_gradient.data();
  space.channel_counts.fill(0);
  space.pixel_counts.fill(0);
  const std::size_t nowhere =
      layer.height * layer.width; // the list of what ReLU let not through; not read
  for (std::size_t window = 0; window * layer.outputs < layer.pooled_size(); ++window) {
    const std::size_t corner = window / out_width * 2 * layer.width + window % out_width * 2;
    const std::array<std::size_t, 5> pixels{corner, corner + 1, corner + layer.width,
                                            corner + layer.width + 1, nowhere};
    for (std::size_t channel = 0; channel < layer.outputs; ++channel) {
      const std::size_t at = window * layer.outputs + channel;
      const auto winner = static_cast<std::size_t>(winners[at]);
      const std::size_t pixel = pixels[winner];
      const std::uint32_t alive = winner != pool_dead;
      const float weight = gradient[at];
      bias[channel] += alive ? weight : 0.0F;
      space.by_pixel.data()[pixel * layer.outputs + pixel_counts[pixel]++] = {
          space.channel_targets.data()[channel], weight};
      sparse_term& term =
          space.by_channel.data()[channel * channel_room +
                                  std::min<std::size_t>(channel_counts[channel], channel_room - 1)];
      term = alive ? sparse_term{space.pixel_targets.data()[pixel], weight} : term;
      channel_counts[channel] += alive;
    }
    pixel_counts[nowhere] = 0;
  }
}

} // namespace

void later_conv_backward(const kernels& with, const conv_layer& layer, const float* parameters,
                         const float* padded, const float* gradient, const std::int8_t* winners,
                         float* dx, conv_workspace& space) {
  list_winners(layer, gradient, winners, space);
  const std::size_t kernel_line = conv_layer::reach * layer.inputs;
  with.add_sparse({.list_count = layer.outputs,
                   .list_capacity = space.by_channel.shape(1),
                   .terms = space.by_channel.data(),
                   .term_counts = space.channel_counts.data(),
                   .line_count = conv_layer::reach,
                   .length = kernel_line,
                   .source = padded,
                   .source_line = layer.padded_line(),
                   .target = space.kernel_gradient.data(),
                   .target_offsets = space.channel_targets.data(),
                   .target_line = kernel_line});
  std::fill_n(dx, layer.padded_size(), 0.0F);
  with.add_sparse({.list_count = layer.height * layer.width,
                   .list_capacity = layer.outputs,
                   .terms = space.by_pixel.data(),
                   .term_counts = space.pixel_counts.data(),
                   .line_count = conv_layer::reach,
                   .length = kernel_line,
                   .source = parameters + layer.weight_at,
                   .source_line = kernel_line,
                   .target = dx,
                   .target_offsets = space.pixel_targets.data(),
                   .target_line = layer.padded_line()});
}

void absorb_gradients(const kernels& with, const conv_layer& layer, bool first,
                      const gradient_sink& sink, conv_workspace& space) {
  const float* gradient = space.kernel_gradient.data();
  if (first) { // it is [5 5 inputs, outputs]; kernels_turned is free until the parameters have
               // changed
    with.transpose(gradient, layer.outputs, layer.kernel_size(), layer.outputs,
                   space.kernels_turned.data(), layer.kernel_size());
    gradient = space.kernels_turned.data();
  }
  absorb(sink, layer.weight_at, layer.outputs * layer.kernel_size(), gradient);
  absorb(sink, layer.bias_at, layer.outputs, space.bias_gradient.data());
}

} // namespace godwit
