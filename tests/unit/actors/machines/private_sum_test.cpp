// A private mean: is every update cut, is the noise there, and does nothing depend on who reported?
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/privacy/noise.hpp>

using namespace godwit;

namespace {

constexpr double steps_of_norm = 0x1p23;

bytes_view view_of(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

secret seed_of(std::uint8_t value) {
  return secret(bytes(32, std::byte{value}));
}

private_sum begun(const private_mean& rules, std::size_t length) {
  auto made = private_sum::begin(rules, length);
  REQUIRE(made);
  return std::move(*made);
}

std::vector<float> released(private_sum sum, std::uint8_t seed = 1, round_id round = {1}) {
  return sum.release(seed_of(seed), round).mean;
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
  return {.clip_norm = clip_norm, .noise_multiplier = 0x1p-15, .cohort = cohort};
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
  const double noise_norm = 0.5 * 0x1p-15 * std::sqrt(1000.) * 1.5;
  std::mt19937_64 chance(5);
  for (const double scale : {1e-4, 1e-2, 1., 50., 1e10, 1e30}) {
    CAPTURE(scale);
    const auto update = random_update(chance, length, scale);
    auto sum = begun(rules, length);
    REQUIRE(sum.add({"a"}, view_of(update)));
    const auto mean = released(std::move(sum));
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
    const auto update =
        random_update(chance, length, clip * std::exp2(static_cast<double>(chance() % 12) - 6.));
    auto sum = begun(rules, length);
    REQUIRE(sum.add({"a"}, view_of(update)));
    long double squares = 0;
    for (const auto word : sum.words()) {
      const auto x = static_cast<long double>(static_cast<std::int64_t>(word));
      squares += x * x;
    }
    CHECK(squares <= static_cast<long double>(steps_of_norm) * steps_of_norm);
  }
}

TEST_CASE("what has no norm is refused, and so is a second update of a client") {
  const private_mean rules = quiet(1);
  auto sum = begun(rules, 3);
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
  const auto a = [&](std::uint8_t seed = 1, round_id round = {1}) {
    auto sum = begun(rules, length);
    REQUIRE(sum.add({"x"}, view_of(one)));
    REQUIRE(sum.add({"y"}, view_of(two)));
    return released(std::move(sum), seed, round);
  };
  auto b = begun(rules, length), c = begun(rules, length);
  REQUIRE(b.add({"y"}, view_of(two)));
  REQUIRE(b.add({"x"}, view_of(one)));
  REQUIRE(c.add({"x"}, view_of(one)));
  CHECK(b.clients() == std::vector<client_id>{{"x"}, {"y"}});
  CHECK(a() == released(std::move(b)));
  const auto near = [length](const std::vector<float>& p, const std::vector<float>& q) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < length; ++i)
      same += p[i] == q[i];
    return same;
  };
  CHECK(near(a(), a(1, {2})) < 3);
  CHECK(near(a(), a(2)) < 3);
  // If both had the same noise, the difference would be the second update, exactly.
  const auto with = a(), without = released(std::move(c));
  double difference = 0;
  for (std::size_t i = 0; i < length; ++i)
    difference += std::pow(2 * (double{with[i]} - double{without[i]}), 2);
  CHECK(std::sqrt(difference) > 3); // of two noises 8 x 1.4, of the update 1
}

TEST_CASE("the noise has the stated deviation, and the divisor is the cohort, whoever reported") {
  const std::size_t length = 200'000;
  for (const std::uint32_t cohort : {1u, 10u}) {
    const private_mean rules{.clip_norm = 0.25, .noise_multiplier = 2, .cohort = cohort};
    auto sum = begun(rules, length);
    REQUIRE(sum.add({"a"}, view_of(std::vector<float>(length))));
    double squares = 0, total = 0;
    for (const float x : released(std::move(sum))) {
      squares += double{x} * double{x};
      total += double{x};
    }
    const double sigma = 0.5 / cohort;
    CHECK(std::sqrt(squares / length) == doctest::Approx(sigma).epsilon(0.01)); // 6 deviations
    CHECK(std::abs(total / length) < 6 * sigma / std::sqrt(double{length}));
  }
}

