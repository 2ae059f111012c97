// How does a batch go forward through a network, and its gradient back?
#include "training/engine.hpp"

#include <algorithm>
#include <utility>

namespace godwit {

engine::engine(network_shape shape, const kernels& with) : shape_(std::move(shape)), with_(with) {
  for (const conv_layer& layer : shape_.convolutions)
    conv_spaces_.emplace_back(layer);
  images_.resize(shape_.convolutions.size());
  winners_.resize(shape_.convolutions.size());
  inputs_.resize(shape_.denses.size());
  input_gradients_.resize(shape_.denses.size());
  if (!shape_.convolutions.empty())
    image_gradient_.resize({1, shape_.convolutions.back().padded_size()});
}

void engine::reserve(std::size_t rows) {
  if (rows <= reserved_)
    return;
  reserved_ = rows;
  for (std::size_t i = 0; i < shape_.convolutions.size(); ++i) {
    images_[i].resize({rows, shape_.convolutions[i].padded_size()});
    images_[i].fill(0.0F); // the border stays zero: only the inside is written
    winners_[i].resize({rows, shape_.convolutions[i].pooled_size()});
  }
  std::size_t scratch = 1;
  for (std::size_t i = 0; i < shape_.denses.size(); ++i) {
    const dense_layer& layer = shape_.denses[i];
    inputs_[i].resize({rows, layer.inputs});
    if (i > 0 || !shape_.convolutions.empty())
      input_gradients_[i].resize({rows, layer.inputs});
    scratch = std::max(scratch, dense_scratch(layer, rows));
  }
  scores_.resize({rows, class_count()});
  scratch_.resize({1, scratch});
}

void engine::parameters_changed(const float* parameters) {
  for (std::size_t i = 0; i < shape_.convolutions.size(); ++i)
    turn_kernels(with_, shape_.convolutions[i], parameters, conv_spaces_[i]);
}

void engine::gather_row(const dataset& data, std::size_t at, std::size_t count, float* to) const {
  if (data.pixels.empty())
    std::copy_n(data.values.data() + at, count, to);
  else
    with_.scale_bytes(data.pixels.data() + at, to, count);
}

void engine::gather(const dataset& data, std::span<const std::uint32_t> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t at = rows[i] * shape_.feature_count;
    if (shape_.convolutions.empty()) {
      gather_row(data, at, shape_.feature_count, row_of(inputs_[0], i));
      continue;
    }
    const conv_layer& layer = shape_.convolutions[0];
    const std::size_t line = layer.width * layer.inputs;
    float* to = row_of(images_[0], i) + layer.padded_start();
    for (std::size_t y = 0; y < layer.height; ++y)
      gather_row(data, at + y * line, line, to + y * layer.padded_line());
  }
}

void engine::forward_convolutions(const float* parameters) {
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t l = 0; l < shape_.convolutions.size(); ++l) {
      const conv_layer& layer = shape_.convolutions[l];
      const bool last = l + 1 == shape_.convolutions.size();
      float* out = last ? row_of(inputs_[0], i)
                        : row_of(images_[l + 1], i) + shape_.convolutions[l + 1].padded_start();
      const std::size_t out_line =
          last ? layer.width / 2 * layer.outputs : shape_.convolutions[l + 1].padded_line();
      conv_forward(with_, layer, parameters, row_of(images_[l], i), out, out_line,
                   row_of(winners_[l], i), conv_spaces_[l]);
    }
  }
}

float* engine::forward(const float* parameters, const dataset& data,
                       std::span<const std::uint32_t> rows) {
  rows_ = rows.size();
  gather(data, rows);
  forward_convolutions(parameters);
  for (std::size_t l = 0; l < shape_.denses.size(); ++l) {
    const bool last = l + 1 == shape_.denses.size();
    dense_forward(with_, shape_.denses[l], rows_, parameters, inputs_[l].data(), !last,
                  last ? scores_.data() : inputs_[l + 1].data(), scratch_.data());
  }
  return scores_.data();
}

void engine::backward(const float* parameters, const gradient_sink& sink) {
  const float* gradient = scores_.data();
  for (std::size_t l = shape_.denses.size(); l-- > 0;) {
    const dense_layer& layer = shape_.denses[l];
    const bool wanted = l > 0 || !shape_.convolutions.empty();
    float* input_gradient = wanted ? input_gradients_[l].data() : nullptr;
    dense_backward(with_, layer, rows_, parameters, inputs_[l].data(), gradient, input_gradient,
                   sink);
    if (l > 0)
      relu_backward(rows_ * layer.inputs, inputs_[l].data(), input_gradient);
    gradient = input_gradient;
  }
  if (!shape_.convolutions.empty())
    backward_convolutions(parameters, sink);
}

void engine::backward_convolutions(const float* parameters, const gradient_sink& sink) {
  const conv_layer& first = shape_.convolutions[0];
  const conv_layer& second = shape_.convolutions[1];
  for (conv_workspace& space : conv_spaces_)
    start_gradients(space);
  for (std::size_t i = 0; i < rows_; ++i) {
    later_conv_backward(with_, second, parameters, row_of(images_[1], i),
                        row_of(input_gradients_[0], i), row_of(winners_[1], i),
                        image_gradient_.data(), conv_spaces_[1]);
    first_conv_backward(with_, first, row_of(images_[0], i),
                        image_gradient_.data() + second.padded_start(), second.padded_line(),
                        row_of(winners_[0], i), conv_spaces_[0]);
  }
  absorb_gradients(with_, second, false, sink, conv_spaces_[1]);
  absorb_gradients(with_, first, true, sink, conv_spaces_[0]);
}

} // namespace godwit
