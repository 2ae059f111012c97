// Are simulated devices what their models say: how fast, when there, how full, and why not able?
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "simulation/availability.hpp"
#include "simulation/battery.hpp"
#include "simulation/census.hpp"
#include "simulation/daily_life.hpp"
#include "simulation/devices.hpp"

using namespace godwit;
using namespace godwit::simulated;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 11;

/// How many of so many devices are there at each full hour of the first two days.
std::vector<double> there_by_hour(std::uint32_t device_count) {
  std::vector<double> counts(48, 0);
  for (std::uint32_t client = 0; client < device_count; ++client) {
    availability one(seed, client);
    for (std::size_t hour = 0; hour < counts.size(); ++hour) {
      while (one.changes_at() <= hour * 1h)
        one.change();
      counts[hour] += one.is_there() ? 1 : 0;
    }
  }
  return counts;
}

/// The speeds of many devices, sorted, and the standard deviation of their logarithms.
struct spread {
  double median = 0, sigma = 0;
};
spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0, squares = 0;
  for (const double x : values) {
    sum += std::log(x);
    squares += std::log(x) * std::log(x);
  }
  const auto count = static_cast<double>(values.size());
  return {values[values.size() / 2], std::sqrt(squares / count - sum * sum / count / count)};
}

} // namespace

TEST_CASE("each profile's speeds have the medians and spreads that it names") {
  for (const auto* name : {"phones", "iot", "workstations"}) {
    CAPTURE(name);
    const auto kind = profile_of(name);
    const devices some(seed, 610, 0, kind);
    std::vector<double> operations, bytes;
    for (std::uint32_t client = 0; client < 4000; ++client) {
      operations.push_back(some.of(client).operations_per_second);
      bytes.push_back(some.of(client).bytes_per_second);
    }
    const auto power = spread_of(operations), link = spread_of(bytes);
    // A cut at two sigmas takes 4 % of the spread; 4,000 draws tell a median to 2 % of a sigma.
    CHECK(power.median == doctest::Approx(kind.operations_median).epsilon(0.08));
    CHECK(link.median == doctest::Approx(kind.bytes_median).epsilon(0.08));
    CHECK(power.sigma == doctest::Approx(kind.operations_sigma * 0.96).epsilon(0.05));
    CHECK(link.sigma == doctest::Approx(kind.bytes_sigma * 0.96).epsilon(0.05));
  }
}

TEST_CASE("uniform devices are all alike, and the default ones are phones") {
  const devices alike(seed, 610, 0, profile_of("uniform")), plain(seed, 610, 0);
  const devices phones(seed, 610, 0, profile_of("phones"));
  CHECK(alike.of(1).bytes_per_second == alike.of(2).bytes_per_second);
  CHECK(alike.of(1).operations_per_second == 10e9);
  CHECK(plain.of(1).bytes_per_second == phones.of(1).bytes_per_second);
  CHECK(plain.of(1).bytes_per_second != plain.of(2).bytes_per_second);
}

TEST_CASE("a model that counts as larger takes as much longer, in work and in bytes") {
  const devices small(seed, 610, 0), large(seed, 610, 0, profile_of("phones"), 1000);
  const auto one = small.of(3);
  const auto ratio = [](duration a, duration b) {
    return static_cast<double>(a.count()) / static_cast<double>(b.count());
  };
  CHECK(ratio(large.transfer(one), small.transfer(one)) == doctest::Approx(1000).epsilon(0.001));
  CHECK(ratio(large.training(one, 60, 1), small.training(one, 60, 1)) ==
        doctest::Approx(1000).epsilon(0.001));
  CHECK(large.traffic(2440) == 2'440'000);
  CHECK(small.traffic(2440) == 2440);
}

TEST_CASE("four times as many devices are there by night as by day, and 15 % on average") {
  constexpr std::uint32_t count = 20'000;
  const auto there = there_by_hour(count);
  const auto [least, most] = std::minmax_element(there.begin(), there.end());
  double sum = 0;
  for (const double x : there)
    sum += x;
  // Of 20,000 the least hour has 1,200 (sigma 34), the most 4,800 (sigma 60).
  CHECK(*most / *least > 3.6);
  CHECK(*most / *least < 4.5);
  CHECK(sum / 48 / count == doctest::Approx(0.15).epsilon(0.03));
  // The run begins at noon, in zones down to three hours behind: about 02:30 is 16 h later.
  const auto hour = (most - there.begin()) % 24;
  CHECK(hour >= 13);
  CHECK(hour <= 19);
}

