// Do numbers follow the law that they are said to follow?
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace godwit {

/// The chi-square statistic of counts, and the most that it is but for one time in a million
/// (Wilson and Hilferty). Cells that expect fewer than 10 are one cell.
struct goodness_of_fit {
  double statistic = 0;
  double degrees = -1;

  double statistic_max() const {
    const double ninth = 2 / (9 * degrees);
    return degrees * std::pow(1 - ninth + 4.75 * std::sqrt(ninth), 3);
  }
  bool is_good() const { return statistic <= statistic_max(); }
};

inline goodness_of_fit fit_of(const std::vector<double>& counts,
                              const std::vector<double>& expected) {
  goodness_of_fit fit;
  double rare_count = 0, rare_expected = 0;
  const auto take = [&fit](double count, double expectation) {
    fit.statistic += (count - expectation) * (count - expectation) / expectation;
    fit.degrees += 1;
  };
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (expected[i] >= 10)
      take(counts[i], expected[i]);
    else {
      rare_count += counts[i];
      rare_expected += expected[i];
    }
  if (rare_expected >= 10)
    take(rare_count, rare_expected);
  else if (rare_count > 0 && rare_expected < 1e-7 * rare_count) // what all but never happens did
    fit.statistic = std::numeric_limits<double>::infinity();
  return fit;
}

/// Fit of samples on the integers to `weight(x)` / its sum, symmetric around 0; cells of `width`
/// neighbours, up to `reach`, and one for all beyond.
template <class Samples, class Weight>
goodness_of_fit fit_to_weights(const Samples& samples, const Weight& weight, std::int64_t reach,
                               std::int64_t width = 1) {
  const auto cell_of = [=](std::int64_t x) {
    return static_cast<std::size_t>((x + reach) / width);
  };
  std::vector<double> counts(cell_of(reach) + 2), expected(counts.size());
  double mass = 0;
  for (std::int64_t x = -reach; x <= reach; ++x) {
    expected[cell_of(x)] += weight(static_cast<double>(x));
    mass += weight(static_cast<double>(x));
  }
  for (auto& cell : expected)
    cell *= static_cast<double>(samples.size()) / mass;
  for (const auto x : samples)
    counts[x < -reach || x > reach ? counts.size() - 1 : cell_of(x)] += 1;
  return fit_of(counts, expected);
}

} // namespace godwit
