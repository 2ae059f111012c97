#include <godwit/privacy/calibration.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/pld_accountant.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

#include "accounting/bad_input.hpp"

namespace godwit::accounting {
namespace {

template <class Accountant>
attempt<spent_epsilon> ask(Accountant accountant, std::span<const privacy_event> events,
                           double delta, method by) {
  for (const auto& event : events)
    if (auto composed = accountant.compose(event); !composed)
      return composed.why();
  const auto epsilon = accountant.epsilon(delta);
  if (!epsilon)
    return epsilon.why();
  return spent_epsilon{*epsilon, by};
}

attempt<spent_epsilon> ask_one(std::span<const privacy_event> events, double delta, method by) {
  switch (by) {
  case method::exact:
    return ask(gaussian_accountant(), events, delta, by);
  case method::pld:
    return ask(pld_accountant(), events, delta, by);
  default:
    return ask(rdp_accountant(), events, delta, method::rdp);
  }
}

attempt<done> check_target(const privacy_target& target) {
  if (auto right = check_delta(target.delta); !right)
    return right;
  if (auto right = check_epsilon(target.epsilon); !right)
    return right;
  if (target.epsilon > 0)
    return done{};
  return bad_input("epsilon is 0; nothing can be released for that, it has to be above 0");
}

/// The mechanism with another amount of noise, growing with `noise`.
struct with_noise {
  double noise;
  mechanism operator()(gaussian x) const { return x.noise_multiplier = noise, x; }
  mechanism operator()(laplace x) const { return x.scale = noise, x; }
  mechanism operator()(discrete_gaussian x) const { return x.sigma = noise * x.l2_norm, x; }
  mechanism operator()(discrete_laplace x) const { return x.scale = noise * x.reach, x; }
  mechanism operator()(skellam x) const {
    const double deviation = noise * x.l2_norm;
    return x.variance = deviation * deviation, x;
  }
  mechanism operator()(randomised_response x) const { return x.noise = noise, x; }
  mechanism operator()(tree_aggregation x) const { return x.noise_multiplier = noise, x; }
  mechanism operator()(concentrated x) const { return x.rho = 1 / (2 * noise * noise), x; }
};

/// What `with_noise` was given.
double noise_of(const mechanism& made) {
  struct {
    double operator()(const gaussian& x) const { return x.noise_multiplier; }
    double operator()(const laplace& x) const { return x.scale; }
    double operator()(const discrete_gaussian& x) const { return x.sigma / x.l2_norm; }
    double operator()(const discrete_laplace& x) const { return x.scale / x.reach; }
    double operator()(const skellam& x) const { return std::sqrt(x.variance) / x.l2_norm; }
    double operator()(const randomised_response& x) const { return x.noise; }
    double operator()(const tree_aggregation& x) const { return x.noise_multiplier; }
    double operator()(const concentrated& x) const { return std::sqrt(0.5 / x.rho); }
  } of;
  return std::visit(of, made);
}

struct noise_range {
  double low, high;
};

noise_range range_of(const mechanism& x) {
  return {1e-2, std::holds_alternative<randomised_response>(x) ? 1.0 : 1e6};
}

} // namespace

std::string_view name(method by) noexcept {
  switch (by) {
  case method::exact:
    return "exact";
  case method::pld:
    return "pld";
  case method::rdp:
    return "rdp";
  default:
    return "tightest";
  }
}

attempt<spent_epsilon> epsilon_of(std::span<const privacy_event> events, double delta, method by) {
  if (by != method::tightest)
    return ask_one(events, delta, by);
  for (const method next : {method::exact, method::pld})
    if (auto spent = ask_one(events, delta, next))
      return spent;
  return ask_one(events, delta, method::rdp);
}

attempt<privacy_event> with_least_noise(privacy_event event, const privacy_target& target,
                                        method by, double tolerance) {
  if (auto right = check_target(target); !right)
    return right.why();
  if (!(tolerance >= 1e-12 && tolerance <= 0.1))
    return bad_input(
        fmt::format("the tolerance is {}; it has to lie between 1e-12 and 0.1", tolerance));
  const auto [low_end, high_end] = range_of(event.mechanism);
  const auto with = [&](double noise) {
    privacy_event other = event;
    other.mechanism = std::visit(with_noise{noise}, event.mechanism);
    return other;
  };
  // Too little noise is refused by some accountants, and that is no answer here; so is an event
  // that is wrong with any noise, and that is found out first.
  const auto fits = [&](double noise) {
    const auto spent = epsilon_of({{with(noise)}}, target.delta, by);
    return spent && spent->epsilon <= target.epsilon;
  };
  const auto most = epsilon_of({{with(high_end)}}, target.delta, by);
  if (!most)
    return most.why();
  if (most->epsilon > target.epsilon)
    return bad_input(
        fmt::format("no noise is enough: with {} times a contribution epsilon is still "
                    "{:.4g}, and {} was asked for",
                    high_end, most->epsilon, target.epsilon));
  double high = std::min(1.0, high_end), step = 2;
  if (by != method::rdp) // which is quick, and close from above
    if (const auto first = with_least_noise(event, target, method::rdp, 1e-3)) {
      high = noise_of(first->mechanism);
      step = 1.2;
    }
  while (!fits(high))
    high = std::min(2 * high, high_end);
  double low = high / step;
  while (low >= low_end && fits(low))
    high = std::exchange(low, low / step);
  while (high - low > tolerance * high) {
    const double middle = std::sqrt(low * high);
    if (middle <= low || middle >= high)
      break;
    (fits(middle) ? high : low) = middle;
  }
  return with(high);
}

attempt<std::uint64_t> releases_within(privacy_event event, const privacy_target& target,
                                       method by) {
  if (auto right = check_target(target); !right)
    return right.why();
  event.count = 1;
  if (auto spent = epsilon_of({{event}}, target.delta, by); !spent)
    return spent.why();
  const auto fits = [&](std::uint64_t count) {
    event.count = count;
    const auto spent = epsilon_of({{event}}, target.delta, by);
    return spent && spent->epsilon <= target.epsilon;
  };
  std::uint64_t kept = 0, beyond = 1;
  if (by != method::rdp) // which is quick, and close from below
    if (const auto first = releases_within(event, target, method::rdp); first && *first > 1) {
      beyond = *first;
      if (!fits(beyond))
        beyond = 1;
    }
  while (beyond <= event_count_max && fits(beyond)) {
    kept = beyond;
    beyond += beyond / 4 + 1;
  }
  if (beyond > event_count_max) {
    if (fits(event_count_max))
      return event_count_max;
    beyond = event_count_max;
  }
  while (beyond - kept > 1) {
    const std::uint64_t middle = kept + (beyond - kept) / 2;
    (fits(middle) ? kept : beyond) = middle;
  }
  return kept;
}

attempt<std::vector<release_cost>> cost_by_count(privacy_event event, double delta,
                                                 std::uint64_t point_count, method by) {
  if (auto right = check(event); !right)
    return right.why();
  const std::uint64_t all = event.count;
  const std::uint64_t points = std::clamp<std::uint64_t>(point_count, 1, all);
  std::vector<release_cost> costs;
  for (std::uint64_t i = 1; i <= points; ++i) {
    event.count = i == points ? all : all / points * i;
    const auto spent = epsilon_of({{event}}, delta, by);
    if (!spent)
      return spent.why();
    costs.push_back({event.count, spent->epsilon});
  }
  return costs;
}

} // namespace godwit::accounting
