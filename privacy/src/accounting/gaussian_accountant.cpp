#include <godwit/privacy/gaussian_accountant.hpp>

#include <cmath>

#include "accounting/bad_input.hpp"
#include "accounting/gaussian_equivalent.hpp"
#include "accounting/normal_tail.hpp"

namespace godwit::accounting {
namespace {

/// With t = eps/mu - mu/2, e^eps density(t + mu) = density(t): so delta is density(t) times a
/// difference of Mills ratios, without the two terms of the formula that nearly cancel far out.
double log_gaussian_delta(double mu, double epsilon) {
  const double t = epsilon / mu - mu / 2;
  const double second = mills_ratio(std::max(t + mu, 0.0));
  if (t < 0)
    return std::log(upper_tail(t) - std::exp(log_density(t)) * second);
  return log_density(t) + std::log(mills_ratio(t) - second);
}

/// The point between `low` and `high` where `is_above` changes from false to true.
template <class Predicate>
double boundary(double low, double high, Predicate is_above) {
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high)
      break;
    (is_above(middle) ? high : low) = middle;
  }
  return high;
}

} // namespace

double gaussian_delta(double mu, double epsilon) {
  return std::exp(log_gaussian_delta(mu, epsilon));
}

double gaussian_epsilon(double mu, double delta) {
  const double target = std::log(delta);
  if (log_gaussian_delta(mu, 0) <= target)
    return 0;
  // delta < Pr[N(0, 1) > t] <= exp(-t^2 / 2), so this is enough.
  const double high = mu * (std::sqrt(-2 * target) + mu / 2);
  return boundary(0, high,
                  [&](double epsilon) { return log_gaussian_delta(mu, epsilon) <= target; });
}

double gaussian_mu(double epsilon, double delta) {
  const double target = std::log(delta);
  double high = 1;
  while (log_gaussian_delta(high, epsilon) <= target)
    high *= 2;
  double low = high;
  while (log_gaussian_delta(low, epsilon) > target)
    low /= 2;
  const double above =
      boundary(low, high, [&](double mu) { return log_gaussian_delta(mu, epsilon) > target; });
  return std::nextafter(above, 0.0);
}

attempt<done> gaussian_accountant::compose(const privacy_event& event) {
  if (auto right = check(event); !right)
    return right;
  const auto mu = gaussian_equivalent(event);
  if (!mu)
    return bad_input("the exact Gaussian accountant takes Gaussian noise and trees with everybody "
                     "in them, and was given: " +
                     describe(event));
  mu_squared_ += *mu * *mu;
  return done{};
}

double gaussian_accountant::mu() const {
  return std::sqrt(mu_squared_);
}

attempt<double> gaussian_accountant::epsilon(double delta) const {
  if (auto right = check_delta(delta); !right)
    return right.why();
  return mu_squared_ == 0 ? 0.0 : gaussian_epsilon(mu(), delta);
}

attempt<double> gaussian_accountant::delta(double epsilon) const {
  if (auto right = check_epsilon(epsilon); !right)
    return right.why();
  return mu_squared_ == 0 ? 0.0 : gaussian_delta(mu(), epsilon);
}

} // namespace godwit::accounting
