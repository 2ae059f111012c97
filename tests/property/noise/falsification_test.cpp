// Would anybody notice if a mechanism kept less than it promises? Mechanisms that are broken on
// purpose fail the test here, and ours pass it.
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/noised_release.hpp>

#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

constexpr int run_count = 4000;
constexpr double multiplier = 1.0; ///< what every mechanism here promises, for a norm of 1
constexpr std::size_t length = 4;

/// A right mechanism fails with at most this probability, over the choice of the seeds.
constexpr double false_alarm = 1e-6;

using vectors = std::vector<std::vector<float>>;
/// What a mechanism makes of clients' vectors; the first value, times a count that is fixed.
using mechanism = std::function<double(const vectors&, std::uint64_t seed)>;

/// The largest (or the smallest) p with n KL(seen / n, p) <= log(1 / alpha): the true probability
/// is beyond it with probability alpha at most (Chernoff's bound).
double bound_of(int seen, double alpha, bool is_upper) {
  const double part = static_cast<double>(seen) / run_count;
  const auto divergence = [part](double p) {
    const auto term = [](double a, double b) { return a == 0 ? 0.0 : a * std::log(a / b); };
    return term(part, p) + term(1 - part, 1 - p);
  };
  double inside = part, outside = is_upper ? 1.0 : 0.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = (inside + outside) / 2;
    (run_count * divergence(middle) <= -std::log(alpha) ? inside : outside) = middle;
  }
  return outside;
}

/// delta of a Gaussian whose neighbours are mu deviations apart: Balle & Wang 2018, theorem 8.
double gaussian_delta(double mu, double epsilon) {
  const auto phi = [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; };
  return phi(mu / 2 - epsilon / mu) - std::exp(epsilon) * phi(-mu / 2 - epsilon / mu);
}

/// Whether runs on two neighbours are compatible with (epsilon, delta(epsilon)) for all events and
/// epsilons that are looked at: P(E) <= exp(epsilon) P'(E) + delta.
bool keeps_promise(const mechanism& release, const vectors& one, const vectors& other) {
  std::vector<double> thresholds;
  for (double t = -2.0; t <= 3.0; t += 0.25)
    thresholds.push_back(t);
  std::vector<std::vector<int>> above(2, std::vector<int>(thresholds.size()));
  for (int side = 0; side < 2; ++side)
    for (int run = 0; run < run_count; ++run) {
      const auto seed = static_cast<std::uint64_t>(2 * run + side);
      const double score = release(side == 0 ? one : other, seed);
      for (std::size_t i = 0; i < thresholds.size(); ++i) // what is no number is above everything
        above[static_cast<std::size_t>(side)][i] += !(score < thresholds[i]);
    }
  constexpr double epsilons[] = {0.0, 0.5, 1.0, 2.0};
  const double alpha = false_alarm / (static_cast<double>(thresholds.size()) * 2 * 2 * 2 * 4);
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    for (int first = 0; first < 2; ++first)
      for (const bool is_above : {true, false}) {
        const auto seen = [&](int side) {
          const int count = above[static_cast<std::size_t>(side)][i];
          return is_above ? count : run_count - count;
        };
        const double p = bound_of(seen(first), alpha, false);
        const double q = bound_of(seen(1 - first), alpha, true);
        for (const double epsilon : epsilons)
          if (p > std::exp(epsilon) * q + gaussian_delta(1 / multiplier, epsilon))
            return false;
      }
  return true;
}

constexpr double expected_count = 2;

/// Ours, with a multiplier that need not be the one promised.
mechanism noised_sum_of(double real_multiplier) {
  const auto empty =
      std::make_shared<noised_sum>(noised_sum::begin({.length = length,
                                                      .norm_max = 1.0,
                                                      .noise_multiplier = real_multiplier,
                                                      .client_count = expected_count})
                                       .value());
  return [empty](const vectors& clients, std::uint64_t seed) {
    auto sum = empty->begin_next(1.0);
    for (const auto& values : clients)
      (void)sum.add(values).has_value(); // what is refused is not in the sum
    return std::move(sum).release(noise_key(seed))[0] * expected_count;
  };
}

/// A sum whose clip is `scale_of`, over what `divisor_of` says: what others might write.
mechanism home_made(const std::function<float(const std::vector<float>&)>& scale_of,
                    const std::function<double(std::size_t)>& divisor_of) {
  const auto noise = noise_sampler::make(noise_kind::discrete_gaussian, multiplier * 65536).value();
  return [=](const vectors& clients, std::uint64_t seed) {
    double sum = 0;
    for (const auto& values : clients)
      sum += static_cast<double>(values[0] * scale_of(values));
    std::int64_t drawn_noise[1];
    noise.draw(drawn_noise, noise_key(seed));
    sum += static_cast<double>(drawn_noise[0]) / 65536;
    return sum / divisor_of(clients.size()) * expected_count;
  };
}

float right_scale(const std::vector<float>& values) {
  float square = 0;
  for (const float value : values)
    square += value * value;
  return std::min(1.0F, 1 / std::sqrt(square)); // NaN: 1
}

const std::vector<float> none{0, 0, 0, 0}, unit{1, 0, 0, 0}, minus{-1, 0, 0, 0},
    huge{1000, 0, 0, 0}, poison{std::numeric_limits<float>::quiet_NaN(), 0, 0, 0};

} // namespace

TEST_CASE("ours keeps its promise, whatever the neighbour's vector is") {
  const auto ours = noised_sum_of(multiplier);
  for (const auto& target : {unit, minus, huge, poison}) {
    CHECK(keeps_promise(ours, {none, target}, {none}));
    CHECK(keeps_promise(ours, {unit, target}, {unit}));
  }
}

TEST_CASE("half the noise is noticed") {
  CHECK_FALSE(keeps_promise(noised_sum_of(multiplier / 2), {none, unit}, {none}));
}

TEST_CASE("a clip that is missing is noticed") {
  const auto unclipped =
      home_made([](const auto&) { return 1.0F; }, [](std::size_t) { return expected_count; });
  CHECK(keeps_promise(unclipped, {none, unit}, {none})); // a short vector does not tell
  CHECK_FALSE(keeps_promise(unclipped, {none, huge}, {none}));
}

TEST_CASE("a clip that NaN walks past is noticed") {
  const auto naive = home_made(right_scale, [](std::size_t) { return expected_count; });
  CHECK(keeps_promise(naive, {none, huge}, {none}));
  CHECK_FALSE(keeps_promise(naive, {none, poison}, {none}));
}

TEST_CASE("the realised count as the divisor is noticed") {
  const auto realised =
      home_made(right_scale, [](std::size_t count) { return static_cast<double>(count); });
  const auto fixed = home_made(right_scale, [](std::size_t) { return expected_count; });
  CHECK(keeps_promise(fixed, {unit, minus}, {unit}));
  CHECK_FALSE(keeps_promise(realised, {unit, minus}, {unit}));
}
