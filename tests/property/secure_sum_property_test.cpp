// Whatever the order, the drop-outs and the crashes: is the opened sum the plain one of those who
// survived, to the bit, and is nothing opened where too few are left?
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/secure_sum_flock.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

/// Small graphs that are not complete, which section 11 has only for more than 128 clients.
std::optional<graph_choice> four_neighbours(std::uint32_t n, client_fractions, profile) {
  if (n < 6)
    return {};
  return graph_choice{.degree = 4, .threshold = 3};
}
std::optional<graph_choice> eight_neighbours(std::uint32_t n, client_fractions, profile) {
  if (n < 10)
    return {};
  return graph_choice{.degree = 8, .threshold = 5};
}

life life_of(const client_id& client, const std::vector<life>& lives) {
  return lives[std::stoul(client.name.substr(5))];
}

std::size_t count_until(const std::vector<client_id>& some, const std::vector<life>& lives,
                        life least) {
  return static_cast<std::size_t>(
      std::count_if(some.begin(), some.end(),
                    [&](const client_id& client) { return life_of(client, lives) >= least; }));
}

/// Whether the sum can be opened by what each client lives to do: from the text, not the machines.
bool can_open(const flight_plan& plan, const flight_end& end) {
  const auto& lives = plan.lives;
  const auto alive = [&](life least) {
    return static_cast<std::size_t>(
        std::count_if(lives.begin(), lives.end(), [&](life x) { return x >= least; }));
  };
  if (alive(life::to_advert) < plan.rules.clients_min || end.neighbours.empty())
    return false;
  const bool is_malicious = plan.rules.profile == profile::malicious;
  if (alive(life::to_body) < plan.rules.clients_min ||
      (is_malicious && alive(life::to_consistency) < end.threshold))
    return false;
  for (const auto& [client, near] : end.neighbours)
    if (life_of(client, lives) >= life::to_shares &&
        (count_until(near, lives, life::to_body) < end.threshold ||
         count_until(near, lives, life::whole) < end.threshold))
      return false;
  return true;
}

std::vector<std::uint64_t> plain_sum(const flight& flown, const std::vector<client_id>& of,
                                     std::size_t entries) {
  std::vector<std::uint64_t> sum(entries);
  for (const auto& x : flown.clients())
    if (std::find(of.begin(), of.end(), x.name) != of.end())
      for (std::size_t i = 0; i < entries; ++i)
        sum[i] += x.entries[i];
  return sum;
}

flight_plan random_plan(std::uint64_t seed, bool is_carried = false) {
  std::mt19937_64 random(seed);
  flight_plan plan;
  plan.seed = seed;
  plan.is_rough = random() % 2 == 0;
  const auto n = static_cast<std::uint32_t>(3 + random() % 11);
  const auto against = random() % 3 == 0 ? profile::malicious : profile::semi_honest;
  if (n >= 6 && against == profile::semi_honest && random() % 2 == 0)
    plan.rule = n >= 10 && random() % 2 == 0 ? eight_neighbours : four_neighbours;
  const std::uint32_t weights[] = {1, 5, 4'000'000};
  const auto dropped = static_cast<std::uint16_t>(random() % 300);
  const auto fewest = 2 + static_cast<std::uint32_t>(random() % 2);
  const auto weight_max = weights[random() % 3];
  const auto length = 1 + random() % 9;
  plan.rules = is_carried ? carried_flock_terms(fewest, n, against, {0, dropped},
                                                std::min(weight_max, 500U), length)
                          : flock_terms(fewest, n, against, {0, dropped}, weight_max, length);
  const auto deaths = random() % 4; // of eight
  for (std::uint32_t i = 0; i < n; ++i)
    plan.lives.push_back(random() % 8 < deaths ? static_cast<life>(random() % 5) : life::whole);
  return plan;
}

} // namespace

TEST_CASE("the opened sum is the plain sum of the survivors, to the bit, or nothing is opened") {
  std::size_t opened = 0, abandoned = 0, with_deaths = 0, crashes = 0;
  bool is_carried = false;
  SUBCASE("of vectors that are masked") {}
  SUBCASE("of vectors that are carried under masked keys") {
    is_carried = true;
  }
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const auto plan = random_plan(seed, is_carried);
    flight flown(plan);
    const auto end = flown.fly();
    REQUIRE(end.sum.has_value() == can_open(plan, end));
    crashes += end.crash_count;
    if (!end.sum) {
      CHECK_FALSE(end.reason.empty());
      ++abandoned;
      continue;
    }
    ++opened;
    const auto lost =
        std::count_if(plan.lives.begin(), plan.lives.end(), [](life x) { return x < life::whole; });
    with_deaths += lost > 0 ? 1 : 0;
    REQUIRE(end.survivors.size() >= plan.rules.clients_min);
    REQUIRE(*end.sum == plain_sum(flown, end.survivors, value_entry_count(plan.rules)));
    REQUIRE(is_possible_weight(plan.rules, static_cast<std::uint32_t>(end.survivors.size()),
                               end.sum->front()));
    for (const auto& client : end.survivors)
      REQUIRE(life_of(client, plan.lives) >= life::to_body);
  }
  MESSAGE(opened << " opened, " << with_deaths << " of them with drop-outs; " << abandoned
                 << " abandoned; " << crashes << " crashes");
  CHECK(with_deaths > 30);
  CHECK(abandoned > 20);
  CHECK(crashes > 400);
}

TEST_CASE("one drop-out more than the bound and nothing is opened") {
  for (const auto against : {profile::semi_honest, profile::malicious}) {
    for (std::uint32_t deaths = 0; deaths <= 5; ++deaths) {
      flight_plan plan;
      plan.rules = flock_terms(2, 10, against, {0, 300});
      plan.lives.assign(10, life::whole);
      std::fill_n(plan.lives.begin(), deaths, life::to_shares); // no masked vector comes
      flight flown(plan);
      const auto end = flown.fly();
      CAPTURE(deaths);
      REQUIRE(end.threshold == 6); // so every survivor needs six others
      REQUIRE(end.sum.has_value() == (deaths <= 3));
      if (end.sum)
        REQUIRE(*end.sum == plain_sum(flown, end.survivors, entry_count(plan.rules)));
    }
  }
}

TEST_CASE("130 clients on the graph that section 11 chooses") {
  flight_plan plan;
  plan.rules = flock_terms(100, 130, profile::semi_honest, {0, 16});
  plan.lives.assign(130, life::whole);
  plan.lives[17] = life::to_shares;
  plan.lives[99] = life::to_advert;
  flight flown(plan);
  const auto end = flown.fly();
  REQUIRE(end.sum);
  REQUIRE(end.neighbours.begin()->second.size() < 129);
  REQUIRE(end.survivors.size() == 128);
  REQUIRE(*end.sum == plain_sum(flown, end.survivors, entry_count(plan.rules)));
}
