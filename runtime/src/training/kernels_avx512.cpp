// What do the kernels do on an x86 processor with AVX-512?
#if defined(__x86_64__)
#define GODWIT_KERNEL_SET avx512_kernels
#define GODWIT_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma")))
#define GODWIT_LANES 16
#define GODWIT_TILE 14

#include "training/kernel_passes.hpp"
#include "training/kernel_sets.hpp"

namespace godwit {

const kernels avx512_kernel_set = {
    .name = "avx512",
    .multiply = avx512_kernels::multiply,
    .dot_rows = avx512_kernels::dot_rows,
    .add_sparse = avx512_kernels::add_sparse,
    .pool = avx512_kernels::pool,
    .unpool = avx512_kernels::unpool,
    .transpose = avx512_kernels::transpose,
    .scale_bytes = avx512_kernels::scale_bytes,
    .exponentiate = avx512_kernels::exponentiate,
    .momentum_step = avx512_kernels::momentum_step,
    .blas_forward_rows = blas_never,
    .blas_input_rows = blas_never,
    .blas_update_rows = blas_never,
    .blas_outputs_min = 64,
};

} // namespace godwit
#endif
