// What is done by a BLAS library where there is none? Nothing: the kernels do it all.
#include "training/blas/blas.hpp"

namespace godwit::blas {

bool takes_forward(const kernels&, const dense_layer&, std::size_t, const float*, const float*,
                   float*) {
  return false;
}

bool takes_input_gradient(const kernels&, const dense_layer&, std::size_t, const float*,
                          const float*, float*) {
  return false;
}

bool takes_weight_gradient(const kernels&, const dense_layer&, std::size_t, const float*,
                           const float*, const gradient_sink&) {
  return false;
}

void keep_to_one_thread() {}

} // namespace godwit::blas
