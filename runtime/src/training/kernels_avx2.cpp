// What do the kernels do on an x86 processor with AVX2 and FMA?
#if defined(__x86_64__)
#define GODWIT_KERNEL_SET avx2_kernels
#define GODWIT_TARGET __attribute__((target("avx2,fma")))
#define GODWIT_LANES 8
#define GODWIT_TILE 6

#include "training/kernel_passes.hpp"
#include "training/kernel_sets.hpp"

namespace godwit {

const kernels avx2_kernel_set = {
    .name = "avx2",
    .multiply = avx2_kernels::multiply,
    .dot_rows = avx2_kernels::dot_rows,
    .add_sparse = avx2_kernels::add_sparse,
    .pool = avx2_kernels::pool,
    .unpool = avx2_kernels::unpool,
    .transpose = avx2_kernels::transpose,
    .scale_bytes = avx2_kernels::scale_bytes,
    .exponentiate = avx2_kernels::exponentiate,
    .momentum_step = avx2_kernels::momentum_step,
    .blas_forward_rows = 128,
    .blas_input_rows = 64,
    .blas_update_rows = 2,
    .blas_outputs_min = 64,
};

} // namespace godwit
#endif
