#include <godwit/privacy/privacy_audit.hpp>

#include <algorithm>
#include <cmath>

#include <godwit/privacy/gaussian_accountant.hpp>

#include "accounting/bad_input.hpp"
#include "accounting/normal_tail.hpp"

namespace godwit {
namespace {

using accounting::bad_input;

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. It
/// converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto away_from_0 = [](double y) { return std::abs(y) < tiny ? tiny : y; };
  double c = 1, d = 1 / away_from_0(1 - (a + b) * x / (a + 1)), value = d;
  for (int m = 1; m <= 100'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_0(1 + even * d);
    c = away_from_0(1 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_0(1 + odd * d);
    c = away_from_0(1 + odd / c);
    value *= d * c;
    if (std::abs(d * c - 1) < 1e-15)
      break;
  }
  return value;
}

/// I_x(a, b), regularised (DLMF 8.17.2); 0 < x < 1.
double incomplete_beta(double a, double b, double x) {
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                   : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// Phi^-1(p), 0 < p < 1.
double normal_quantile(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < 200 && high - low > 1e-15 * std::abs(low); ++i) {
    const double middle = low + (high - low) / 2;
    (accounting::upper_tail(-middle) < p ? low : high) = middle;
  }
  return high;
}

struct counts {
  std::uint64_t in = 0, out = 0;
};

/// Upper bounds of the rates behind these counts.
error_rates bounds_of(std::uint64_t false_positives, std::uint64_t false_negatives,
                      const counts& of, double chance) {
  return {clopper_pearson_upper(false_positives, of.out, chance),
          clopper_pearson_upper(false_negatives, of.in, chance)};
}

double any_epsilon_of(const error_rates& most, double delta) {
  const double hits = 1 - delta - most.false_negatives;
  return hits > most.false_positives ? std::log(hits / most.false_positives) : 0;
}

/// Where a right claim would be shown best by so many trials.
double best_threshold(const audit_claim& claim, const counts& of, double chance) {
  double best = 0.5, most = -1;
  for (int step = 0; step <= 100; ++step) {
    const double threshold = 0.5 + step * 0.05 * claim.noise_multiplier;
    const auto expected = [](double rate, std::uint64_t count) {
      return static_cast<std::uint64_t>(std::lround(rate * static_cast<double>(count)));
    };
    const double epsilon = any_epsilon_of(
        bounds_of(expected(accounting::upper_tail(threshold / claim.noise_multiplier), of.out),
                  expected(accounting::upper_tail((1 - threshold) / claim.noise_multiplier), of.in),
                  of, chance),
        claim.delta);
    if (epsilon > most) {
      most = epsilon;
      best = threshold;
    }
  }
  return best;
}

attempt<done> check(const audit_claim& claim, const counts& of, double confidence) {
  if (!(claim.noise_multiplier > 0 && std::isfinite(claim.noise_multiplier)))
    return bad_input(fmt::format("the claimed noise multiplier is {}; a finite number above 0 is "
                                 "accepted",
                                 claim.noise_multiplier));
  if (auto right = accounting::check_delta(claim.delta); !right)
    return right;
  if (!(confidence > 0 && confidence < 1))
    return bad_input(
        fmt::format("the confidence is {}; a number between 0 and 1 is accepted", confidence));
  if (of.in == 0 || of.out == 0)
    return bad_input(fmt::format("there are {} trials with the canary and {} without; there must "
                                 "be some of both",
                                 of.in, of.out));
  if (of.in + of.out > audit_trial_count_max)
    return bad_input(fmt::format("there are {} trials; at most {} are looked at", of.in + of.out,
                                 audit_trial_count_max));
  return done{};
}

} // namespace

double clopper_pearson_upper(std::uint64_t count, std::uint64_t trial_count, double chance) {
  if (count >= trial_count)
    return 1;
  // Pr[at most `count` of n come out] = I_(1-p)(n - count, count + 1) (DLMF 8.17.5).
  const auto a = static_cast<double>(trial_count - count), b = static_cast<double>(count) + 1;
  double low = 0, high = 1;
  for (int i = 0; i < 100; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high)
      break;
    (incomplete_beta(a, b, 1 - middle) >= chance ? low : high) = middle;
  }
  return high;
}

attempt<audit_finding> audit(std::span<const audit_trial> trials, const audit_claim& claim,
                             double confidence) {
  counts of;
  for (const auto& trial : trials) {
    if (!std::isfinite(trial.score))
      return bad_input("a score is not finite");
    ++(trial.is_in ? of.in : of.out);
  }
  if (auto right = check(claim, of, confidence); !right)
    return right.why();
  const double chance = (1 - confidence) / 4;
  const auto errors = [&](double threshold) {
    std::uint64_t positives = 0, negatives = 0;
    for (const auto& trial : trials) {
      positives += !trial.is_in && trial.score > threshold ? 1 : 0;
      negatives += trial.is_in && trial.score <= threshold ? 1 : 0;
    }
    return std::pair(positives, negatives);
  };
  audit_finding found{.in_count = of.in, .out_count = of.out};
  found.claimed_epsilon = accounting::gaussian_epsilon(1 / claim.noise_multiplier, claim.delta);
  found.any_threshold = best_threshold(claim, of, chance);
  const auto [far_positives, far_negatives] = errors(found.any_threshold);
  found.any_most = bounds_of(far_positives, far_negatives, of, chance);
  found.any_epsilon = any_epsilon_of(found.any_most, claim.delta);
  const auto [positives, negatives] = errors(0.5);
  found.false_positives = static_cast<double>(positives) / static_cast<double>(of.out);
  found.false_negatives = static_cast<double>(negatives) / static_cast<double>(of.in);
  const auto& most = found.gaussian_most = bounds_of(positives, negatives, of, chance);
  if (most.false_positives + most.false_negatives < 1) {
    found.gaussian_mu =
        normal_quantile(1 - most.false_positives) - normal_quantile(most.false_negatives);
    found.gaussian_epsilon = accounting::gaussian_epsilon(found.gaussian_mu, claim.delta);
  }
  return found;
}

} // namespace godwit
