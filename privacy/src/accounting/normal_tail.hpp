// What is left of the normal distribution beyond a point, to full relative precision?
#pragma once

#include <cmath>
#include <numbers>

namespace godwit::accounting {

/// Pr[N(0, 1) > x].
inline double upper_tail(double x) {
  return 0.5 * std::erfc(x * (std::numbers::sqrt2 / 2));
}

inline double log_density(double x) {
  return -0.5 * (x * x + std::log(2 * std::numbers::pi));
}

/// upper_tail(x) / density(x), Mills' ratio, for x >= 0.
double mills_ratio(double x);

} // namespace godwit::accounting
