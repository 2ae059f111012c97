// Does a privacy manager let out what its budget pays for, and not one release more?
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/privacy_manager.hpp>

namespace {

using namespace godwit;
using accounting::relation;

privacy_manager::config usual() {
  return {.epsilon = 2, .delta = 1e-5, .clip_norm = 1, .release_count = 5, .client_count = 100};
}

bool says(const failure& why, std::string_view words) {
  INFO(why.detail);
  return why.detail.find(words) != std::string::npos;
}

std::string mistakes(const privacy_manager::config& rules) {
  const auto begun = privacy_manager::begin(rules);
  REQUIRE_FALSE(begun);
  CHECK(begun.why().code == failure_code::bad_config);
  return begun.why().detail;
}

/// The lines that became durable, with a disk that can be full.
struct lines {
  std::vector<bytes> durable;
  bool is_full = false;
};

kept_ledger ledger_on(const std::shared_ptr<lines>& written, privacy_ledger ledger,
                      std::shared_ptr<const signing_key> signer) {
  return {.ledger = std::move(ledger),
          .signer = std::move(signer),
          .append = [written](bytes_view line) -> attempt<done> {
            if (written->is_full)
              return failure{.code = failure_code::no_space, .detail = "the disk is full"};
            written->durable.emplace_back(line.begin(), line.end());
            return done{};
          }};
}

struct kept {
  std::shared_ptr<lines> written = std::make_shared<lines>();
  std::shared_ptr<const signing_key> signer =
      std::make_shared<const signing_key>(*signing_key::from_seed(secret(bytes(32))));
  bytes file = privacy_ledger::begin("data", *signer, {}).opening_line();

  /// As after a restart: from what was durable.
  privacy_manager open(const privacy_manager::config& rules) {
    for (const auto& line : written->durable)
      file.insert(file.end(), line.begin(), line.end());
    written = std::make_shared<lines>();
    auto budget = privacy_manager::begin(
        rules, ledger_on(written, privacy_ledger::read(file, "data")->ledger, signer));
    REQUIRE(budget);
    return std::move(*budget);
  }
};

} // namespace

TEST_CASE("a budget for five releases allows five, costs what was promised, and refuses a sixth") {
  auto budget = *privacy_manager::begin(usual());
  CHECK(budget.privacy_spent().epsilon == 0);
  CHECK(budget.privacy_spent().releases_left == 5);
  const std::vector<float> vector(3, 0.25F);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    REQUIRE(budget.add(vector));
    CHECK(budget.length() == 3);
    const auto mean = budget.release();
    REQUIRE(mean);
    CHECK(mean->size() == 3);
    CHECK(budget.privacy_spent().release_count == i);
    CHECK(budget.privacy_spent().releases_left == 5 - i);
  }
  const auto spent = budget.privacy_spent();
  CHECK(spent.epsilon <= 2);
  CHECK(spent.epsilon == doctest::Approx(2).epsilon(1e-6));
  CHECK(spent.delta == 1e-5);
  CHECK(spent.epsilon_left == doctest::Approx(0).epsilon(1e-6));
  REQUIRE(budget.add(vector));
  const auto sixth = budget.release();
  REQUIRE_FALSE(sixth);
  CHECK(says(sixth.why(), "the privacy budget is spent: 5 releases"));
  auto gradient = vector;
  CHECK_FALSE(budget.add_noise(gradient));
  CHECK(gradient == vector);
  CHECK(budget.privacy_spent().release_count == 5);
}

TEST_CASE("a million releases fit where a million were asked for: rounding takes none of them") {
  auto rules = usual();
  rules.epsilon = 1000;
  rules.release_count = privacy_manager::release_count_max;
  CHECK(privacy_manager::begin(rules)->privacy_spent().releases_left == 1'000'000);
}

TEST_CASE("the noise has the deviation that is stated, and the mean is of the clipped vectors") {
  auto rules = usual();
  rules.release_count.reset();
  rules.noise_multiplier = 4;
  rules.epsilon = 10;
  auto budget = *privacy_manager::begin(rules);
  // One vector of norm 100 and one of norm 0: what is left of the first is 1 in all.
  const std::size_t length = 10'000;
  std::vector<float> large(length, 1);
  REQUIRE_FALSE(budget.add(large)->was_short);
  REQUIRE(budget.add(std::vector<float>(length))->was_short);
  const auto mean = *budget.release();
  double sum = 0, squares = 0;
  for (const double x : mean) {
    sum += x;
    squares += x * x;
  }
  // A hundredth of noise of deviation 4. The variance of 10^4 squares is known to 1.4 %; six of its
  // deviations, and of the mean's (0.0004), fail once in 10^8 runs.
  CHECK(std::abs(sum / static_cast<double>(length) - 0.0001) < 0.0024);
  CHECK(squares / static_cast<double>(length) == doctest::Approx(0.0016).epsilon(0.085));
}

TEST_CASE("a gradient gets its noise in place, as a release of its own") {
  auto budget = *privacy_manager::begin({.epsilon = 1000, .delta = 1e-5, .clip_norm = 1});
  std::vector<float> gradient{300, 400};
  REQUIRE(budget.add_noise(gradient));
  CHECK(gradient[0] != 300);
  CHECK(std::abs(gradient[0] - 0.6) < 0.6); // noise of deviation 0.03, and a norm of 1
  CHECK(std::abs(gradient[1] - 0.8) < 0.6);
  CHECK(budget.privacy_spent().release_count == 1);
  CHECK_FALSE(budget.add_noise(gradient)); // without a number the budget is for one
}

