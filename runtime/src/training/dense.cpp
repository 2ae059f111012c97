// How does a dense layer compute its outputs, its input's gradient and its own step?
#include "training/dense.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "training/blas/blas.hpp"

namespace godwit {

namespace {

/// Below so many rows or outputs, transposing x costs more than it saves.
constexpr std::size_t transpose_rows_min = 24;
constexpr std::size_t transpose_outputs_min = 64;

bool transposes(const dense_layer& layer, std::size_t rows) noexcept {
  return rows >= transpose_rows_min && layer.outputs >= transpose_outputs_min;
}

void finish(const dense_layer& layer, std::size_t rows, bool relu, float* y) {
  if (relu)
    std::transform(y, y + rows * layer.outputs, y,
                   [](float value) { return value > 0.0F ? value : 0.0F; });
}

void forward_transposed(const kernels& with, const dense_layer& layer, std::size_t rows,
                        const float* parameters, const float* x, float* y, float* scratch) {
  float* x_columns = scratch;
  float* y_columns = scratch + layer.inputs * rows;
  with.transpose(x, layer.inputs, rows, layer.inputs, x_columns, rows);
  product p;
  p.m = layer.outputs;
  p.n = rows;
  p.k = layer.inputs;
  p.a = parameters + layer.weight_at;
  p.a_m = layer.inputs;
  p.a_k = 1;
  p.b = x_columns;
  p.b_k = rows;
  p.c = y_columns;
  p.c_m = rows;
  with.multiply(p);
  with.transpose(y_columns, rows, layer.outputs, rows, y, layer.outputs);
  const float* bias = parameters + layer.bias_at;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t o = 0; o < layer.outputs; ++o)
      y[i * layer.outputs + o] += bias[o];
}

void input_gradient(const kernels& with, const dense_layer& layer, std::size_t rows, const float* w,
                    const float* dy, float* dx) {
  if (blas::takes_input_gradient(with, layer, rows, w, dy, dx))
    return;
  product p;
  p.m = rows;
  p.n = layer.inputs;
  p.k = layer.outputs;
  p.a = dy;
  p.a_m = layer.outputs;
  p.a_k = 1;
  p.b = w;
  p.b_k = layer.inputs;
  p.c = dx;
  p.c_m = layer.inputs;
  with.multiply(p);
}

void weight_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                     const float* x, const float* dy, const gradient_sink& sink) {
  if (blas::takes_weight_gradient(with, layer, rows, x, dy, sink))
    return;
  product p;
  p.m = layer.outputs;
  p.n = layer.inputs;
  p.k = rows;
  p.a = dy;
  p.a_m = 1;
  p.a_k = layer.outputs;
  p.b = x;
  p.b_k = layer.inputs;
  p.c = sink.target + layer.weight_at;
  p.c_m = layer.inputs;
  p.alpha = sink.alpha;
  p.beta = sink.beta;
  p.u = sink.pull ? sink.pull + layer.weight_at : nullptr;
  p.gamma = sink.gamma;
  with.multiply(p);
}

void bias_gradient(const dense_layer& layer, std::size_t rows, const float* dy,
                   const gradient_sink& sink) {
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    float sum = 0.0F;
    for (std::size_t i = 0; i < rows; ++i)
      sum += dy[i * layer.outputs + o];
    absorb(sink, layer.bias_at + o, 1, &sum);
  }
}

} // namespace

void absorb(const gradient_sink& sink, std::size_t at, std::size_t count, const float* gradient) {
  float* target = sink.target + at;
  if (sink.beta == 0.0F)
    std::transform(gradient, gradient + count, target, [&](float g) { return sink.alpha * g; });
  else
    for (std::size_t i = 0; i < count; ++i)
      target[i] = sink.beta * target[i] + sink.alpha * gradient[i];
  if (sink.pull)
    for (std::size_t i = 0; i < count; ++i)
      target[i] += sink.gamma * sink.pull[at + i];
}

std::size_t dense_scratch(const dense_layer& layer, std::size_t rows) noexcept {
  return transposes(layer, rows) ? (layer.inputs + layer.outputs) * rows : 0;
}

void dense_forward(const kernels& with, const dense_layer& layer, std::size_t rows,
                   const float* parameters, const float* x, bool relu, float* y, float* scratch) {
  if (blas::takes_forward(with, layer, rows, parameters, x, y)) {
    // y is written
  } else if (transposes(layer, rows)) {
    forward_transposed(with, layer, rows, parameters, x, y, scratch);
  } else {
    with.dot_rows({.row_count = rows,
                   .output_count = layer.outputs,
                   .length = layer.inputs,
                   .x = x,
                   .w = parameters + layer.weight_at,
                   .start = parameters + layer.bias_at,
                   .y = y});
  }
  finish(layer, rows, relu, y);
}

void dense_input_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                          const float* parameters, const float* dy, float* dx) {
  input_gradient(with, layer, rows, parameters + layer.weight_at, dy, dx);
}

void dense_own_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                        const float* x, const float* dy, const gradient_sink& sink) {
  weight_gradient(with, layer, rows, x, dy, sink);
  bias_gradient(layer, rows, dy, sink);
}

void dense_backward(const kernels& with, const dense_layer& layer, std::size_t rows,
                    const float* parameters, const float* x, const float* dy, float* dx,
                    const gradient_sink& sink) {
  if (dx)
    dense_input_gradient(with, layer, rows, parameters, dy, dx);
  dense_own_gradient(with, layer, rows, x, dy, sink);
}

void relu_backward(std::size_t count, const float* x, float* dx) {
  for (std::size_t i = 0; i < count; ++i)
    dx[i] = x[i] > 0.0F ? dx[i] : 0.0F;
}

double square_of(const float* values, std::size_t count) noexcept {
  std::array<double, 8> sums{}; // so that a compiler can take several at a time
  std::size_t i = 0;
  for (; i + sums.size() <= count; i += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (; i < count; ++i)
    sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return sum;
}

void add_dense_squares(const dense_layer& layer, std::size_t rows, const float* x, const float* dy,
                       double* squares) {
  for (std::size_t i = 0; i < rows; ++i)
    squares[i] += square_of(dy + i * layer.outputs, layer.outputs) *
                  (square_of(x + i * layer.inputs, layer.inputs) + 1);
}

} // namespace godwit
