// What do the kernels do on a processor of which nothing is known? Vectors of 16 bytes, which the
// compiler maps to what is there.
#define GODWIT_KERNEL_SET portable_kernels
#define GODWIT_TARGET
#define GODWIT_LANES 4
#define GODWIT_TILE 6

#include "training/kernel_passes.hpp"
#include "training/kernel_sets.hpp"

namespace godwit {

const kernels portable_kernel_set = {
    .name = "portable",
    .multiply = portable_kernels::multiply,
    .dot_rows = portable_kernels::dot_rows,
    .add_sparse = portable_kernels::add_sparse,
    .pool = portable_kernels::pool,
    .unpool = portable_kernels::unpool,
    .transpose = portable_kernels::transpose,
    .scale_bytes = portable_kernels::scale_bytes,
    .exponentiate = portable_kernels::exponentiate,
    .momentum_step = portable_kernels::momentum_step,
    .blas_forward_rows = 24,
    .blas_input_rows = 24,
    .blas_update_rows = 2,
    .blas_outputs_min = 64,
};

} // namespace godwit
