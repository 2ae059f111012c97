// Does the seed alone decide the bits of the model?
#include <algorithm>
#include <span>

#include <godwit/actors/machines/selection.hpp>
#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/aggregation/parameters.hpp>
#include <godwit/aggregation/strategy.hpp>
#include <godwit/privacy/digest.hpp>

#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_name.hpp"
#include "simulation/flight.hpp"
#include "training/model.hpp"

using namespace godwit;

namespace {

std::string digest_of(const std::vector<float>& parameters) {
  return hex(sha256(std::as_bytes(std::span(parameters))));
}

/// Federated averaging over all clients as the paper writes it, without any machine, clock or
/// thread, and with the clients from last to first.
std::string plain_federated_averaging(const simulation_config& config) {
  const auto data = load_dataset(config.data, split::train).value();
  const auto parts = partition(data, config.partition, config.seed).value();
  const auto network = make_model(config.job.model, data->shape, data->class_count).value();
  const auto step = make_strategy(config.job.strategy).value();
  std::vector<float> global(network->size());
  network->initialise(global, config.seed);
  for (std::uint64_t round = 1; round <= config.job.rounds; ++round) {
    fixed_point_sum sum(global.size());
    for (auto i = static_cast<std::uint32_t>(parts.size()); i-- > 0;) {
      const client_id name{edge_name(i, static_cast<std::uint32_t>(parts.size()))};
      const auto own =
          split_held_out(parts[i], config.evaluation_percent, held_out_seed(name.name));
      auto plan = config.job.client;
      plan.seed = selection::training_seed(config.seed, round_id{round}, name);
      auto local = global;
      REQUIRE(network->train(local, own.train, plan));
      subtract(local, global, local);
      REQUIRE(sum.add(std::span<const float>(local), own.train.size()));
    }
    std::vector<float> next(global.size());
    sum.mean(next);
    step->apply(global, next);
    global = next;
  }
  return digest_of(global);
}

} // namespace

TEST_CASE("the same seed gives the same model and the same records, another seed another model") {
  auto config = small_federation();
  const auto first = fly(config);
  const auto again = fly(config);
  CHECK(first.outcome.model_sha256 == again.outcome.model_sha256);
  CHECK(first.rounds_jsonl == again.rounds_jsonl);
  config.seed = 8;
  CHECK(fly(config).outcome.model_sha256 != first.outcome.model_sha256);
}

TEST_CASE("the number of threads shows neither in the model nor in the records") {
  auto config = small_federation();
  config.drop_out = 0.2;
  config.job.federated_evaluate_every = 1;
  const auto one = fly(config);
  for (const std::uint32_t threads : {2U, 5U}) {
    config.threads = threads;
    const auto more = fly(config);
    CHECK(more.outcome.model_sha256 == one.outcome.model_sha256);
    CHECK(more.rounds_jsonl == one.rounds_jsonl);
  }
}

TEST_CASE(
    "where all clients report, the model is that of federated averaging written down plainly") {
  auto config = small_federation();
  config.threads = 2;
  config.job.round.cohort = config.partition.clients;
  config.job.round.over_selection = 1.0;
  const auto flown = fly(config);
  for (const auto& round : flown.rounds)
    CHECK(round.reporters == config.partition.clients);
  CHECK(flown.outcome.model_sha256 == plain_federated_averaging(config));
}

TEST_CASE("selection by size weighs the updates alike, and so makes another model") {
  auto config = small_federation();
  config.job.round.cohort = config.partition.clients;
  config.job.round.over_selection = 1.0;
  const auto by_examples = fly(config);
  config.job.selection = "by_size";
  CHECK(fly(config).outcome.model_sha256 != by_examples.outcome.model_sha256);
}

TEST_CASE("the length of the deadline does not show in the model while the same clients report") {
  auto config = small_federation();
  config.job.round.cohort = config.partition.clients;
  config.job.round.over_selection = 1.0;
  const auto short_rounds = fly(config);
  config.job.round.deadline = std::chrono::hours(1);
  CHECK(fly(config).outcome.model_sha256 == short_rounds.outcome.model_sha256);
}
