// Is the choice of a cohort reproducible, and is it fair?
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <godwit/actors/machines/selection.hpp>

using namespace godwit;
using selection::rule;
using selection::select;

namespace {

std::vector<membership::candidate> candidates(std::size_t count) {
  std::vector<membership::candidate> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back({{"edge-" + std::to_string(i)}, 10 * (i + 1)});
  return made;
}

std::string names(const std::vector<client_id>& clients) {
  std::string text;
  for (const auto& x : clients)
    text += x.name + ' ';
  return text;
}

/// Pearson's statistic for how often each of n candidates was among k chosen in `rounds` rounds.
/// Without replacement each count has variance rounds p (1 - p), and the counts add up, so this is
/// chi-square with n - 1 degrees of freedom.
double inclusion_statistic(const std::map<client_id, int>& counts, std::size_t n, std::size_t k,
                           int rounds) {
  const double p = static_cast<double>(k) / static_cast<double>(n);
  const double expected = rounds * p;
  double sum = 0;
  for (const auto& [client, observed] : counts)
    sum += (observed - expected) * (observed - expected) / (expected * (1 - p));
  return sum * static_cast<double>(n - 1) / static_cast<double>(n);
}

} // namespace

TEST_CASE(
    "the same seed, round and candidates give the same cohort, in whatever order they stand") {
  for (auto how : {rule::random, rule::by_size}) {
    auto pool = candidates(30);
    const auto chosen = select(how, pool, 10, 7, {3});
    std::reverse(pool.begin(), pool.end());
    const auto again = select(how, pool, 10, 7, {3});
    CHECK(names(chosen.invited) == names(again.invited));
    CHECK(names(chosen.reserve) == names(again.reserve));
    CHECK(names(chosen.invited) != names(select(how, pool, 10, 8, {3}).invited));
    CHECK(names(chosen.invited) != names(select(how, pool, 10, 7, {4}).invited));
  }
}

TEST_CASE("one candidate more or less changes no other's place in the order") {
  const auto all = select(rule::random, candidates(30), 30, 7, {3});
  const auto fewer = select(rule::random, candidates(29), 29, 7, {3});
  auto order = all.invited;
  std::erase(order, client_id{"edge-29"});
  CHECK(names(order) == names(fewer.invited));
}

TEST_CASE("invited and reserve are disjoint, drawn from the candidates, and as many as there are "
          "to be had") {
  for (std::size_t there : {0U, 1U, 9U, 10U, 11U, 19U, 20U, 21U, 50U}) {
    CAPTURE(there);
    const auto chosen = select(rule::by_size, candidates(there), 10, 1, {1});
    CHECK(chosen.invited.size() == std::min<std::size_t>(there, 10));
    CHECK(chosen.reserve.size() == std::min<std::size_t>(there - chosen.invited.size(), 10));
    std::set<client_id> distinct(chosen.invited.begin(), chosen.invited.end());
    distinct.insert(chosen.reserve.begin(), chosen.reserve.end());
    CHECK(distinct.size() == chosen.invited.size() + chosen.reserve.size());
    const auto pool = candidates(there);
    for (const auto& x : distinct)
      CHECK(std::any_of(pool.begin(), pool.end(), [&x](auto& c) { return c.client == x; }));
  }
}

TEST_CASE("by random choice every candidate is invited equally often") {
  constexpr int rounds = 4000;
  std::map<client_id, int> invited, reserve;
  for (const auto& x : candidates(20))
    invited[x.client] = reserve[x.client] = 0;
  for (int i = 1; i <= rounds; ++i) {
    const auto chosen =
        select(rule::random, candidates(20), 5, 42, {static_cast<std::uint64_t>(i)});
    for (const auto& x : chosen.invited)
      ++invited[x];
    for (const auto& x : chosen.reserve)
      ++reserve[x];
  }
  // The 99.9 % quantile of chi-square with 19 degrees of freedom.
  CHECK(inclusion_statistic(invited, 20, 5, rounds) < 43.8);
  CHECK(inclusion_statistic(reserve, 20, 5, rounds) < 43.8);
}

TEST_CASE("one round's choice says nothing about the next one's") {
  constexpr int rounds = 4000;
  double overlap = 0;
  auto before = select(rule::random, candidates(20), 5, 42, {1}).invited;
  for (int i = 2; i <= rounds; ++i) {
    const auto now =
        select(rule::random, candidates(20), 5, 42, {static_cast<std::uint64_t>(i)}).invited;
    for (const auto& x : now)
      overlap += static_cast<double>(std::count(before.begin(), before.end(), x));
    before = now;
  }
  // Hypergeometric: mean 5 * 5 / 20, variance 5 * (1/4) * (3/4) * (15/19); five standard errors.
  const double error = std::sqrt(0.9375 * 15 / 19 / rounds);
  CHECK(overlap / (rounds - 1) == doctest::Approx(1.25).epsilon(5 * error / 1.25));
}

TEST_CASE("by size the first place goes to each in proportion to its examples") {
  constexpr int draws = 8000;
  std::map<client_id, int> first;
  const std::vector<membership::candidate> pool = {
      {{"a"}, 10}, {{"b"}, 20}, {{"c"}, 30}, {{"d"}, 40}};
  for (int i = 1; i <= draws; ++i)
    ++first[select(rule::by_size, pool, 1, 5, {static_cast<std::uint64_t>(i)}).invited.at(0)];
  double statistic = 0;
  for (const auto& x : pool) {
    const double expected = draws * static_cast<double>(x.example_count) / 100;
    statistic += (first[x.client] - expected) * (first[x.client] - expected) / expected;
  }
  CHECK(statistic < 16.3); // 99.9 %, 3 degrees of freedom
}

TEST_CASE("by size a client that states no examples can still be chosen") {
  const auto chosen = select(rule::by_size, {{{"a"}, 0}, {{"b"}, 0}}, 2, 1, {1});
  CHECK(chosen.invited.size() == 2);
}

TEST_CASE("over-selection invites 130 percent, rounded up, and never one too many by rounding") {
  CHECK(selection::invited_count(10, 1.3) == 13);
  CHECK(selection::invited_count(10, 1.0) == 10);
  CHECK(selection::invited_count(5, 1.3) == 7);
  CHECK(selection::invited_count(100, 1.1) == 110);
  CHECK(selection::invited_count(1, 1.0) == 1);
}

TEST_CASE("training seeds differ by seed, round and client, and are not the draw that selected the "
          "client") {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    for (std::uint64_t round = 1; round <= 20; ++round)
      for (const auto& x : candidates(20))
        seeds.insert(selection::training_seed(seed, {round}, x.client));
  CHECK(seeds.size() == 5 * 20 * 20);
  CHECK(selection::training_seed(1, {2}, {"a"}) == selection::training_seed(1, {2}, {"a"}));
}

TEST_CASE(
    "a selection rule is known by its name, and any other name fails with those that there are") {
  CHECK(*selection::rule_of("random") == rule::random);
  CHECK(*selection::rule_of("by_size") == rule::by_size);
  const auto unknown = selection::rule_of("oracle");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.why().code == failure_code::bad_config);
  CHECK(unknown.why().detail.find("by_size") != std::string::npos);
}
