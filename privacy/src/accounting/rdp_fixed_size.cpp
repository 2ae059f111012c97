// The Rényi divergence of Gaussian noise on a random subset of a fixed size.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "accounting/rdp_bounds.hpp"

namespace godwit::accounting {
namespace {

/// Up to here moments are worth their time; the simpler bound above is what the usual
/// implementations have there as well.
constexpr std::size_t moment_order_max = 256;

/// With less noise E[(r - 1)^m] is E[r^m] but for e^-11, and the simpler bound is the smaller one.
constexpr double moment_noise_min = 0.3;

double log_add(double x, double y) {
  const double high = std::max(x, y);
  return high + std::log1p(std::exp(std::min(x, y) - high));
}

/// log E[(r - 1)^m] for even m, with r the likelihood ratio of N(1, z^2) to N(0, z^2), under the
/// latter: the m-th forward difference of theorem 27, as the positive integral that it is.
class central_moments {
public:
  /// Nodes of the trapezoidal rule for m up to `top`.
  central_moments(double noise, std::size_t top) {
    const double step = 0.4 * noise;
    const auto degree = static_cast<double>(top);
    const double spread = (9.5 + 1.5 * std::sqrt(degree)) * noise; // |x|^m widens the Gaussian
    const double log_weight = std::log(step / (noise * std::sqrt(2 * std::numbers::pi)));
    for (double x = -spread; x < degree + spread; x += step) {
      const double loss = (2 * x - 1) / (2 * noise * noise);
      // At 1/2 it is log 0, which is what it should be.
      log_distance_.push_back(loss > 40 ? loss : std::log(std::abs(std::expm1(loss))));
      log_density_.push_back(log_weight - x * x / (2 * noise * noise));
    }
  }

  double log_moment(std::size_t m) const {
    const auto degree = static_cast<double>(m);
    double top = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < log_distance_.size(); ++j)
      top = std::max(top, degree * log_distance_[j] + log_density_[j]);
    double sum = 0;
    for (std::size_t j = 0; j < log_distance_.size(); ++j)
      sum += std::exp(degree * log_distance_[j] + log_density_[j] - top);
    return top + std::log(sum);
  }

private:
  std::vector<double> log_distance_;
  std::vector<double> log_density_;
};

class fixed_size_moments {
public:
  fixed_size_moments(double share, double noise, std::size_t top)
      : log_share_(std::log(share)), noise_(noise), log_factorial_(log_factorials(top)),
        central_(noise < moment_noise_min ? 0 : std::min(top, moment_order_max) / 2 + 2) {
    if (central_.empty())
      return;
    const central_moments moments(noise, 2 * central_.size());
    for (std::size_t half = 1; half < central_.size(); ++half)
      central_[half] = moments.log_moment(2 * half);
  }

  /// (n - 1) times the bound of the divergence at n.
  double operator()(std::size_t n) const {
    double log_moment = 0;
    for (std::size_t i = 2; i <= n; ++i)
      log_moment = log_add(log_moment, log_binomial(n, i) + static_cast<double>(i) * log_share_ +
                                           term(i, n <= moment_order_max && !central_.empty()));
    return log_moment;
  }

private:
  double log_binomial(std::size_t n, std::size_t i) const {
    return log_factorial_[n] - log_factorial_[i] - log_factorial_[n - i];
  }

  double term(std::size_t i, bool has_moments) const {
    const auto x = static_cast<double>(i);
    const double plain = std::log(2) + (x - 1) * x / (2 * noise_ * noise_);
    if (i == 2) {
      const double second = 1 / (noise_ * noise_);
      return std::min(std::log(4) + second + std::log1p(-std::exp(-second)), plain);
    }
    if (!has_moments)
      return plain;
    return std::min(std::log(4) + (central_[i / 2] + central_[(i + 1) / 2]) / 2, plain);
  }

  double log_share_;
  double noise_;
  std::vector<double> log_factorial_;
  std::vector<double> central_; ///< [half]: of the moment 2 half
};

} // namespace

std::vector<double> fixed_size_gaussian(std::span<const double> orders, double share,
                                        double noise_multiplier) {
  const double top = *std::max_element(orders.begin(), orders.end());
  const fixed_size_moments moments(share, noise_multiplier,
                                   static_cast<std::size_t>(std::ceil(top)));
  return from_whole_orders(orders, moments);
}

} // namespace godwit::accounting