TEST_CASE("a device stays for about an hour, is away for longer, and does so by its seed alone") {
  double here = 0, away = 0;
  int stays = 0;
  for (std::uint32_t client = 0; client < 400; ++client) {
    availability one(seed, client), again(seed, client);
    for (auto last = one.changes_at(); last < 10 * 24h; last = one.changes_at()) {
      const bool was_there = one.is_there();
      one.change();
      again.change();
      REQUIRE(one.changes_at() > last);
      REQUIRE(one.changes_at() == again.changes_at());
      (was_there ? away : here) +=
          std::chrono::duration<double, std::ratio<3600>>(one.changes_at() - last).count();
      stays += was_there ? 0 : 1;
    }
  }
  CHECK(here / stays > 1.0);
  CHECK(here / stays < 1.5);
  CHECK(away / stays > 5.5);
  CHECK(away / stays < 8.5);
  CHECK(availability(seed + 1, 0).changes_at() != availability(seed, 0).changes_at());
}

TEST_CASE("phones are low in the evening and full in the morning, and empty where nobody charges") {
  double evening = 0, morning = 0, unplugged = 0;
  constexpr int count = 500;
  for (std::uint32_t client = 0; client < count; ++client) {
    const auto to_zone = 12h - time_of_day_offset(seed, client);
    battery one(seed, client, 0.85), never(seed, client, 0);
    one.settle(8h + to_zone, false, 0s);
    evening += one.percent() / count;
    one.settle(18h + to_zone, false, 0s);
    morning += one.percent() / count;
    never.settle(40h + to_zone, false, 0s);
    unplugged += never.percent() / count;
    CHECK(one.percent() >= 0);
    CHECK(one.percent() <= 100);
  }
  CHECK(evening > 20);
  CHECK(evening < 55);
  CHECK(morning > 80);
  CHECK(unplugged < 10);
}

TEST_CASE("training drains what it takes, lying idle takes a tenth of being used") {
  battery used(seed, 1, 0), idle(seed, 1, 0), trains(seed, 1, 0);
  const double full = used.percent();
  REQUIRE(full > 30);
  used.settle(1h, false, 0s);
  idle.settle(1h, true, 0s);
  trains.settle(1h, true, 30min);
  CHECK((full - used.percent()) / (full - idle.percent()) == doctest::Approx(10).epsilon(0.001));
  CHECK((full - trains.percent()) / (full - idle.percent()) ==
        doctest::Approx(26).epsilon(0.001)); // 0.07 Wh, and half an hour of 3.5 W
}

TEST_CASE("a low battery makes a phone that is there unable to work, for the edge's own reasons") {
  timeline time;
  daily_life lives({.profile = "phones", .availability = "always", .battery = "unplugged"}, seed,
                   200, time);
  int able_at_first = 0;
  for (std::uint32_t client = 0; client < 200; ++client)
    able_at_first += lives.ineligible_because(client) ? 0 : 1;
  CHECK(able_at_first > 100);
  while (time.now() < 48h)
    lives.look(time.next(), 0s);
  for (std::uint32_t client = 0; client < 200; ++client) {
    CHECK(lives.is_there(client));
    CHECK(lives.ineligible_because(client) == "power_critical");
    CHECK(lives.mode_of(client) == power::mode::critical);
  }
}

TEST_CASE("a look that was foreseen in an earlier stay is none") {
  timeline time;
  daily_life lives({.profile = "phones", .availability = "diurnal", .battery = "phones"}, seed, 50,
                   time);
  int late = 0, looks = 0;
  while (time.now() < 48h) {
    const auto what = time.next();
    if (what.what == happening::comes_or_goes) {
      lives.come_or_go(what.client, 0s);
      continue;
    }
    ++looks;
    const bool counts = lives.look(what, 0s);
    late += counts ? 0 : 1;
    if (!lives.is_there(what.client))
      CHECK_FALSE(counts);
  }
  CHECK(late > 10);
  CHECK(looks - late > 100);
}

TEST_CASE("the end of a round takes its own events only") {
  timeline time;
  time.add(3s, happening::deadline);
  time.add(2s, happening::census, 5);
  time.add(1s, happening::comes_or_goes, 4);
  time.add(1s, happening::vanished, 3);
  time.clear();
  CHECK(time.next().client == 4);
  CHECK(time.next().client == 5);
  CHECK(time.is_empty());
}

TEST_CASE("a census of a long run is thinned out and covers all of it") {
  census taken;
  instant now{};
  for (int i = 0; i < 5000; ++i, now += taken.every())
    taken.add(now, 10, 5);
  CHECK(taken.counts().size() <= census::count_max);
  CHECK(taken.counts().size() >= census::count_max / 2);
  CHECK(taken.counts().front().seconds == 0);
  const auto step = taken.counts()[1].seconds;
  for (std::size_t i = 1; i < taken.counts().size(); ++i)
    CHECK(taken.counts()[i].seconds - taken.counts()[i - 1].seconds == doctest::Approx(step));
}
