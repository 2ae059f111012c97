// A private mean: is every update cut, is the noise there, and does nothing depend on who reported?
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/aggregation/fixed_point.hpp>

using namespace godwit;

namespace {

constexpr double grid = 1 << fixed_point::fraction_bits;

bytes_view view_of(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

secret seed_of(std::uint8_t value) {
  return secret(bytes(32, std::byte{value}));
}

std::vector<float> released(const private_sum& sum, std::uint8_t seed = 1, round_id round = {1}) {
  std::vector<float> mean(sum.parameter_count());
  sum.release(seed_of(seed), round, mean);
  return mean;
}

std::vector<float> random_update(std::mt19937_64& chance, std::size_t length, double scale) {
  std::normal_distribution<double> draw(0, scale);
  std::vector<float> made(length);
  for (auto& x : made)
    x = static_cast<float>(draw(chance));
  return made;
}

/// Almost no noise: what is left is the sum.
private_mean quiet(double clip_norm, std::uint32_t cohort = 1) {
  return {.clip_norm = clip_norm,
          .noise_multiplier = 0x1p8 / (clip_norm * grid) * 1.001,
          .cohort = cohort};
}

double norm_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float x : values)
    sum += double{x} * double{x};
  return std::sqrt(sum);
}

} // namespace

TEST_CASE(
    "a long update is cut to the clip norm and keeps its direction, a short one is as it was") {
  const std::size_t length = 1000;
  const private_mean rules = quiet(0.5);
  const double noise_norm = 0x1p8 / grid * std::sqrt(1000.) * 1.5;
  std::mt19937_64 chance(5);
  for (const double scale : {1e-4, 1e-2, 1., 50., 1e10, 1e30}) {
    CAPTURE(scale);
    const auto update = random_update(chance, length, scale);
    private_sum sum(rules, length);
    REQUIRE(sum.add({"a"}, view_of(update)));
    const auto mean = released(sum);
    const double factor = std::min(1., 0.5 / norm_of(update));
    double error = 0;
    for (std::size_t i = 0; i < length; ++i)
      error += std::pow(double{mean[i]} - factor * double{update[i]}, 2);
    CHECK(std::sqrt(error) < noise_norm + 1e-6);
  }
}

TEST_CASE("no update moves the sum's integers by more than the clip norm, rounding included") {
  const std::uint64_t seed = 11;
  MESSAGE("seed " << seed);
  std::mt19937_64 chance(seed);
  for (int i = 0; i < 200; ++i) {
    const std::size_t length = 1 + chance() % 5000;
    const double clip = std::exp2(static_cast<double>(chance() % 20) - 15.);
    const private_mean rules{.clip_norm = clip, .noise_multiplier = 1, .cohort = 1};
    if (!is_possible(rules, length))
      continue;
    const auto update =
        random_update(chance, length, clip * std::exp2(static_cast<double>(chance() % 12) - 6.));
    private_sum sum(rules, length);
    REQUIRE(sum.add({"a"}, view_of(update)));
    long double squares = 0;
    for (const auto word : sum.words()) {
      const auto x = static_cast<long double>(static_cast<std::int64_t>(word));
      squares += x * x;
    }
    const auto bound = static_cast<long double>(clip * grid);
    CHECK(squares <= bound * bound);
  }
}

TEST_CASE("what has no norm is refused, and so is a second update of a client") {
  const private_mean rules = quiet(1);
  private_sum sum(rules, 3);
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const std::vector<float> update{1, bad, 0};
    const auto added = sum.add({"a"}, view_of(update));
    REQUIRE_FALSE(added);
    CHECK(added.why() == refusal::value_not_finite);
  }
  const std::vector<float> good{1, 2, 3}, longer{1, 2, 3, 4};
  CHECK(sum.add({"a"}, view_of(longer)).why() == refusal::wrong_shape);
  CHECK(sum.clients().empty());
  REQUIRE(sum.add({"a"}, view_of(good)));
  CHECK(sum.add({"a"}, view_of(good)).why() == refusal::duplicate);
  CHECK(sum.clients() == std::vector<client_id>{{"a"}});
}

TEST_CASE("the same sum is released the same in any order; another sum or round has other noise") {
  const std::size_t length = 64;
  const private_mean rules{.clip_norm = 1, .noise_multiplier = 1, .cohort = 2};
  std::mt19937_64 chance(3);
  const auto one = random_update(chance, length, 1), two = random_update(chance, length, 1);
  private_sum a(rules, length), b(rules, length), c(rules, length);
  REQUIRE(a.add({"x"}, view_of(one)));
  REQUIRE(a.add({"y"}, view_of(two)));
  REQUIRE(b.add({"y"}, view_of(two)));
  REQUIRE(b.add({"x"}, view_of(one)));
  REQUIRE(c.add({"x"}, view_of(one)));
  CHECK(released(a) == released(b));
  CHECK(a.clients() == b.clients());
  const auto near = [length](const std::vector<float>& p, const std::vector<float>& q) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < length; ++i)
      same += p[i] == q[i];
    return same;
  };
  CHECK(near(released(a), released(a, 1, {2})) < 3);
  CHECK(near(released(a), released(a, 2)) < 3);
  // If both had the same noise, the difference would be the second update, exactly.
  const auto with = released(a), without = released(c);
  double difference = 0;
  for (std::size_t i = 0; i < length; ++i)
    difference += std::pow(2 * (double{with[i]} - double{without[i]}), 2);
  CHECK(std::sqrt(difference) > 3); // of two noises 8 x 1.4, of the update 1
}

TEST_CASE("the noise has the stated deviation, and the divisor is the cohort, whoever reported") {
  const std::size_t length = 200'000;
  for (const std::uint32_t cohort : {1u, 10u}) {
    const private_mean rules{.clip_norm = 0.25, .noise_multiplier = 2, .cohort = cohort};
    private_sum sum(rules, length);
    REQUIRE(sum.add({"a"}, view_of(std::vector<float>(length))));
    double squares = 0, total = 0;
    for (const float x : released(sum)) {
      squares += double{x} * double{x};
      total += double{x};
    }
    const double sigma = 0.5 / cohort;
    CHECK(std::sqrt(squares / length) == doctest::Approx(sigma).epsilon(0.01)); // 6 deviations
    CHECK(std::abs(total / length) < 6 * sigma / std::sqrt(double{length}));
  }
}

TEST_CASE("rules that cannot be kept are not possible") {
  const private_mean good{.clip_norm = 1, .noise_multiplier = 1, .cohort = 10};
  CHECK(is_possible(good, 1'000'000));
  for (auto bad : {private_mean{0, 1, 10}, private_mean{-1, 1, 10}, private_mean{NAN, 1, 10},
                   private_mean{INFINITY, 1, 10}, private_mean{1, 0, 10}, private_mean{1, NAN, 10},
                   private_mean{1, 1, 0}, private_mean{1, 1e12, 10}, private_mean{1e-6, 1, 10}})
    CHECK_FALSE(is_possible(bad, 1'000'000));
}
