// The Rényi divergence of Poisson-sampled Gaussian noise.
//
// A sum over binomial coefficients at whole orders; at the others the integral itself, by the
// trapezoidal rule, which converges exponentially for an integrand like this one (Trefethen &
// Weideman 2014, theorem 5.1). Both give A - 1, where nothing cancels, and not A.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "accounting/rdp_bounds.hpp"

namespace godwit::accounting {
namespace {

constexpr double exponent_max = 600; ///< e^600 times a few thousand terms is a double

/// log(e^x - 1), x > 0.
double log_expm1(double x) {
  return x > 40 ? x : std::log(std::expm1(x));
}

struct whole_orders {
  /// For orders up to `top`.
  whole_orders(double rate, double noise, std::size_t top)
      : log_rate(std::log(rate)), log_rest(std::log1p(-rate)), log_factorial(log_factorials(top)),
        log_growth(top + 1) {
    for (std::size_t i = 2; i <= top; ++i) {
      const auto x = static_cast<double>(i);
      log_growth[i] = log_expm1((x * x - x) / (2 * noise * noise));
    }
  }

  /// log A: A - 1 = sum over i >= 2 of C(n, i) q^i (1 - q)^(n - i) (e^((i^2 - i) / 2 z^2) - 1).
  double log_moment(std::size_t n) {
    terms.clear();
    double top = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 2; i <= n; ++i) {
      terms.push_back(log_factorial[n] - log_factorial[i] - log_factorial[n - i] +
                      static_cast<double>(i) * log_rate + static_cast<double>(n - i) * log_rest +
                      log_growth[i]);
      top = std::max(top, terms.back());
    }
    double sum = 0;
    for (const double term : terms)
      sum += std::exp(term - top);
    return top < exponent_max ? std::log1p(sum * std::exp(top)) : top + std::log(sum);
  }

  double log_rate;
  double log_rest;
  std::vector<double> log_factorial;
  std::vector<double> log_growth;
  std::vector<double> terms;
};

/// The integrand has a branch point where its base is zero, at a height of pi z^2 above the axis.
/// The step leaves 1e-16 of what that costs, and of the Gaussian where the Gaussian is what costs.
double step_for(double noise) {
  constexpr double pi_squared = std::numbers::pi * std::numbers::pi;
  if (noise > 3.1)
    return 0.65 * noise;
  return 2 * pi_squared * noise * noise / (38 + pi_squared * noise * noise / 2);
}

struct broken_orders {
  /// Nodes for orders up to `top`.
  broken_orders(double rate, double noise, double top) : reach(reach_for(noise)) {
    const double variance = noise * noise, step = step_for(noise);
    const double log_weight = std::log(step / (noise * std::sqrt(2 * std::numbers::pi)));
    for (double x = -reach; x < top + reach; x += step) {
      const double loss = (2 * x - 1) / (2 * variance);
      const double gain = rate * std::expm1(std::min(loss, exponent_max));
      position.push_back(x);
      change.push_back(gain);
      log_base.push_back(loss < exponent_max ? std::log1p(gain) : std::log(rate) + loss);
      log_density.push_back(log_weight - x * x / (2 * variance));
      density.push_back(std::exp(log_density.back()));
    }
  }

  /// How far from a peak there is anything.
  static double reach_for(double noise) { return 9.5 * noise; }
  /// With next to no noise nodes would be millions, and chords between whole orders have to do.
  static bool is_affordable(double noise, double top) {
    return (top + 2 * reach_for(noise)) / step_for(noise) < 1e5;
  }

  /// log A: A - 1 = E[(1 + t)^order - 1 - order t] with E[t] = 0.
  double log_moment(double order) const {
    const auto end = static_cast<std::size_t>(
        std::lower_bound(position.begin(), position.end(), order + reach) - position.begin());
    if (order * log_base[end - 1] > exponent_max)
      return log_large_moment(order, end);
    double excess = 0;
    for (std::size_t j = 0; j < end; ++j)
      excess += density[j] * (std::expm1(order * log_base[j]) - order * change[j]);
    return std::log1p(std::max(excess, 0.0));
  }

  double log_large_moment(double order, std::size_t end) const {
    double top = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < end; ++j)
      top = std::max(top, order * log_base[j] + log_density[j]);
    double sum = 0;
    for (std::size_t j = 0; j < end; ++j)
      sum += std::exp(order * log_base[j] + log_density[j] - top);
    return top + std::log(sum);
  }

  double reach;
  std::vector<double> position;
  std::vector<double> change;
  std::vector<double> log_base;
  std::vector<double> log_density;
  std::vector<double> density;
};

bool is_whole(double order) {
  return order == std::floor(order);
}

} // namespace

std::vector<double> poisson_gaussian(std::span<const double> orders, double rate,
                                     double noise_multiplier) {
  double top = 1, broken_top = 0;
  for (const double order : orders) {
    top = std::max(top, std::ceil(order));
    broken_top = std::max(broken_top, is_whole(order) ? 0 : order);
  }
  whole_orders whole(rate, noise_multiplier, static_cast<std::size_t>(top));
  const auto at_whole = [&](std::size_t n) { return whole.log_moment(n); };
  if (broken_top == 0 || !broken_orders::is_affordable(noise_multiplier, broken_top))
    return from_whole_orders(orders, at_whole);
  const broken_orders broken(rate, noise_multiplier, broken_top);
  std::vector<double> divergences;
  divergences.reserve(orders.size());
  for (const double order : orders) {
    const double log_moment =
        is_whole(order) ? at_whole(static_cast<std::size_t>(order)) : broken.log_moment(order);
    divergences.push_back(log_moment / (order - 1));
  }
  return divergences;
}

} // namespace godwit::accounting
