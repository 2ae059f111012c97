// Do ten million samples of a law follow it: every value, the moments, the tails?
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "support/goodness_of_fit.hpp"
#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

constexpr std::size_t sample_count = 10'000'000;

/// Each check is wrong about a right sampler once in a million times, or less: with the seeds fixed
/// here, never.
void check_law(noise_kind kind, double scale, std::uint64_t seed) {
  CAPTURE(scale);
  CAPTURE(seed);
  const auto samples = drawn(kind, scale, sample_count, seed);
  const noise_weight weight{kind, scale};
  const auto reach = static_cast<std::int64_t>(30 * scale) + 10;
  const auto fit = fit_to_weights(samples, weight, reach);
  CHECK_MESSAGE(fit.is_good(), fit.statistic << " of at most " << fit.statistic_max());

  double mass = 0, moments[5] = {};
  for (std::int64_t x = -reach; x <= reach; ++x) {
    const auto at = static_cast<double>(x);
    mass += weight(at);
    for (int k = 1; k <= 4; ++k)
      moments[k] += weight(at) * std::pow(at, 2 * k);
  }
  double mean = 0, second = 0, fourth = 0;
  std::size_t beyond = 0;
  double beyond_expected = 0;
  for (const auto sample : samples) {
    const auto x = static_cast<double>(sample);
    mean += x;
    second += x * x;
    fourth += x * x * x * x;
    beyond += std::abs(x) > 4 * scale ? 1 : 0;
  }
  for (std::int64_t x = -reach; x <= reach; ++x)
    if (std::abs(static_cast<double>(x)) > 4 * scale)
      beyond_expected += weight(static_cast<double>(x)) / mass * static_cast<double>(sample_count);
  for (auto& moment : moments)
    moment /= mass;
  const auto n = static_cast<double>(sample_count);
  constexpr double sigmas = 4.9; // two-sided: one in a million
  CHECK(std::abs(mean / n) < sigmas * std::sqrt(moments[1] / n));
  CHECK(std::abs(second / n - moments[1]) <
        sigmas * std::sqrt((moments[2] - moments[1] * moments[1]) / n));
  CHECK(std::abs(fourth / n - moments[2]) <
        sigmas * std::sqrt((moments[4] - moments[2] * moments[2]) / n));
  CHECK(std::abs(static_cast<double>(beyond) - beyond_expected) <
        sigmas * std::sqrt(beyond_expected) + 5);
}

} // namespace

TEST_CASE("ten million discrete Gaussians follow their law: value by value, moments and tails") {
  for (const double scale : {0.5, 1.0, 1.9, 2.1, 16.0, 300.7, 4096.0})
    check_law(noise_kind::discrete_gaussian, scale, 31);
}

TEST_CASE("ten million discrete Laplaces follow their law: value by value, moments and tails") {
  for (const double scale : {0.5, 1.0, 5.3, 200.0})
    check_law(noise_kind::discrete_laplace, scale, 32);
}

TEST_CASE("ten million Skellam numbers follow their law: value by value, moments and tails") {
  for (const double scale : {0.5, 1.0, 5.3, 24.0})
    check_law(noise_kind::skellam, scale, 34);
}

TEST_CASE("a Skellam law of any scale has rows, whose series is as good as is asked of it") {
  for (int i = 0; i <= 40; ++i) // making the rows checks it, value by value
    CHECK(noise_sampler::make(noise_kind::skellam, 32 * std::exp2(7.0 * i / 40)));
}

TEST_CASE("neighbouring samples, and a block's and the next one's, are independent") {
  const auto samples = drawn(noise_kind::discrete_gaussian, 64.0, sample_count, 33);
  for (const std::size_t lag : {std::size_t{1}, std::size_t{64}, noise_block_size}) {
    double product = 0;
    for (std::size_t i = lag; i < samples.size(); ++i)
      product += static_cast<double>(samples[i]) * static_cast<double>(samples[i - lag]);
    const auto n = static_cast<double>(samples.size() - lag);
    CHECK(std::abs(product / n) < 4.9 * 64.0 * 64.0 / std::sqrt(n));
  }
}
