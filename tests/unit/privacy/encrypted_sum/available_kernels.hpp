// Which kernels of the encrypted sums can be tested here?
#pragma once

#include <vector>

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit {

inline std::vector<sum_kernels> available_kernels() {
  std::vector<sum_kernels> found;
  for (const auto kernels : {sum_kernels::portable, sum_kernels::avx512_ifma})
    if (is_available(kernels))
      found.push_back(kernels);
  return found;
}

} // namespace godwit
