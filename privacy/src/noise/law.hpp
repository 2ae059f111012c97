// Which law on the integers is meant?
#pragma once

#include <godwit/privacy/noise.hpp>

namespace godwit::noise {

/// A law on the integers, with its one parameter.
struct law {
  noise_kind kind = noise_kind::discrete_gaussian;
  double scale = 1; ///< sigma, b, or the deviation; finite and above 0
};

} // namespace godwit::noise