TEST_CASE("hiding which client it is takes twice the noise for the same budget") {
  auto rules = usual();
  const auto one = privacy_manager::begin(rules)->privacy_spent();
  rules.neighbours = relation::replace_one;
  const auto two = privacy_manager::begin(rules)->privacy_spent();
  CHECK(two.noise_multiplier == doctest::Approx(2 * one.noise_multiplier));
}

TEST_CASE("each mistake in a budget is named with what is accepted, all at once") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double epsilon : {0.0, -1.0, nan, infinity})
    CHECK(says({.detail = mistakes({.epsilon = epsilon, .delta = 1e-5, .clip_norm = 1})},
               "epsilon is"));
  for (const double delta : {0.0, 1.0, nan})
    CHECK(says({.detail = mistakes({.epsilon = 1, .delta = delta, .clip_norm = 1})}, "delta is"));
  for (const double norm : {0.0, -1.0, nan, infinity})
    CHECK(says({.detail = mistakes({.epsilon = 1, .delta = 1e-5, .clip_norm = norm})},
               "clip_norm is"));
  CHECK(says(
      {.detail = mistakes({.epsilon = 1, .delta = 0.011, .clip_norm = 1, .client_count = 100})},
      "delta is 0.011, above 1 / client_count = 0.01"));
  CHECK(says({.detail = mistakes({.epsilon = 1,
                                  .delta = 1e-5,
                                  .clip_norm = 1,
                                  .release_count = 1,
                                  .noise_multiplier = 1})},
             "both given"));
  CHECK(
      says({.detail = mistakes({.epsilon = 1, .delta = 1e-5, .clip_norm = 1, .release_count = 0})},
           "release_count is 0"));
  for (const double noise : {nan, 0.0, 257.0})
    CHECK(says({.detail = mistakes(
                    {.epsilon = 1, .delta = 1e-5, .clip_norm = 1, .noise_multiplier = noise})},
               "noise_multiplier is"));
  CHECK(says(
      {.detail = mistakes({.epsilon = 1, .delta = 1e-5, .clip_norm = 1, .noise_multiplier = 0.5})},
      "more than the whole budget"));
  CHECK(says({.detail = mistakes(
                  {.epsilon = 0.1, .delta = 1e-9, .clip_norm = 1, .release_count = 1'000'000})},
             "take fewer releases"));
  const auto all = mistakes({.epsilon = 0, .delta = 2, .clip_norm = nan, .client_count = 0});
  for (const auto* each : {"epsilon is", "delta is", "clip_norm is", "client_count is"})
    CHECK(says({.detail = all}, each));
}

TEST_CASE("a vector that cannot be bounded or added is refused, and the sum stays") {
  auto budget = *privacy_manager::begin(usual());
  CHECK(says(budget.release().why(), "nothing was added"));
  CHECK_FALSE(budget.add({}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(says(budget.add(std::vector{1.0F, nan}).why(), "NaN or infinity"));
  CHECK(budget.length() == 0);
  REQUIRE(budget.add(std::vector{1.0F, 2.0F}));
  CHECK(says(budget.add(std::vector{1.0F}).why(), "has 1 values, and those before it have 2"));
  CHECK(says(budget.add(std::vector{1.0F, nan}).why(), "NaN or infinity"));
  std::vector<float> gradient{nan, 1};
  CHECK_FALSE(budget.add_noise(gradient));
  CHECK(budget.privacy_spent().release_count == 0);
  CHECK(budget.release());
}

TEST_CASE("what was spent is in the ledger, which a restart reads") {
  kept disk;
  const std::vector<float> vector(2, 0.5F);
  for (std::uint64_t restart = 0; restart < 5; ++restart) {
    auto budget = disk.open(usual());
    CHECK(budget.privacy_spent().release_count == restart);
    REQUIRE(budget.add(vector));
    REQUIRE(budget.release());
    CHECK(disk.written->durable.size() == 1);
  }
  auto budget = disk.open(usual());
  CHECK(budget.privacy_spent().releases_left == 0);
  REQUIRE(budget.add(vector));
  CHECK_FALSE(budget.release());
  auto in_memory = *privacy_manager::begin(usual());
  for (int i = 0; i < 5; ++i) {
    REQUIRE(in_memory.add(vector));
    REQUIRE(in_memory.release());
  }
  CHECK(budget.privacy_spent().epsilon ==
        doctest::Approx(in_memory.privacy_spent().epsilon).epsilon(1e-12));
}

TEST_CASE("a ledger says what a replaced client costs, so another relation does not forget it") {
  kept disk;
  auto rules = usual();
  rules.neighbours = relation::replace_one;
  auto budget = disk.open(rules);
  std::vector<float> gradient{1};
  REQUIRE(budget.add_noise(gradient));
  const auto spent = budget.privacy_spent().epsilon;
  CHECK(disk.open(usual()).privacy_spent().epsilon == doctest::Approx(spent).epsilon(1e-12));
}

TEST_CASE("where the ledger cannot be written nothing leaves; it counts, and leaves later") {
  kept disk;
  auto budget = disk.open(usual());
  const std::vector<float> vector(2, 0.5F);
  REQUIRE(budget.add(vector));
  disk.written->is_full = true;
  const auto failed = budget.release();
  REQUIRE_FALSE(failed);
  CHECK(failed.why().code == failure_code::no_space);
  CHECK(budget.privacy_spent().release_count == 1);
  auto gradient = vector;
  CHECK_FALSE(budget.add_noise(gradient)); // nor anything behind it
  CHECK(gradient == vector);
  CHECK(budget.privacy_spent().release_count == 1);
  disk.written->is_full = false;
  CHECK(budget.length() == 2);
  REQUIRE(budget.release());
  CHECK(budget.privacy_spent().release_count == 1);
  CHECK(budget.length() == 0);
  CHECK(disk.open(usual()).privacy_spent().release_count == 1);
}
