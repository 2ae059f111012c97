// Which workloads can be measured, and with what options?
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "aggregate_bench.hpp"
#include "echo_edge.hpp"
#include "rounds_bench.hpp"
#include "simulation_bench.hpp"
#include "trainer_bench.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Measures parts of godwit; prints CSV: workload,variant,metric,value,unit"};
  app.require_subcommand(1);
  int status = 0;

  godwit::trainer_bench_options trainer_options;
  auto* trainer =
      app.add_subcommand("trainer", "examples trained on for each CPU second, in one thread");
  trainer->add_option("--seconds", trainer_options.seconds, "CPU seconds of one repeat of one cell")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  trainer->add_option("--repeats", trainer_options.repeats, "repeats, of which the best one counts")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  trainer->add_flag("--all-kernels", trainer_options.all_kernels,
                    "every set of kernels that this processor can run");
  trainer->callback([&] { status = godwit::run_trainer_bench(trainer_options, std::cout); });

  godwit::aggregate_bench_options aggregate_options;
  auto* aggregate =
      app.add_subcommand("aggregate", "summing updates, beside the mere reading of their bytes");
  aggregate
      ->add_option("--parameters", aggregate_options.parameter_counts, "parameters of an update")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  aggregate->add_option("--updates", aggregate_options.update_count, "updates in a sum")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  aggregate
      ->add_option("--pool-bytes", aggregate_options.pool_bytes_max,
                   "memory for updates; where it is short, they are used again")
      ->check(CLI::Range(std::size_t{4}, std::size_t{1} << 40))
      ->capture_default_str();
  aggregate->add_option("--repeats", aggregate_options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  aggregate->callback([&] { status = godwit::run_aggregate_bench(std::cout, aggregate_options); });

  godwit::rounds_bench_options rounds_options;
  auto* rounds = app.add_subcommand("rounds", "W2: rounds of real processes over TLS");
  rounds->add_option("--edges", rounds_options.edge_counts, "edge processes")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  rounds->add_option("--parameters", rounds_options.parameter_counts, "parameters of the model")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31))
      ->capture_default_str();
  rounds->add_option("--rounds", rounds_options.round_count, "rounds of each run")
      ->check(CLI::Range(2U, 100'000U))
      ->capture_default_str();
  rounds->add_flag("--all-cores", rounds_options.all_cores, "do not keep everything on one core");
  rounds->callback([&] { status = godwit::run_rounds_bench(rounds_options, std::cout); });

  godwit::simulation_bench_options simulation_options;
  auto* simulation = app.add_subcommand("simulation", "W6: updates of simulated clients a second");
  simulation->add_option("--clients", simulation_options.client_counts, "clients")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  simulation
      ->add_option("--updates", simulation_options.update_count, "about so many updates for each")
      ->check(CLI::Range(1U, 100'000'000U))
      ->capture_default_str();
  simulation->add_option("--threads", simulation_options.threads, "0: one for each core")
      ->check(CLI::Range(0U, 4096U))
      ->capture_default_str();
  simulation->callback(
      [&] { status = godwit::run_simulation_bench(simulation_options, std::cout); });

  std::uint64_t model_bytes = 1'000'000'000;
  auto* large = app.add_subcommand("large", "W7: one round of a large model");
  large->add_option("--bytes", model_bytes, "size of the model")
      ->check(CLI::Range(std::uint64_t{4}, std::uint64_t{1} << 34))
      ->capture_default_str();
  large->callback([&] { status = godwit::run_large_bench(model_bytes, std::cout); });

  std::string edge_config;
  std::uint64_t parameter_count = 0;
  auto* echo = app.add_subcommand("echo-edge", "an edge that returns what it got");
  echo->add_option("--config", edge_config, "its edge.yml")->required();
  echo->add_option("--parameters", parameter_count, "parameters of the model")->required();
  echo->callback([&] { status = godwit::run_echo_edge(edge_config, parameter_count); });

  CLI11_PARSE(app, argc, argv);
  return status;
}
