// Which products of dense layers does OpenBLAS do?
#include "training/blas/blas.hpp"

#include <algorithm>

#include <cblas.h>

namespace godwit::blas {

namespace {

int blas_size(std::size_t size) noexcept {
  return static_cast<int>(size);
}

bool is_worth_it(const dense_layer& layer, std::size_t rows, std::size_t rows_min,
                 const kernels& with) noexcept {
  return rows >= rows_min && layer.outputs >= with.blas_outputs_min;
}

} // namespace

bool takes_forward(const kernels& with, const dense_layer& layer, std::size_t rows,
                   const float* parameters, const float* x, float* y) {
  if (!is_worth_it(layer, rows, with.blas_forward_rows, with))
    return false;
  for (std::size_t i = 0; i < rows; ++i)
    std::copy_n(parameters + layer.bias_at, layer.outputs, y + i * layer.outputs);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas_size(rows), blas_size(layer.outputs),
              blas_size(layer.inputs), 1.0F, x, blas_size(layer.inputs),
              parameters + layer.weight_at, blas_size(layer.inputs), 1.0F, y,
              blas_size(layer.outputs));
  return true;
}

bool takes_input_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                          const float* w, const float* dy, float* dx) {
  if (!is_worth_it(layer, rows, with.blas_input_rows, with))
    return false;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, blas_size(rows), blas_size(layer.inputs),
              blas_size(layer.outputs), 1.0F, dy, blas_size(layer.outputs), w,
              blas_size(layer.inputs), 0.0F, dx, blas_size(layer.inputs));
  return true;
}

bool takes_weight_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                           const float* x, const float* dy, const gradient_sink& sink) {
  if (!is_worth_it(layer, rows, with.blas_update_rows, with))
    return false;
  float* target = sink.target + layer.weight_at;
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, blas_size(layer.outputs),
              blas_size(layer.inputs), blas_size(rows), sink.alpha, dy, blas_size(layer.outputs), x,
              blas_size(layer.inputs), sink.beta, target, blas_size(layer.inputs));
  if (sink.pull)
    cblas_saxpy(blas_size(layer.outputs * layer.inputs), sink.gamma, sink.pull + layer.weight_at, 1,
                target, 1);
  return true;
}

void keep_to_one_thread() {
  static const bool once = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(once);
}

} // namespace godwit::blas
