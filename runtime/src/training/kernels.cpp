// Which version of the kernels does this processor run?
#include "training/kernels.hpp"

#include <array>

#include "training/kernel_sets.hpp"

namespace godwit {

namespace {

struct usable_list {
  std::array<const kernels*, 3> sets{};
  std::size_t count = 0;
  usable_list() noexcept {
#if defined(__x86_64__)
    const bool fma = __builtin_cpu_supports("fma") != 0;
    if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
      sets[count++] = &avx512_kernel_set;
    if (fma && __builtin_cpu_supports("avx2"))
      sets[count++] = &avx2_kernel_set;
#endif
    sets[count++] = &portable_kernel_set;
  }
};

} // namespace

std::span<const kernels* const> usable_kernels() noexcept {
  static const usable_list list;
  return {list.sets.data(), list.count};
}

} // namespace godwit
