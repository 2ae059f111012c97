// What comes of rounds in which clients vanish, fail, are late or are not needed?
#include <algorithm>
#include <set>
#include <span>

#include <godwit/privacy/digest.hpp>

#include "simulation/flight.hpp"
#include "storage/model_file.hpp"
#include "training/model.hpp"

using namespace godwit;

namespace {

std::size_t count_outcome(const round_record& round, std::string_view outcome) {
  return static_cast<std::size_t>(
      std::ranges::count(round.clients, outcome, &client_record::outcome));
}

bool is_abandoned(const round_record& round) {
  return round.outcome.starts_with("abandoned: ");
}

} // namespace

TEST_CASE("a round takes the cohort's worth of updates from those that were invited, and lets the "
          "others go") {
  auto config = small_federation();
  config.job.rounds = 6;
  const auto flown = fly(config);
  std::set<std::string> seen;
  for (const auto& round : flown.rounds) {
    CHECK(round.outcome == "committed");
    CHECK(round.cohort == 13);
    CHECK(round.reporters == 10);
    CHECK(count_outcome(round, "reported") == 10);
    CHECK(count_outcome(round, "the cohort was complete") == 3);
    CHECK(round.train_loss > 0);
    CHECK(round.test_accuracy.has_value());
    CHECK(round.bytes_up == 10 * 4 * 610);
    for (const auto& client : round.clients)
      seen.insert(client.client);
  }
  CHECK(seen.size() > 20);
  CHECK(flown.outcome.update_count == 60);
  CHECK(flown.outcome.reason == "all rounds are done");
}

TEST_CASE("should happen: a run goes on to its end while a third of the clients vanish; should not "
          "happen: a round without an end") {
  auto config = small_federation();
  config.drop_out = 0.3;
  config.job.rounds = 12;
  config.job.round.over_selection = 1.0;
  const auto flown = fly(config);
  std::size_t lost = 0, committed = 0;
  for (const auto& round : flown.rounds) {
    lost += count_outcome(round, "connection lost");
    committed += round.outcome == "committed" ? 1 : 0;
    CHECK((round.outcome == "committed" || is_abandoned(round)));
  }
  CHECK(lost > 12);
  CHECK(committed == 12);
  CHECK(flown.outcome.reason == "all rounds are done");
}

TEST_CASE("a client that vanished in one round takes part in a later one") {
  auto config = small_federation();
  config.drop_out = 0.4;
  config.job.rounds = 10;
  const auto flown = fly(config);
  std::set<std::string> vanished, came_back;
  for (const auto& round : flown.rounds)
    for (const auto& client : round.clients) {
      if (client.outcome == "reported" && vanished.contains(client.client))
        came_back.insert(client.client);
      if (client.outcome == "connection lost")
        vanished.insert(client.client);
    }
  CHECK(came_back.size() > 5);
}

TEST_CASE("a run in which nearly everybody vanishes gives up, and its model is the initial one") {
  auto config = small_federation();
  config.drop_out = 0.99;
  const auto flown = fly(config);
  CHECK(flown.rounds.size() == 100);
  CHECK(std::ranges::all_of(flown.rounds, is_abandoned));
  CHECK(flown.outcome.reason == "gave up: 100 rounds in a row were abandoned");
  const auto network = make_model("softmax", {60}, 10).value();
  std::vector<float> initial(network->size());
  network->initialise(initial, config.seed);
  CHECK(flown.outcome.model_sha256 == hex(sha256(std::as_bytes(std::span(initial)))));
}

TEST_CASE("devices that are slower than the deadline are dropped by it") {
  auto config = small_federation();
  config.job.round.deadline =
      std::chrono::milliseconds(100); // the fastest need 80 for their answer alone
  config.job.client.epochs = 1000;
  config.job.rounds = 1;
  const auto flown = fly(config);
  std::size_t late = 0;
  for (const auto& round : flown.rounds) {
    late += count_outcome(round, "deadline passed");
    CHECK(round.recruiting_seconds + round.collecting_seconds <= 0.1001);
  }
  CHECK(late > 0);
}

TEST_CASE("an update of a training that diverged is refused, and the run still ends") {
  auto config = small_federation();
  config.job.client.learning_rate = 1e38F;
  const auto flown = fly(config);
  CHECK(std::ranges::all_of(flown.rounds, is_abandoned));
  CHECK(count_outcome(flown.rounds.front(), "value_not_finite") > 0);
  CHECK(flown.outcome.update_count == 0);
}

