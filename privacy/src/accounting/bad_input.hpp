// How does an accountant say no to what it was asked?
#pragma once

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <godwit/messages/result.hpp>

namespace godwit::accounting {

inline failure bad_input(std::string detail) {
  return {failure_code::bad_config, false, std::move(detail)};
}

/// The least delta that is computed with: far below every use, far above where doubles end.
inline constexpr double delta_min = 1e-100;

inline attempt<done> check_delta(double delta) {
  if (std::isfinite(delta) && delta >= delta_min && delta < 1)
    return done{};
  return bad_input(
      fmt::format("delta is {}; it has to lie between {} and 1, and should be below 1 / population",
                  delta, delta_min));
}

inline constexpr double epsilon_max = 1e6; ///< beyond it nothing is protected

inline attempt<done> check_epsilon(double epsilon) {
  if (std::isfinite(epsilon) && epsilon >= 0 && epsilon <= epsilon_max)
    return done{};
  return bad_input(
      fmt::format("epsilon is {}; it has to lie between 0 and {}", epsilon, epsilon_max));
}

} // namespace godwit::accounting
