// What do tests of whole simulations start from? A small federation over generated data, and a
// folder for each run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/runtime/simulation.hpp>

#include "support/scratch_folder.hpp"

namespace godwit {

/// Thirty clients with FedProx's Synthetic(1, 1), ten of them a round, softmax regression.
inline simulation_config small_federation() {
  simulation_config config;
  config.seed = 7;
  config.threads = 1;
  config.job.model = "softmax";
  config.job.rounds = 4;
  config.job.client.learning_rate = 0.05F;
  config.data.source = "synthetic";
  config.partition.scheme = "natural";
  config.partition.clients = 30;
  return config;
}

/// Counts the lines that mean that a person must act.
class error_count final : public event_log {
public:
  bool enabled(log_level level) const noexcept override { return level == log_level::error; }
  void write(log_level, std::string_view, std::span<const log_field>) noexcept override { ++count; }
  int count = 0;
};

/// A finished run and all of its rounds.
struct flight {
  simulation_outcome outcome;
  std::vector<round_record> rounds;
  std::string rounds_jsonl;
};

/// Runs to the end in a folder of its own. Nothing may go wrong.
inline flight fly(simulation_config config) {
  const scratch_folder scratch;
  config.out = scratch / "run";
  flight made;
  const auto log = std::make_shared<error_count>();
  const auto keep = [&](const status_reply&, const round_record* newest) {
    if (newest != nullptr)
      made.rounds.push_back(*newest);
  };
  auto outcome = run_simulation(config, {.log = log, .progress = keep});
  REQUIRE_MESSAGE(outcome, outcome.why().detail);
  CHECK(log->count == 0);
  CHECK(outcome->problems.empty());
  REQUIRE_FALSE(made.rounds.empty());
  made.outcome = std::move(*outcome);
  made.rounds_jsonl = read_whole(config.out / "rounds.jsonl");
  return made;
}

} // namespace godwit
