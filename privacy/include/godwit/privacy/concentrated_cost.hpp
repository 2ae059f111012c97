// What does a release cost, in two numbers that add up?
#pragma once

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// A bound on what neighbours differ by: their Rényi divergence of order a is at most xi + rho a
/// (Bun & Steinke 2016, definition 1.1; rho-zCDP where xi is 0). Costs of releases that come
/// one after the other add up, even where each was chosen by what came out before (Feldman & Zrnic
/// 2021; Whitehouse, Ramdas, Rogers & Wu 2023, for budgets that are fixed beforehand).
struct concentrated_cost {
  double rho = 0;
  double xi = 0;
  bool is_of_whole_orders = false; ///< nothing is said of the orders between
  /// rho is mu^2 / 2 of continuous Gaussian noise, which says more than its divergences do.
  bool is_gaussian = true;
  friend bool operator==(const concentrated_cost&, const concentrated_cost&) = default;
};

concentrated_cost operator+(const concentrated_cost&, const concentrated_cost&) noexcept;

/// Of releases in which everybody takes part. Gaussian noise and trees: exact. Discrete Gaussian
/// noise of many: proposition 14 of Kairouz, Liu & Steinke 2021, the forms that are in proportion
/// to the order. Skellam noise: corollary 3.6 of Agarwal, Kairouz & Liu 2021, the form that is less
/// at order 8. Fails with bad_config for events that are not valid, sampled, or of another kind.
attempt<concentrated_cost> cost_of(const privacy_event&);

/// The epsilon of it: exact where it is Gaussian (gaussian_accountant.hpp), else by the improved
/// conversion (rdp_accountant.hpp). delta is in [1e-100, 1).
double epsilon_of(const concentrated_cost&, double delta);

} // namespace godwit::accounting
