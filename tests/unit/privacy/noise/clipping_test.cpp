// Is a clipped vector short, whatever went in?
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/adaptive_clipping.hpp>
#include <godwit/privacy/clipping.hpp>

#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

long double norm_of(const std::vector<float>& values) {
  long double sum = 0;
  for (const long double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

std::vector<float> some_values(std::size_t count, float size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> any(0, size);
  std::vector<float> values(count);
  for (auto& value : values)
    value = any(engine);
  return values;
}

std::uint64_t square_norm(const std::vector<std::int32_t>& entries) {
  std::uint64_t sum = 0;
  for (const std::int64_t entry : entries)
    sum += static_cast<std::uint64_t>(entry * entry);
  return sum;
}

} // namespace

TEST_CASE("a long vector is scaled to its bound and not beyond, a short one is left as it is") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    auto values = some_values(1 + seed * 7, 3.0F, seed);
    const auto before = values;
    const auto found = clip_to_norm(values, 2.5);
    REQUIRE(found);
    CHECK(found->norm == doctest::Approx(static_cast<double>(norm_of(before))));
    CHECK(norm_of(values) <= 2.5L);
    if (found->was_short)
      CHECK(values == before);
    else
      CHECK(norm_of(values) > 2.5L * (1 - 1e-6L));
  }
}

TEST_CASE("a bound holds for values at the ends of what a float can hold") {
  for (const float value : {std::numeric_limits<float>::max(), 1e-45F, -1e30F}) {
    std::vector<float> values(100, value);
    REQUIRE(clip_to_norm(values, 1.0));
    CHECK(norm_of(values) <= 1.0L);
  }
}

TEST_CASE("NaN and infinity are refused, wherever they stand, and nothing is changed") {
  const auto infinity = std::numeric_limits<float>::infinity();
  for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity})
    for (const std::size_t at : {0, 5, 9}) {
      std::vector<float> values(10, 100.0F);
      values[at] = wrong;
      const auto found = clip_to_norm(values, 1.0);
      REQUIRE_FALSE(found);
      CHECK(found.why() == refusal::value_not_finite);
      CHECK(values[1] == 100.0F);
      CHECK(clip_to_grid(values, {1.0, 0.01}, noise_key(1)).why() == refusal::value_not_finite);
    }
}

TEST_CASE("grid vectors keep the norm that privacy is accounted with, and their mean is right") {
  const grid_clip grid{.norm_max = 1.0, .step = 1.0 / 64};
  for (const std::size_t length : {1, 10, 1000, 20'000}) {
    CAPTURE(length);
    std::vector<double> sums(length);
    const auto values = some_values(length, 0.9F / std::sqrt(static_cast<float>(length)), 7);
    constexpr int times = 200;
    for (std::uint64_t seed = 0; seed < times; ++seed) {
      const auto entries = clip_to_grid(values, grid, noise_key(seed));
      REQUIRE(entries);
      CHECK(square_norm(*entries) <= grid_square_max(grid, length));
      for (std::size_t i = 0; i < length; ++i)
        sums[i] += (*entries)[i];
    }
    auto clipped = values;
    REQUIRE(clip_to_norm(clipped, grid.norm_max));
    double off = 0;
    for (std::size_t i = 0; i < length; ++i)
      off += sums[i] / times - clipped[i] / grid.step;
    // Each rounding has a variance of at most 1/4.
    CHECK(std::abs(off) < 5 * 0.5 * std::sqrt(static_cast<double>(length) / times));
  }
}

TEST_CASE("the norm on the grid is the smaller one of the two that are proven") {
  CHECK(grid_square_max({1.0, 1.0 / 64}, 1) == 4160); // 64^2 + 1/4 + 64 + 1/2
  CHECK(grid_square_max({1.0, 1.0}, 1) == 2);         // 1 + 1/4 + 1 + 1/2, less than 4
  CHECK(grid_square_max({1.0, 1.0 / 4096}, 1'000'000) == 17'031'812); // 2^24 + 250000 + 4096 + 500
}

TEST_CASE("a vector that only rounding up makes too long is drawn again or rounded down") {
  // On a coarse grid nearly half of the tries are too long.
  const grid_clip grid{.norm_max = 10.0, .step = 1.0};
  std::vector<float> values(400, 0.5F);
  int longest = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto entries = clip_to_grid(values, grid, noise_key(seed));
    REQUIRE(entries);
    CHECK(square_norm(*entries) <= grid_square_max(grid, values.size()));
    longest = std::max(longest, static_cast<int>(square_norm(*entries)));
  }
  CHECK(longest > 210); // 200 of 400 are rounded up in the mean
}

