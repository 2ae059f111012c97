// What comes of a job whose clients come and go, and whose batteries run low?
#include <algorithm>
#include <map>
#include <set>

#include "simulation/flight.hpp"

using namespace godwit;

namespace {

/// 600 phones with all models on, and a model that takes them minutes.
simulation_config phones() {
  auto config = small_federation();
  config.partition.scheme = "iid";
  config.partition.clients = 600;
  config.job.rounds = 12;
  config.job.round.cohort = 30;
  config.job.round.cohort_min = 20;
  config.job.round.deadline = std::chrono::minutes(30);
  config.drop_out = 0.05;
  config.devices = {
      .profile = "phones", .availability = "diurnal", .battery = "phones", .model_scale = 20'000};
  return config;
}

std::map<std::string, int> outcomes_of(const flight& flown) {
  std::map<std::string, int> counts;
  for (const auto& round : flown.rounds)
    for (const auto& client : round.clients)
      ++counts[client.outcome];
  return counts;
}

constexpr double hour = 3600;

} // namespace

TEST_CASE(
    "with all models on the number of threads shows neither in the model nor in the records") {
  auto config = phones();
  config.job.federated_evaluate_every = 3;
  const auto one = fly(config);
  CHECK(one.outcome.reason == "all rounds are done");
  for (const std::uint32_t threads : {2U, 5U}) {
    config.threads = threads;
    const auto more = fly(config);
    CHECK(more.outcome.model_sha256 == one.outcome.model_sha256);
    CHECK(more.rounds_jsonl == one.rounds_jsonl);
    CHECK(more.outcome.presence == one.outcome.presence);
  }
  config.seed = 8;
  CHECK(fly(config).rounds_jsonl != one.rounds_jsonl);
}

TEST_CASE("the devices part with its defaults is the same as none") {
  auto config = small_federation();
  config.drop_out = 0.2;
  const auto without = fly(config);
  config.devices = {.profile = "phones", .availability = "always", .battery = "none"};
  const auto with = fly(config);
  CHECK(with.rounds_jsonl == without.rounds_jsonl);
  CHECK(with.outcome.presence.empty());
  config.devices.profile = "workstations";
  CHECK(fly(config).rounds_jsonl != without.rounds_jsonl);
}

TEST_CASE("clients leave in mid-round, are replaced, and take part in later rounds") {
  const auto flown = fly(phones());
  const auto outcomes = outcomes_of(flown);
  REQUIRE(outcomes.contains("left: no longer idle and connected"));
  CHECK(outcomes.contains("connection lost")); // the drop-outs
  std::set<std::string> left, back;
  for (const auto& round : flown.rounds)
    for (const auto& client : round.clients) {
      if (client.outcome.starts_with("left"))
        left.insert(client.client);
      else if (left.contains(client.client))
        back.insert(client.client);
    }
  CHECK_FALSE(back.empty());
  for (const auto& at : flown.outcome.presence) {
    CHECK(at.able <= at.connected);
    CHECK(at.connected < 300); // of 600, 24 % at best
  }
}

TEST_CASE("bytes of a scaled model are counted at its scale") {
  auto config = phones();
  config.job.rounds = 2;
  for (const auto& round : fly(config).rounds)
    CHECK(round.bytes_up % (std::uint64_t{4} * 610 * 20'000) == 0);
}

TEST_CASE("in an evening of low batteries the job waits, and by night it goes on to its end") {
  auto config = phones();
  config.devices.availability = "always";
  config.devices.model_scale = 100'000; // long rounds: the run goes on into the evening
  config.job.rounds = 40;
  config.job.round.deadline = std::chrono::hours(1);
  config.job.round.cohort = 400;
  config.job.round.cohort_min = 350;
  const auto flown = fly(config);
  CHECK(flown.outcome.reason == "all rounds are done");
  const auto able_at = [&](double from, double until) {
    std::uint32_t least = 600;
    for (const auto& at : flown.outcome.presence)
      if (at.seconds >= from && at.seconds <= until)
        least = std::min(least, at.able);
    return least;
  };
  REQUIRE(flown.rounds.back().finished_seconds > 16 * hour);
  CHECK(able_at(8 * hour, 11 * hour) < 350); // 20:00 to 23:00 in the first zone
  CHECK(able_at(15 * hour, 16 * hour) > 400);
  double pause = 0, last = 0;
  for (const auto& round : flown.rounds) {
    pause = std::max(pause, round.finished_seconds - last);
    last = round.finished_seconds;
  }
  CHECK(pause > 1.5 * hour); // no round of an hour's deadline fills it
}

TEST_CASE("a low battery in mid-round declines, with the reason that a real edge gives") {
  auto config = phones();
  config.devices.availability = "always";
  config.devices.profile = "iot"; // slow links
  config.devices.model_scale = 100'000;
  config.job.round.deadline = std::chrono::hours(3);
  const auto outcomes = outcomes_of(fly(config));
  CHECK(outcomes.contains("declined: battery_below_minimum"));
}

TEST_CASE("phones that nobody charges end the run within a bounded virtual time") {
  auto config = phones();
  config.devices.battery = "unplugged";
  config.job.rounds = 1000;
  config.devices.model_scale = 100'000;
  const auto flown = fly(config);
  CHECK(flown.outcome.reason == "gave up: no round could be opened for 7 days");
  CHECK(flown.rounds.size() < 1000);
  CHECK(flown.rounds.back().finished_seconds < 72 * hour);
  CHECK(flown.outcome.presence.back().able == 0);
  CHECK(flown.outcome.presence.back().seconds < 11 * 24 * hour);
}
