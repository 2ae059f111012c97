// Does an audit contradict what is wrong, and leave what is right alone?
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/privacy_audit.hpp>

namespace {

using namespace godwit;

/// Releases of a Gaussian mechanism that adds noise of that deviation to a canary of that norm.
std::vector<audit_trial> trials_of(double deviation, double norm, std::size_t count,
                                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, deviation);
  std::bernoulli_distribution coin(0.5);
  std::vector<audit_trial> made(count);
  for (auto& trial : made) {
    trial.is_in = coin(random);
    trial.score = (trial.is_in ? norm : 0) + noise(random);
  }
  return made;
}

constexpr double sure = 1 - 1e-6;

} // namespace

TEST_CASE("Clopper and Pearson's bounds are those of the tables, and of the formula for none") {
  CHECK(clopper_pearson_upper(5, 10, 0.025) == doctest::Approx(0.8129137).epsilon(1e-6));
  CHECK(clopper_pearson_upper(10, 100, 0.025) == doctest::Approx(0.1762226).epsilon(1e-6));
  for (const std::uint64_t count : {1, 20, 1000, 1'000'000})
    CHECK(clopper_pearson_upper(0, count, 0.05) ==
          doctest::Approx(-std::expm1(std::log(0.05) / static_cast<double>(count))).epsilon(1e-9));
  CHECK(clopper_pearson_upper(7, 7, 0.05) == 1);
}

TEST_CASE("a bound is exceeded as rarely as it says: the binomial sums beside it") {
  const std::uint64_t count = 3, trials = 12;
  const double p = clopper_pearson_upper(count, trials, 0.05);
  double sum = 0, choose = 1;
  for (std::uint64_t k = 0; k <= count; ++k) {
    sum += choose * std::pow(p, k) * std::pow(1 - p, trials - k);
    choose *= static_cast<double>(trials - k) / static_cast<double>(k + 1);
  }
  CHECK(sum == doctest::Approx(0.05).epsilon(1e-9));
}

TEST_CASE("a right claim stands, and the bound comes near it from below") {
  const std::uint64_t seed = 20'260'101;
  CAPTURE(seed);
  for (const double noise : {0.5, 1.0, 4.0}) {
    const auto found = *audit(trials_of(noise, 1, 100'000, seed), {noise, 1e-5}, sure);
    CHECK_FALSE(found.contradicts());
    CHECK(found.claimed_epsilon == accounting::gaussian_epsilon(1 / noise, 1e-5));
    CHECK(found.gaussian_epsilon > 0.8 * found.claimed_epsilon);
    CHECK(found.any_epsilon > 0);
    CHECK(found.in_count + found.out_count == 100'000);
  }
}

TEST_CASE("half the noise, a missing clip and a release without noise are contradicted") {
  const std::uint64_t seed = 20'260'102;
  CAPTURE(seed);
  CHECK(audit(trials_of(0.5, 1, 2'000, seed), {1, 1e-5}, sure)->contradicts());
  CHECK(audit(trials_of(1, 10, 2'000, seed), {1, 1e-5}, sure)->contradicts());
  const auto bare = *audit(trials_of(1e-9, 1, 2'000, seed), {0.5, 1e-5}, sure);
  CHECK(bare.gaussian_epsilon > bare.claimed_epsilon);
  // Without any assumption: no error in a thousand trials of a kind shows an epsilon of 4.
  CHECK(audit(trials_of(1e-9, 1, 2'000, seed), {4, 1e-5}, sure)->any_epsilon > 4);
}

TEST_CASE("of five hundred audits of a right claim, fewer are wrong than the confidence allows") {
  std::size_t wrong = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    wrong += audit(trials_of(1, 1, 200, seed), {1, 1e-5}, 0.9)->contradicts() ? 1 : 0;
  MESSAGE("wrong alarms: " << wrong << " of 500 at confidence 0.9");
  CHECK(wrong <= 50);
}

TEST_CASE("what cannot be audited is refused in a sentence") {
  const auto trials = trials_of(1, 1, 10, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double noise : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()})
    CHECK_FALSE(audit(trials, {noise, 1e-5}, 0.95));
  CHECK_FALSE(audit(trials, {1, 0}, 0.95));
  CHECK_FALSE(audit(trials, {1, 1e-5}, 1));
  CHECK_FALSE(audit(trials, {1, 1e-5}, 0));
  CHECK_FALSE(audit({}, {1, 1e-5}, 0.95));
  CHECK_FALSE(audit(std::vector<audit_trial>(5), {1, 1e-5}, 0.95)); // all without the canary
  CHECK_FALSE(audit(std::vector<audit_trial>{{true, nan}, {false, 0}}, {1, 1e-5}, 0.95));
}