TEST_CASE("the norm moves towards the quantile, as far as the noised count says") {
  adaptive_clipping_terms terms;
  terms.client_count = 100;
  terms.count_deviation = 5;
  auto state = adaptive_clipping::begin(terms).value();
  CHECK(state.norm() == 0.1);
  CHECK(state.noise_scale() == 10);
  state.take(100); // everybody was short: b = 1
  CHECK(state.norm() == doctest::Approx(0.1 * std::exp(-0.2 * 0.5)));
  state.take(-100); // nobody
  CHECK(state.norm() == doctest::Approx(0.1));
  state.take(0); // half of them
  CHECK(state.norm() == doctest::Approx(0.1));
  CHECK(clipping_vote(true) - clipping_vote(false) == 2);
  const auto resumed = adaptive_clipping::resume(terms, state.norm());
  REQUIRE(resumed);
  CHECK(resumed->norm() == state.norm());
}

TEST_CASE("the norm finds the median of clients' norms, with noise on every count") {
  adaptive_clipping_terms terms;
  terms.client_count = 200;
  terms.count_deviation = 10;
  auto state = adaptive_clipping::begin(terms).value();
  const auto noise = noise_sampler::make(noise_kind::discrete_gaussian, state.noise_scale());
  for (std::uint64_t round = 0; round < 200; ++round) {
    std::int64_t votes[1] = {0};
    noise->draw(votes, noise_key(round));
    for (int client = 0; client < 200; ++client) // norms 0.02, 0.04, ... 4
      votes[0] += clipping_vote(0.02 * (client + 1) <= state.norm());
    state.take(static_cast<double>(votes[0]));
  }
  CHECK(state.norm() == doctest::Approx(2.0).epsilon(0.15));
}

TEST_CASE(
    "whatever is counted, the norm stays within its bounds; without noise it does not begin") {
  adaptive_clipping_terms terms;
  terms.client_count = 1;
  terms.count_deviation = 1;
  terms.norm_max = 1;
  auto state = adaptive_clipping::begin(terms).value();
  state.take(-1e300);
  CHECK(state.norm() == 1);
  state.take(1e300);
  CHECK(state.norm() == terms.norm_min);
  const auto is_refused = [](adaptive_clipping_terms wrong) {
    return !adaptive_clipping::begin(wrong).has_value();
  };
  const auto with = [&](double adaptive_clipping_terms::*field, double value) {
    auto changed = terms;
    changed.*field = value;
    return is_refused(changed);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {0.0, -1.0, nan}) {
    CHECK(with(&adaptive_clipping_terms::quantile, value));
    CHECK(with(&adaptive_clipping_terms::rate, value));
    CHECK(with(&adaptive_clipping_terms::norm_first, value));
    CHECK(with(&adaptive_clipping_terms::norm_min, value));
    CHECK(with(&adaptive_clipping_terms::client_count, value));
    CHECK(with(&adaptive_clipping_terms::count_deviation, value));
  }
  CHECK_FALSE(adaptive_clipping::resume(terms, 2.0));
}

TEST_CASE("updates and count together cost what one Gaussian costs") {
  const auto updates = update_noise_multiplier(1.0, 5.0);
  REQUIRE(updates);
  CHECK(1 / (*updates * *updates) + 1 / (10.0 * 10.0) == doctest::Approx(1.0));
  CHECK(*updates > 1.0);
  CHECK_FALSE(update_noise_multiplier(1.0, 0.5));
  CHECK_FALSE(update_noise_multiplier(0.0, 5.0));
}