TEST_CASE("rules that cannot be kept to are refused in a sentence; a norm may be of any size") {
  const private_mean good{.clip_norm = 1, .noise_multiplier = 1, .cohort = 10};
  CHECK(private_sum::begin(good, 1'000'000));
  CHECK(private_sum::begin({1e-6, 1, 10}, 1'000'000));
  for (auto bad :
       {private_mean{0, 1, 10}, private_mean{-1, 1, 10}, private_mean{NAN, 1, 10},
        private_mean{INFINITY, 1, 10}, private_mean{1, 0, 10}, private_mean{1, NAN, 10},
        private_mean{1, 1, 0}, private_mean{1, 1e12, 10},
        private_mean{1, 1, 10, clip_adaptation{0, 0.2}},
        private_mean{1, 1, 10, clip_adaptation{0.5, 0}},
        private_mean{1, 256, 10, clip_adaptation{}}, private_mean{1e7, 1, 10, clip_adaptation{}}}) {
    const auto refused = private_sum::begin(bad, 1'000'000);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.why().detail.empty());
  }
  CHECK_FALSE(private_sum::begin(good, 0));
}

// -- a norm that adapts itself

namespace {

private_mean adapting(double first, std::uint32_t cohort, double multiplier = 1) {
  return {.clip_norm = first,
          .noise_multiplier = multiplier,
          .cohort = cohort,
          .adaptation = clip_adaptation{}};
}

/// A round in which client i has an update of the norm (i + 1) / cohort.
private_release fly(private_sum& sum, std::uint64_t round) {
  for (std::uint32_t i = 0; i < sum.rules().cohort; ++i) {
    const float value = static_cast<float>(i + 1) / static_cast<float>(sum.rules().cohort);
    REQUIRE(sum.add({"client-" + std::to_string(i)}, view_of({0, value, 0})));
  }
  return sum.release(seed_of(1), {round});
}

} // namespace

TEST_CASE("from a first norm that is far too small or far too large the norm finds the median") {
  for (const double first : {0.005, 0.5, 50.}) {
    CAPTURE(first);
    auto sum = begun(adapting(first, 100), 3);
    for (std::uint64_t round = 1; round <= 100; ++round) {
      const double now = sum.rules().clip_norm;
      const auto made = fly(sum, round);
      CHECK(std::abs(std::log(made.clip_norm_next / now)) < 0.2 * 0.5 + 0.2 * 6 * 0.05);
    }
    CHECK(sum.rules().clip_norm == doctest::Approx(0.5).epsilon(0.2));
  }
}

TEST_CASE("a norm that adapts itself goes on from where it was, bit by bit") {
  auto whole = begun(adapting(3, 20), 3);
  for (std::uint64_t round = 1; round <= 5; ++round)
    fly(whole, round);
  auto part = begun(adapting(3, 20), 3);
  for (std::uint64_t round = 1; round <= 3; ++round)
    fly(part, round);
  for (std::uint64_t round = 4; round <= 5; ++round) { // killed, behind each release, and before
    auto rules = part.rules();
    auto first = begun(rules, 3);
    const auto lost = fly(first, round);
    part = begun(rules, 3);
    const auto again = fly(part, round);
    CHECK(again.mean == lost.mean);
    CHECK(again.result == lost.result);
    CHECK(again.clip_norm_next == lost.clip_norm_next);
  }
  CHECK(part.rules() == whole.rules());
  CHECK(part.rules().clip_norm != 3);
}

TEST_CASE("the noise on updates and on the count of them costs together what is stated") {
  for (const auto& [cohort, multiplier] :
       {std::pair{4U, 4.}, std::pair{100U, 1.}, std::pair{1000U, 0.5}, std::pair{10U, 100.}}) {
    CAPTURE(cohort);
    const auto rules = adapting(0.25, cohort, multiplier);
    const double on_votes = 2 * count_deviation(rules);
    const double on_updates = update_noise_multiplier(multiplier, on_votes / 2).value();
    CHECK(1 / (on_votes * on_votes) + 1 / (on_updates * on_updates) ==
          doctest::Approx(1 / (multiplier * multiplier)));
    CHECK(on_updates < 1.07 * multiplier);
    const std::size_t length = 100'000;
    auto sum = begun(rules, length);
    double squares = 0;
    for (const float x : sum.release(seed_of(3), {1}).mean)
      squares += double{x} * double{x};
    CHECK(std::sqrt(squares / length) * cohort / 0.25 ==
          doctest::Approx(on_updates).epsilon(0.014)); // 6 deviations
  }
}

TEST_CASE("the count has noise of its own, new for each round and each sum of votes") {
  const std::uint32_t cohort = 4;
  double total = 0, squares = 0;
  const int rounds = 2000;
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    auto sum = begun(adapting(1, cohort), 3);
    REQUIRE(sum.add({"a"}, view_of({0, 0.5F, 0}))); // one vote of +1
    const double moved = std::log(sum.release(seed_of(1), {round}).clip_norm_next);
    const double votes = (0.5 - moved / 0.2 - 0.5) * 2 * cohort;
    total += votes;
    squares += votes * votes;
  }
  const double mean = total / rounds, deviation = std::sqrt(squares / rounds - mean * mean);
  CHECK(std::abs(mean - 1) < 6 * 3 / std::sqrt(double{rounds}));
  CHECK(deviation == doctest::Approx(3).epsilon(0.1)); // 3 times the multiplier; 6 deviations
}

