#include "accounting/loss_moments.hpp"

#include <cmath>

namespace godwit::accounting {
namespace {

/// The sum over mass[i] factor^(size - 1 - i), by Horner's rule.
template <class Order>
tilts discounted_sums(Order mass, std::size_t size, const tilts& factor) {
  tilts sum{};
  for (std::size_t i = 0; i < size; ++i) {
    const double here = mass(i);
    for (std::size_t j = 0; j < tilt_count; ++j)
      sum[j] = sum[j] * factor[j] + here;
  }
  return sum;
}

} // namespace

tilts log_moments(const loss_grid& grid, double interval, const tilts& at) {
  const bool is_up = at[0] > 0;
  const std::size_t size = grid.mass.size();
  tilts factor{}, logs{};
  for (std::size_t j = 0; j < tilt_count; ++j)
    factor[j] = std::exp(-std::abs(at[j]) * interval);
  const tilts sums =
      is_up ? discounted_sums([&](std::size_t i) { return grid.mass[i]; }, size, factor)
            : discounted_sums([&](std::size_t i) { return grid.mass[size - 1 - i]; }, size, factor);
  const auto top = static_cast<double>(is_up ? grid.last() : grid.first);
  for (std::size_t j = 0; j < tilt_count; ++j)
    logs[j] = at[j] * interval * top + std::log(sums[j]);
  return logs;
}

} // namespace godwit::accounting
