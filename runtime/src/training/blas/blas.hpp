// Which products of dense layers does a BLAS library do, in a build that has one?
#pragma once

#include <cstddef>

#include "training/dense.hpp"

namespace godwit::blas {

// The build chooses (GODWIT_BLAS): openblas.cpp, or none.cpp, with which nothing is ever taken.
// What is not taken (false), the kernels of kernels.hpp do; it is then untouched. From how many
// rows on the library is worth its call, the kernels know.

/// y [rows, outputs] <- x [rows, inputs] w^T + b.
bool takes_forward(const kernels& with, const dense_layer& layer, std::size_t rows,
                   const float* parameters, const float* x, float* y);

/// dx [rows, inputs] <- dy [rows, outputs] w.
bool takes_input_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                          const float* w, const float* dy, float* dx);

/// Sends dy^T x, the gradient of w, to where the sink says.
bool takes_weight_gradient(const kernels& with, const dense_layer& layer, std::size_t rows,
                           const float* x, const float* dy, const gradient_sink& sink);

/// Such a library would start a thread for each core in each of ours.
void keep_to_one_thread();

} // namespace godwit::blas
