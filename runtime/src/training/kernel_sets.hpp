// Which versions of the kernels are there?
#pragma once

#include "training/kernels.hpp"

namespace godwit {

extern const kernels portable_kernel_set;
#if defined(__x86_64__)
extern const kernels avx2_kernel_set;   ///< wants AVX2 and FMA
extern const kernels avx512_kernel_set; ///< wants AVX-512 F, VL, BW and DQ, and FMA
#endif

} // namespace godwit
