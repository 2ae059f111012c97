// Which epsilon goes with which delta, given the masses of a privacy loss on a grid?
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace godwit::accounting {

/// delta(epsilon) = infinite + the sum over losses l > epsilon of mass(l) (1 - e^(epsilon - l)).
/// `mass` gives the mass at point k of [low, high] and is called once for each, from the top down,
/// as far as is needed.
struct loss_curve {
  double interval;
  std::int64_t low, high;
  double infinite;

  /// The least epsilon >= 0 for a delta that is above `infinite`.
  template <class Mass>
  double epsilon(double delta, Mass&& mass) const {
    state at;
    for (std::int64_t k = high; k >= low; --k) {
      const double point = static_cast<double>(k) * interval;
      if (point <= 0)
        return 0;
      at.take(mass(k), interval);
      // Now `at` is of the point below.
      const double excess = at.delta + infinite - delta;
      if (excess >= 0)
        return std::max(0.0, point - interval + std::log1p(excess / at.discounted));
    }
    return std::max(0.0, static_cast<double>(low - 1) * interval);
  }

  template <class Mass>
  double delta(double epsilon, Mass&& mass) const {
    const auto below = static_cast<std::int64_t>(std::floor(epsilon / interval));
    state at;
    for (std::int64_t k = high; k > std::max(below, low - 1); --k)
      at.take(mass(k), interval);
    const double beyond = epsilon - static_cast<double>(std::max(below, low - 1)) * interval;
    return std::min(1.0, infinite + std::max(0.0, at.delta - at.discounted * std::expm1(beyond)));
  }

private:
  /// At a point: delta of the masses above it, and the sum of mass e^(point - l) over them.
  struct state {
    double delta = 0;
    double discounted = 0;
    void take(double mass, double step) {
      const double here = mass + discounted;
      delta += here * -std::expm1(-step);
      discounted = here * std::exp(-step);
    }
  };
};

} // namespace godwit::accounting
