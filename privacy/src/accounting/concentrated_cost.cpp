#include <godwit/privacy/concentrated_cost.hpp>

#include <algorithm>
#include <cmath>
#include <variant>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

#include "accounting/bad_input.hpp"
#include "accounting/gaussian_equivalent.hpp"
#include "accounting/rdp_bounds.hpp"

namespace godwit::accounting {
namespace {

/// The form of proposition 14 with a term that is the same at all orders is left out.
concentrated_cost one(const discrete_gaussian& noise, double reach) {
  return {.rho = reach_of_sum(noise, reach).rho(), .is_gaussian = false};
}

concentrated_cost one(const skellam& noise, double reach) {
  const double square = std::pow(reach * noise.l2_norm, 2), l1 = reach * noise.l1_norm;
  const double v = noise.variance;
  const concentrated_cost growing{.rho = square / (2 * v) + square / (2 * v * v),
                                  .xi = std::max((6 * l1 - square) / (4 * v * v), 0.0),
                                  .is_of_whole_orders = true,
                                  .is_gaussian = false};
  const concentrated_cost steady{.rho = square / (2 * v),
                                 .xi = 3 * l1 / (2 * v),
                                 .is_of_whole_orders = true,
                                 .is_gaussian = false};
  constexpr double usual_order = 8;
  return growing.xi + usual_order * growing.rho < steady.xi + usual_order * steady.rho ? growing
                                                                                       : steady;
}

concentrated_cost one(const concentrated& noise, double) {
  return {.rho = noise.rho, .is_gaussian = false};
}

} // namespace

concentrated_cost operator+(const concentrated_cost& a, const concentrated_cost& b) noexcept {
  return {.rho = a.rho + b.rho,
          .xi = a.xi + b.xi,
          .is_of_whole_orders = a.is_of_whole_orders || b.is_of_whole_orders,
          .is_gaussian = a.is_gaussian && b.is_gaussian};
}

attempt<concentrated_cost> cost_of(const privacy_event& event) {
  if (auto right = check(event); !right)
    return right.why();
  if (const auto mu = gaussian_equivalent(event))
    return concentrated_cost{.rho = *mu * *mu / 2};
  if (!takes_everybody(event.sampling))
    return bad_input("what a sample costs does not add up in rho and xi: " + describe(event));
  return std::visit(
      [&](const auto& noise) -> attempt<concentrated_cost> {
        if constexpr (requires { one(noise, 1.0); }) {
          auto cost = one(noise, contributions_between(event.neighbours));
          cost.rho *= static_cast<double>(event.count);
          cost.xi *= static_cast<double>(event.count);
          return cost;
        } else {
          return bad_input("what it costs does not add up in rho and xi: " + describe(event));
        }
      },
      event.mechanism);
}

double epsilon_of(const concentrated_cost& cost, double delta) {
  if (cost.rho == 0 && cost.xi == 0)
    return 0;
  if (cost.is_gaussian)
    return gaussian_epsilon(std::sqrt(2 * cost.rho), delta);
  divergence_curve curve{.orders = usual_orders(), .divergences = {}};
  if (cost.is_of_whole_orders)
    std::erase_if(curve.orders, [](double order) { return order != std::floor(order); });
  for (const double order : curve.orders)
    curve.divergences.push_back(cost.xi + cost.rho * order);
  const auto epsilon = curve.epsilon(delta);
  GODWIT_CHECK(epsilon, "a delta that is none");
  return *epsilon;
}

} // namespace godwit::accounting
