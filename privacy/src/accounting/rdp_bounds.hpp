// How large is the Rényi divergence of one release? A bound for each mechanism and sampling.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

// Each takes orders above 1 and gives as many divergences. `reach` is by how many contributions two
// neighbours differ (1 or 2).

/// Poisson-sampled Gaussian noise, 0 < rate < 1: A = E[((1 - q) + q e^w)^order] with w the loss of
/// N(1, z^2) against N(0, z^2) (Mironov, Talwar & Zhang 2019, theorem 4 and section 3.3).
std::vector<double> poisson_gaussian(std::span<const double> orders, double rate,
                                     double noise_multiplier);

/// Gaussian noise of `noise_multiplier` beside what a replaced client changes, on a random subset
/// of a fixed size: theorem 27 of Wang, Balle & Kasiviswanathan 2019 up to order 256 and its
/// simpler bound beyond, corollary 10 between whole orders.
std::vector<double> fixed_size_gaussian(std::span<const double> orders, double share,
                                        double noise_multiplier);

double laplace_divergence(double order, double scale);
double discrete_laplace_divergence(double order, double scale, std::uint64_t reach);
/// What one client reaches in a sum of many clients' noise, in deviations of that noise.
struct sum_reach {
  double l1 = 0, l2 = 0;
  double tau = 0; ///< how far the noise is from discrete Gaussian noise, for each coordinate
  double dimension = 0;
  /// Of the forms of proposition 14 of Kairouz, Liu & Steinke 2021 that are in proportion to the
  /// order: what stands beside it.
  double rho() const noexcept;
};
sum_reach reach_of_sum(const discrete_gaussian&, double reach);
double discrete_gaussian_divergence(double order, const discrete_gaussian&, double reach);
double skellam_divergence(double order, const skellam&, double reach);
double response_divergence(double order, const randomised_response&);

/// Additive noise that is symmetric around zero, Poisson-sampled, of which only the divergence
/// without sampling is known at whole orders. With P the shifted noise and Q the plain one, the
/// binomial theorem gives E_Q[((1 - q) + q P/Q)^n], n whole; that the other direction is no worse
/// follows from the reflection that exchanges P and Q (Mironov, Talwar & Zhang 2019, theorem 5).
/// Between whole orders, (order - 1) divergence is convex (Wang et al. 2019, corollary 10).
std::vector<double> poisson_additive(std::span<const double> orders, double rate,
                                     const std::function<double(double)>& divergence);

/// log(n!) for n = 0 … `top`.
std::vector<double> log_factorials(std::size_t top);

/// Divergences from log_moment(n) = (n - 1) divergence(n) at whole n >= 1 (0 at 1), with chords in
/// between. `log_moment` is asked once for each whole order that is needed.
std::vector<double> from_whole_orders(std::span<const double> orders,
                                      const std::function<double(std::size_t)>& log_moment);

} // namespace godwit::accounting
