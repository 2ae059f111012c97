#include "accounting/rdp_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace godwit::accounting {
namespace {

double log_sum(std::span<const double> logs) {
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double x : logs)
    sum += std::exp(x - top);
  return top + std::log(sum);
}

double distance_of_sum(const discrete_gaussian& noise) {
  double tau = 0;
  for (std::uint64_t k = 1; k < noise.client_count; ++k) {
    const auto share = static_cast<double>(k) / static_cast<double>(k + 1);
    const double next =
        10 * std::exp(-2 * std::numbers::pi * std::numbers::pi * noise.sigma * noise.sigma * share);
    tau += next;
    if (share > 0.999) { // the rest are at most as large as this one
      tau += next * static_cast<double>(noise.client_count - 1 - k);
      break;
    }
  }
  return tau;
}

} // namespace

std::vector<double> log_factorials(std::size_t top) {
  std::vector<double> logs(top + 1);
  for (std::size_t n = 2; n <= top; ++n)
    logs[n] = logs[n - 1] + std::log(static_cast<double>(n));
  return logs;
}

std::vector<double> from_whole_orders(std::span<const double> orders,
                                      const std::function<double(std::size_t)>& log_moment) {
  std::map<std::size_t, double> known{{1, 0.0}};
  const auto at = [&](double whole) {
    const auto n = static_cast<std::size_t>(whole);
    const auto found = known.find(n);
    return found != known.end() ? found->second : known.emplace(n, log_moment(n)).first->second;
  };
  std::vector<double> divergences;
  divergences.reserve(orders.size());
  for (const double order : orders) {
    const double below = std::floor(order), part = order - below;
    const double moment = part == 0 ? at(below) : (1 - part) * at(below) + part * at(below + 1);
    divergences.push_back(moment / (order - 1));
  }
  return divergences;
}

/// Mironov 2017, proposition 6, without the overflow of e^(1 / b).
double laplace_divergence(double order, double scale) {
  const double loss = 1 / scale, doubled = 2 * order - 1;
  return loss + std::log1p((order - 1) * std::expm1(-doubled * loss) / doubled) / (order - 1);
}

/// Three geometric sums: left of both centres, between them, right of both.
double discrete_laplace_divergence(double order, double scale, std::uint64_t reach) {
  const double a = 1 / scale, shift = static_cast<double>(reach);
  const double log_outside = -std::log1p(std::exp(-a));
  std::vector<double> logs{log_outside + (order - 1) * a * shift, log_outside - order * a * shift};
  const double log_centre = std::log(std::tanh(a / 2));
  for (std::uint64_t x = 1; x < reach; ++x) {
    const auto at = static_cast<double>(x);
    logs.push_back(log_centre - a * (order * at + (1 - order) * (shift - at)));
  }
  return std::max(log_sum(logs) / (order - 1), 0.0);
}

double sum_reach::rho() const noexcept {
  const double root = l2 + tau * std::sqrt(dimension);
  return std::min(l2 * l2 + 2 * l1 * tau + tau * tau * dimension, root * root) / 2;
}

sum_reach reach_of_sum(const discrete_gaussian& noise, double reach) {
  const double deviation = std::sqrt(static_cast<double>(noise.client_count)) * noise.sigma;
  return {.l1 = reach * noise.l1_norm / deviation,
          .l2 = reach * noise.l2_norm / deviation,
          .tau = distance_of_sum(noise),
          .dimension = static_cast<double>(noise.dimension)};
}

/// Proposition 14 of Kairouz, Liu & Steinke 2021; one client: theorem 4 of Canonne, Kamath &
/// Steinke 2020, which is the Gaussian's.
double discrete_gaussian_divergence(double order, const discrete_gaussian& noise, double reach) {
  const auto sum = reach_of_sum(noise, reach);
  return std::min(order / 2 * sum.l2 * sum.l2 + sum.tau * sum.dimension, order * sum.rho());
}

/// Agarwal, Kairouz & Liu 2021, corollary 3.6, stated for whole orders.
double skellam_divergence(double order, const skellam& noise, double reach) {
  const double l2_squared = reach * noise.l2_norm * reach * noise.l2_norm;
  const double l1 = reach * noise.l1_norm, v = noise.variance;
  return order * l2_squared / (2 * v) +
         std::min(((2 * order - 1) * l2_squared + 6 * l1) / (4 * v * v), 3 * l1 / (2 * v));
}

/// Between two clients with different answers: both have the same answers with swapped
/// probabilities, and the other k - 2 categories say nothing.
double response_divergence(double order, const randomised_response& noise) {
  const auto k = static_cast<double>(noise.category_count);
  const double by_chance = noise.noise / k, own = 1 - noise.noise + by_chance;
  const double loss = std::log(own) - std::log(by_chance);
  std::vector<double> logs{std::log(by_chance) + order * loss, std::log(own) - order * loss};
  if (noise.category_count > 2)
    logs.push_back(std::log((k - 2) * by_chance));
  return std::max(log_sum(logs) / (order - 1), 0.0);
}

std::vector<double> poisson_additive(std::span<const double> orders, double rate,
                                     const std::function<double(double)>& divergence) {
  const double top = std::ceil(*std::max_element(orders.begin(), orders.end()));
  const auto size = static_cast<std::size_t>(top);
  const auto log_factorial = log_factorials(size);
  const double log_rate = std::log(rate), log_rest = std::log1p(-rate);
  std::vector<double> log_growth(size + 1); // log E_Q[(P/Q)^i]
  for (std::size_t i = 2; i <= size; ++i)
    log_growth[i] = static_cast<double>(i - 1) * divergence(static_cast<double>(i));
  return from_whole_orders(orders, [&](std::size_t n) {
    std::vector<double> logs;
    for (std::size_t i = 0; i <= n; ++i)
      logs.push_back(log_factorial[n] - log_factorial[i] - log_factorial[n - i] +
                     static_cast<double>(i) * log_rate + static_cast<double>(n - i) * log_rest +
                     log_growth[i]);
    return std::max(log_sum(logs), 0.0);
  });
}

} // namespace godwit::accounting
