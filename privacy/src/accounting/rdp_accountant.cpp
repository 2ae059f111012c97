#include <godwit/privacy/rdp_accountant.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "accounting/bad_input.hpp"
#include "accounting/gaussian_equivalent.hpp"
#include "accounting/rdp_bounds.hpp"

namespace godwit::accounting {
namespace {

constexpr double order_max = 16384;
constexpr double infinite = std::numeric_limits<double>::infinity();

failure no_bound(const privacy_event& event) {
  return bad_input("the Rényi accountant has no bound for this (Poisson sampling goes with "
                   "add_or_remove_one, samples of a fixed size with Gaussian noise): " +
                   describe(event));
}

/// The divergence without sampling, at one order: exact or a bound, as each mechanism has it.
struct unsampled {
  double order;
  double reach;
  double operator()(const gaussian& x) const {
    return order * reach * reach / (2 * x.noise_multiplier * x.noise_multiplier);
  }
  double operator()(const tree_aggregation& x) const {
    return (*this)(gaussian{x.noise_multiplier}) * tree_sensitivity_squared(x);
  }
  double operator()(const laplace& x) const { return laplace_divergence(order, x.scale / reach); }
  double operator()(const discrete_laplace& x) const {
    return discrete_laplace_divergence(order, x.scale, static_cast<std::uint64_t>(reach) * x.reach);
  }
  double operator()(const discrete_gaussian& x) const {
    return discrete_gaussian_divergence(order, x, reach);
  }
  double operator()(const skellam& x) const { return skellam_divergence(order, x, reach); }
  double operator()(const randomised_response& x) const { return response_divergence(order, x); }
  double operator()(const concentrated& x) const { return order * x.rho; }
};

std::vector<double> without_sampling(std::span<const double> orders, const privacy_event& event) {
  const double reach = contributions_between(event.neighbours);
  const auto at = [&](double order) {
    return std::visit(unsampled{order, reach}, event.mechanism);
  };
  if (std::holds_alternative<skellam>(event.mechanism)) // its bound is for whole orders
    return from_whole_orders(orders, [&](std::size_t n) {
      return static_cast<double>(n - 1) * at(static_cast<double>(n));
    });
  std::vector<double> divergences;
  divergences.reserve(orders.size());
  for (const double order : orders)
    divergences.push_back(at(order));
  return divergences;
}

attempt<std::vector<double>> divergences_of(std::span<const double> orders,
                                            const privacy_event& event) {
  if (takes_everybody(event.sampling))
    return without_sampling(orders, event);
  const auto* noise = std::get_if<gaussian>(&event.mechanism);
  if (const auto* poisson = std::get_if<poisson_sampling>(&event.sampling)) {
    if (event.neighbours != relation::add_or_remove_one)
      return no_bound(event);
    if (noise != nullptr)
      return poisson_gaussian(orders, poisson->rate, noise->noise_multiplier);
    return poisson_additive(orders, poisson->rate, [&](double order) {
      return std::visit(unsampled{order, 1}, event.mechanism);
    });
  }
  const auto& fixed = std::get<fixed_size_sampling>(event.sampling);
  if (noise == nullptr)
    return no_bound(event);
  return fixed_size_gaussian(
      orders, static_cast<double>(fixed.sample_size) / static_cast<double>(fixed.population_size),
      noise->noise_multiplier / contributions_between(event.neighbours));
}

double log_improved_factor(double order) {
  return std::log1p(-1 / order);
}

} // namespace

std::vector<double> usual_orders() {
  std::vector<double> orders;
  for (int tenth = 1; tenth < 100; ++tenth)
    orders.push_back(1 + tenth / 10.0);
  for (int whole = 11; whole < 64; ++whole)
    orders.push_back(whole);
  orders.insert(orders.end(), {128, 256, 512, 1024});
  return orders;
}

attempt<double> divergence_curve::epsilon(double delta, conversion by) const {
  if (auto right = check_delta(delta); !right)
    return right.why();
  double least = infinite;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double order = orders[i], divergence = divergences[i];
    if (delta * delta + std::expm1(-divergence) > 0)
      return 0.0;
    double epsilon = divergence - std::log(delta) / (order - 1);
    if (by == conversion::improved)
      epsilon += log_improved_factor(order) - std::log(order) / (order - 1);
    least = std::min(least, epsilon);
  }
  if (!std::isfinite(least))
    return bad_input("no order of the Rényi accountant bounds these releases: there is too little "
                     "noise, or no order was given");
  return std::max(least, 0.0);
}

attempt<double> divergence_curve::delta(double epsilon, conversion by) const {
  if (auto right = check_epsilon(epsilon); !right)
    return right.why();
  if (orders.empty())
    return bad_input("the Rényi accountant was given no orders");
  double least = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double order = orders[i], divergence = divergences[i];
    double log_delta = (order - 1) * (divergence - epsilon);
    if (by == conversion::improved)
      log_delta += (order - 1) * log_improved_factor(order) - std::log(order);
    least = std::min({least, log_delta, 0.5 * std::log(-std::expm1(-divergence))});
  }
  return std::exp(least);
}

rdp_accountant::rdp_accountant(std::vector<double> orders) {
  curve_.divergences.assign(orders.size(), 0.0);
  curve_.orders = std::move(orders);
}

attempt<done> rdp_accountant::compose(const privacy_event& event) {
  if (auto right = check(event); !right)
    return right;
  for (const double order : curve_.orders)
    if (!(order > 1 && order <= order_max))
      return bad_input(fmt::format("{} is no order of a Rényi divergence that is computed; orders "
                                   "lie above 1 and up to {}",
                                   order, order_max));
  if (curve_.orders.empty())
    return bad_input("the Rényi accountant was given no orders");
  const auto divergences = divergences_of(curve_.orders, event);
  if (!divergences)
    return divergences.why();
  for (std::size_t i = 0; i < curve_.orders.size(); ++i)
    curve_.divergences[i] += static_cast<double>(event.count) * (*divergences)[i];
  return done{};
}

} // namespace godwit::accounting
