// Which kernels use AVX-512 with 52-bit multiplication (IFMA)?
#pragma once

#include "rlwe/kernels.hpp"

namespace godwit::rlwe {

#if defined(__x86_64__)
extern const kernel_set ifma_kernels;
#endif

} // namespace godwit::rlwe
