// Is each client charged for the noise that was there, and never more than its budget?
#include <godwit/actors/machines/privacy_budget.hpp>

#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include <godwit/privacy/distributed_noise.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

using namespace godwit;

namespace {

constexpr privacy_limit limit{.epsilon = 2, .delta = 1e-5};

/// A round of 40 or more, of whom 8 add no noise, with at least `multiplier` in their sum.
release_rules of_edges(double multiplier, noise_kind law = noise_kind::discrete_gaussian) {
  const auto noised = noised_terms_for(
      {.law = law, .noise_multiplier = multiplier, .survivors_min = 40, .corrupt_max = 8}, 1'000);
  REQUIRE(noised);
  return {.noise = release_of(*noised, 1'000, 1).mechanism,
          .survivors_min = 40,
          .corrupt_max = 8,
          .step = noised->step};
}

std::uint32_t rounds_until_spent(privacy_budget budget, std::uint32_t survivor_count) {
  std::uint32_t count = 0;
  while (!budget.is_spent({"a"})) {
    budget.charge({"a"}, survivor_count);
    CHECK(*budget.epsilon() <= limit.epsilon);
    REQUIRE(++count < 10'000);
  }
  return count;
}

round::finish round_of(std::uint32_t reporters, bool committed) {
  round::finish end;
  end.committed = committed;
  for (std::uint32_t i = 0; i < reporters; ++i)
    end.cohort[{"edge-" + std::to_string(i)}].at = round::progress::reported;
  end.cohort[{"late"}].at = round::progress::accepted;
  return end;
}

} // namespace

TEST_CASE("Gaussian releases are charged exactly, and the last one is within the budget") {
  const privacy_budget budget(limit, {.noise = accounting::gaussian{10}}, {});
  const auto count = rounds_until_spent(budget, 5);
  const double mu = accounting::gaussian_mu(limit.epsilon, limit.delta);
  CHECK(count == static_cast<std::uint32_t>(std::floor(mu * mu * 100)));
}

TEST_CASE("noise of the edges is charged as it was: with more of them a budget lasts longer") {
  for (const auto law : {noise_kind::discrete_gaussian, noise_kind::skellam}) {
    const privacy_budget budget(limit, of_edges(10, law), {});
    const auto fewest = rounds_until_spent(budget, 40), most = rounds_until_spent(budget, 104);
    CHECK(fewest > 10);
    CHECK(most >= 3 * fewest - 3); // 96 honest ones in the place of 32
    CHECK(most <= 3 * fewest + 3);
    // By divergences it is a little more than the same Gaussian noise would cost.
    const privacy_budget gaussian(limit, {.noise = accounting::gaussian{10}}, {});
    CHECK(fewest < rounds_until_spent(gaussian, 40));
    CHECK(fewest > 0.7 * rounds_until_spent(gaussian, 40));
  }
}

TEST_CASE("who has had no part has spent nothing, and goes on") {
  privacy_budget budget(limit, of_edges(5), {});
  CHECK(*budget.epsilon() == 0);
  while (!budget.is_spent({"a"}))
    budget.charge({"a"}, 40);
  CHECK_FALSE(budget.is_spent({"b"}));
  budget.charge({"b"}, 40);
  CHECK(*budget.epsilon() > 0);
}

TEST_CASE("what was spent before counts") {
  privacy_budget budget(limit, of_edges(5), {});
  for (int i = 0; i < 3; ++i)
    budget.charge({"a"}, 50);
  const privacy_budget again(limit, of_edges(5), budget.spent());
  CHECK(*again.epsilon() == *budget.epsilon());
  CHECK(again.is_spent({"a"}) == budget.is_spent({"a"}));
}

TEST_CASE("a round that was committed is charged to those who reported, by how many they were") {
  privacy_budget budget(limit, of_edges(1.5), {}), by_hand(limit, of_edges(1.5), {});
  CHECK(budget.charge(round_of(60, false)).empty());
  CHECK(budget.spent().empty());
  const auto spent = budget.charge(round_of(60, true));
  CHECK(budget.spent().size() == 60);
  CHECK(budget.spent().count({"late"}) == 0);
  by_hand.charge({"edge-0"}, 60);
  CHECK(budget.spent().at({"edge-0"}) == by_hand.spent().at({"edge-0"}));
  CHECK(spent.size() == (by_hand.is_spent({"edge-0"}) ? 60 : 0));
}

TEST_CASE("the variance of a sum is that of all who are in it") {
  const auto rules = of_edges(1);
  const auto& share = std::get<accounting::discrete_gaussian>(rules.noise);
  CHECK(sum_variance(rules, 50) ==
        doctest::Approx(50 * share.sigma * share.sigma * rules.step * rules.step));
  CHECK_FALSE(sum_variance({.noise = accounting::gaussian{1}}, 50));
  CHECK(noise_multiplier_of(release_of(rules, 40).mechanism) == doctest::Approx(1));
  CHECK(noise_multiplier_of(release_of(rules, 72).mechanism) == doctest::Approx(std::sqrt(2.)));
}

TEST_CASE("the variance that a round's record states is of those who reported") {
  const auto rules = of_edges(1);
  CHECK(sum_variance(rules, round_of(60, true)) == sum_variance(rules, 60));
  CHECK_FALSE(sum_variance(rules, round_of(60, false)));
  CHECK_FALSE(sum_variance({.noise = accounting::gaussian{1}}, round_of(60, true)));
}

TEST_CASE("in trees a client is charged for its nodes, once for a place, and keeps to its budget") {
  const release_rules rules{.noise = accounting::gaussian{30}, .tree_rounds = 8};
  privacy_budget budget(limit, rules, {});
  const auto everybody = round_of(3, true);
  std::optional<tree_place> last;
  std::map<client_id, tree_parts> parts;
  std::uint64_t squares = 0;
  std::uint32_t count = 0;
  while (!budget.is_spent({"edge-0"})) {
    last = place_behind(last, 8);
    squares += parts[{"edge-0"}].add(*last);
    const bool was_last = !budget.charge(everybody, last).empty();
    const auto spent = budget.spent().at({"edge-0"});
    CHECK(spent.rho * 2 == doctest::Approx(static_cast<double>(squares) / 900));
    CHECK(*budget.epsilon() <= limit.epsilon);
    budget.charge(everybody, last); // a killed server says it again
    CHECK(budget.spent().at({"edge-0"}) == spent);
    CHECK(was_last == budget.is_spent({"edge-0"}));
    REQUIRE(++count < 1'000);
  }
  CHECK(count > 3);
  CHECK_FALSE(budget.is_spent({"late"}));
  CHECK_FALSE(budget.spent().contains({"late"}));
  budget.charge(round_of(4, false), place_behind(last, 8)); // nothing was released
  CHECK_FALSE(budget.spent().contains({"edge-3"}));
  // Another process goes on with what the ledger says.
  const privacy_budget resumed(limit, rules, budget.spent(), {parts, last});
  CHECK(resumed.is_spent({"edge-0"}));
  CHECK(*resumed.epsilon() == *budget.epsilon());
}