// -- noise of trees

namespace {

private_mean in_trees(std::uint64_t rounds, double multiplier = 1) {
  return {.clip_norm = 1, .noise_multiplier = multiplier, .cohort = 1, .tree_rounds = rounds};
}

/// One update, released behind what was released before; the ledger's view of it.
privacy_release fly_in_tree(private_sum& sum, std::uint64_t round, const privacy_release* last,
                            std::vector<double>& total, float value = 0) {
  std::vector<float> update(sum.parameter_count());
  update[0] = value;
  REQUIRE(sum.add({"a"}, view_of(update)));
  const double multiplier = sum.rules().noise_multiplier;
  const auto made = sum.release(seed_of(1), {round}, last);
  for (std::size_t i = 0; i < total.size(); ++i)
    total[i] += double{made.mean[i]};
  return {.round = {round},
          .noise_multiplier = multiplier,
          .place = made.place,
          .result = made.result,
          .clients = {{"a"}}};
}

double deviation_of(const std::vector<double>& values) {
  double squares = 0;
  for (const double x : values)
    squares += x * x;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

} // namespace

TEST_CASE("what was released of a tree adds up to the sum with the noise of one prefix") {
  const std::size_t length = 20'000;
  auto sum = begun(in_trees(8), length);
  std::vector<double> total(length);
  privacy_release last;
  const double nodes[] = {1, 1, 2, 1, 2, 2, 3, 1}; // of each prefix
  for (std::uint64_t round = 1; round <= 8; ++round) {
    last = fly_in_tree(sum, round, round == 1 ? nullptr : &last, total, 0.25F);
    CHECK(last.place == tree_place{0, round - 1, 8});
    CHECK(deviation_of(total) == doctest::Approx(std::sqrt(nodes[round - 1])).epsilon(0.03));
  }
  const auto whole = deviation_of(total); // noise of each round's own would be at 2.8
  last = fly_in_tree(sum, 9, &last, total);
  CHECK(last.place == tree_place{1, 0, 8}); // the next one, with noise of its own on top
  CHECK(deviation_of(total) == doctest::Approx(std::sqrt(whole * whole + 1)).epsilon(0.03));
}

TEST_CASE("with next to no noise the releases of a tree are the means themselves") {
  auto sum = begun(in_trees(64, 0x1p-15), 3);
  std::vector<double> total(3);
  privacy_release last;
  for (std::uint64_t round = 1; round <= 10; ++round)
    last = fly_in_tree(sum, round, round == 1 ? nullptr : &last, total, 0.5F);
  CHECK(total[0] == doctest::Approx(5).epsilon(0.001));
}

TEST_CASE("a killed server takes the same step again; another sum of the round takes the next") {
  const std::size_t length = 50;
  auto sum = begun(in_trees(4), length);
  std::vector<double> ignored(length);
  const auto first = fly_in_tree(sum, 1, nullptr, ignored);
  const auto second = fly_in_tree(sum, 2, &first, ignored, 0.5F);
  const auto again = fly_in_tree(sum, 2, &second, ignored, 0.5F); // the ledger has its line
  CHECK(again.place == second.place);
  CHECK(again.result == second.result);
  const auto other = fly_in_tree(sum, 2, &second, ignored, 0.25F);
  CHECK(other.place == tree_place{0, 2, 4});
  CHECK(other.result != second.result);
  auto louder = begun(in_trees(4, 2), length);
  CHECK(fly_in_tree(louder, 3, &second, ignored).place == tree_place{1, 0, 4});
  auto longer = begun(in_trees(8), length);
  CHECK(fly_in_tree(longer, 3, &second, ignored).place == tree_place{1, 0, 8});
}

TEST_CASE("a tree of no rounds, of too many, or of a norm that changes is refused") {
  CHECK(private_sum::begin(in_trees(1), 3));
  CHECK(private_sum::begin(in_trees(tree_rounds_max), 3));
  CHECK_FALSE(private_sum::begin(in_trees(0), 3));
  CHECK_FALSE(private_sum::begin(in_trees(tree_rounds_max + 1), 3));
  auto both = in_trees(4);
  both.adaptation = clip_adaptation{};
  CHECK_FALSE(private_sum::begin(both, 3));
}