TEST_CASE("federated evaluation gives figures in its rounds, and none in the others") {
  auto config = small_federation();
  config.job.federated_evaluate_every = 2;
  const auto flown = fly(config);
  for (const auto& round : flown.rounds) {
    REQUIRE(round.federated_accuracy.has_value() == (round.round % 2 == 0));
    if (round.federated_accuracy) {
      CHECK(*round.federated_accuracy > 0.2);
      CHECK(*round.federated_accuracy <= 1.0);
      CHECK(*round.federated_loss > 0);
    }
    for (const auto& client : round.clients)
      CHECK(client.accuracy.has_value() == (round.round % 2 == 0 && client.outcome == "reported"));
  }
}

TEST_CASE("clients that keep nothing aside train on everything and have nothing to evaluate") {
  auto config = small_federation();
  config.job.federated_evaluate_every = 1;
  const auto kept = fly(config);
  config.evaluation_percent = 0;
  const auto none = fly(config);
  CHECK_FALSE(none.rounds.front().federated_accuracy.has_value());
  const auto examples = [](const flight& of, const std::string& name) {
    for (const auto& client : of.rounds.front().clients)
      if (client.client == name)
        return client.example_count;
    return std::uint64_t{0};
  };
  const auto name = kept.rounds.front().clients.front().client;
  CHECK(examples(none, name) > examples(kept, name));
}

TEST_CASE("the first round that reaches the target accuracy is the last one") {
  auto config = small_federation();
  config.job.rounds = 100;
  config.job.target_accuracy = 0.5;
  const auto flown = fly(config);
  CHECK(flown.outcome.reason == "the target accuracy is reached");
  CHECK(flown.rounds.size() < 100);
  for (const auto& round : flown.rounds)
    CHECK((*round.test_accuracy >= 0.5) == (round.round == flown.rounds.back().round));
}

TEST_CASE("central evaluation keeps its pace, and looks at the last round always") {
  auto config = small_federation();
  config.job.rounds = 5;
  config.job.evaluate_every = 2;
  for (const auto& round : fly(config).rounds)
    CHECK(round.test_accuracy.has_value() == (round.round % 2 == 0 || round.round == 5));
  config.job.evaluate_every = 0;
  for (const auto& round : fly(config).rounds)
    CHECK(round.test_accuracy.has_value() == (round.round == 5));
}

TEST_CASE("a run leaves the model whose digest it tells, a report and a line for each round") {
  const scratch_folder scratch;
  auto config = small_federation();
  config.out = scratch / "run";
  const auto outcome = run_simulation(config);
  REQUIRE(outcome);
  CHECK(outcome->folder == config.out);
  const auto model = read_model(config.out / "model.safetensors");
  REQUIRE(model);
  CHECK(hex(sha256(std::as_bytes(std::span(model->parameters)))) == outcome->model_sha256);
  CHECK(outcome->last.model_sha256 == outcome->model_sha256);
  CHECK(contains(read_whole(config.out / "report.html"), "edge-30"));
  CHECK(contains(read_whole(config.out / "config.yml"), "kind: simulation"));
  const auto lines = read_whole(config.out / "rounds.jsonl");
  CHECK(std::ranges::count(lines, '\n') == 4);
}

TEST_CASE("a folder that holds a run is refused and left as it is") {
  const scratch_folder scratch;
  auto config = small_federation();
  config.out = scratch / "run";
  REQUIRE(run_simulation(config));
  const auto before = read_whole(config.out / "rounds.jsonl");
  config.seed = 9;
  const auto second = run_simulation(config);
  REQUIRE_FALSE(second);
  CHECK(second.why().code == failure_code::bad_config);
  CHECK(contains(second.why().detail, "holds a run"));
  CHECK(read_whole(config.out / "rounds.jsonl") == before);
}

TEST_CASE("too few clients for any round are refused, and data that is not there is said") {
  const scratch_folder scratch;
  auto config = small_federation();
  config.out = scratch / "run";
  config.partition.clients = 4; // and a round needs five
  const auto few = run_simulation(config);
  REQUIRE_FALSE(few);
  CHECK(contains(few.why().detail, "job.round.cohort_min"));
  config.data.source = "mnist";
  config.data.folder = scratch / "nothing";
  config.partition.scheme = "iid";
  const auto missing = run_simulation(config);
  REQUIRE_FALSE(missing);
  CHECK(contains(missing.why().detail, "deploy/get-data mnist"));
  CHECK_FALSE(std::filesystem::exists(config.out));
}
