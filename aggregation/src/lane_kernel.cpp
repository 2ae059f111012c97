// Which kernels has this processor?
#include <godwit/aggregation/lane_kernel.hpp>

namespace godwit {

std::string_view name(lane_kernel kernel) noexcept {
  switch (kernel) {
  case lane_kernel::portable:
    return "portable";
  case lane_kernel::avx2:
    return "avx2";
  case lane_kernel::avx512:
    return "avx512";
  }
  return "unknown";
}

bool is_available(lane_kernel kernel) noexcept {
#if defined(__x86_64__)
  switch (kernel) {
  case lane_kernel::portable:
    return true;
  case lane_kernel::avx2:
    return __builtin_cpu_supports("avx2");
  case lane_kernel::avx512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi");
  }
  return false;
#else
  return kernel == lane_kernel::portable;
#endif
}

lane_kernel best_lane_kernel() noexcept {
  for (auto candidate : {lane_kernel::avx512, lane_kernel::avx2})
    if (is_available(candidate))
      return candidate;
  return lane_kernel::portable;
}

} // namespace godwit
