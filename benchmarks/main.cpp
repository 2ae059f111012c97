// Which workloads can be measured, and with what options?
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "accountant_bench.hpp"
#include "aggregate_bench.hpp"
#include "echo_edge.hpp"
#include "encrypted_bench.hpp"
#include "journal_bench.hpp"
#include "mask_bench.hpp"
#include "noise_bench.hpp"
#include "rounds_bench.hpp"
#include "secure_sum_bench.hpp"
#include "shared_bench.hpp"
#include "simulation_bench.hpp"
#include "trainer_bench.hpp"

namespace {

using namespace godwit;

CLI::App* add_trainer(CLI::App& app, trainer_bench_options& options) {
  auto* sub =
      app.add_subcommand("trainer", "examples trained on for each CPU second, in one thread");
  sub->add_option("--seconds", options.seconds, "CPU seconds of one repeat of one cell")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, of which the best one counts")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  sub->add_flag("--all-kernels", options.all_kernels,
                "every set of kernels that this processor can run");
  return sub;
}

CLI::App* add_hidden(CLI::App& app, trainer_bench_options& options) {
  options.hides_examples = true;
  auto* sub = app.add_subcommand("hidden", "what a step costs that hides each of its examples");
  sub->add_option("--seconds", options.seconds, "CPU seconds of one repeat of one cell")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  return sub;
}

CLI::App* add_aggregate(CLI::App& app, aggregate_bench_options& options) {
  auto* sub = app.add_subcommand("aggregate",
                                 "W1: summing updates, beside the mere reading of their bytes");
  sub->add_option("--parameters", options.parameter_counts, "parameters of an update")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--updates", options.update_count, "updates in a sum")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  sub->add_option("--pool-bytes", options.pool_bytes_max,
                  "memory for updates; where it is short, they are used again")
      ->check(CLI::Range(std::size_t{4}, std::size_t{1} << 40))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_rounds(CLI::App& app, rounds_bench_options& options) {
  auto* sub = app.add_subcommand("rounds", "W2: rounds of real processes over TLS");
  sub->add_option("--edges", options.edge_counts, "edge processes")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  sub->add_option("--parameters", options.parameter_counts, "parameters of the model")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31))
      ->capture_default_str();
  sub->add_option(
         "--rounds", options.round_count,
         "rounds of each run (default: 200 of a model of up to 100,000 parameters, else 20)")
      ->check(CLI::Range(2U, 100'000U));
  sub->add_flag("--all-cores", options.all_cores, "do not keep everything on one core");
  return sub;
}

CLI::App* add_simulation(CLI::App& app, simulation_bench_options& options) {
  auto* sub = app.add_subcommand("simulation", "W6: updates of simulated clients a second");
  sub->add_option("--clients", options.client_counts, "clients")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  sub->add_option("--updates", options.update_count, "about so many updates for each")
      ->check(CLI::Range(1U, 100'000'000U))
      ->capture_default_str();
  sub->add_option("--threads", options.threads, "0: one for each core")
      ->check(CLI::Range(0U, 4096U))
      ->capture_default_str();
  return sub;
}

CLI::App* add_large(CLI::App& app, std::uint64_t& model_bytes) {
  auto* sub = app.add_subcommand("large", "W7: one round of a large model");
  sub->add_option("--bytes", model_bytes, "size of the model")
      ->check(CLI::Range(std::uint64_t{4}, std::uint64_t{1} << 34))
      ->capture_default_str();
  return sub;
}

CLI::App* add_durable(CLI::App& app, durable_bench_options& options) {
  auto* sub =
      app.add_subcommand("durable", "a round with the server's state on a disk and without");
  sub->add_option("--edges", options.edge_count, "edge processes")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  sub->add_option("--parameters", options.parameter_count, "parameters of the model")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31))
      ->capture_default_str();
  sub->add_option("--rounds", options.round_count, "rounds of each run")
      ->check(CLI::Range(2U, 100'000U))
      ->capture_default_str();
  return sub;
}

CLI::App* add_journal(CLI::App& app, journal_bench_options& options) {
  auto* sub = app.add_subcommand("journal", "records made durable, beside plain writes and syncs");
  sub->add_option("--folder", options.folder, "a folder on the disk that is measured")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  sub->add_option("--groups", options.group_sizes, "records in a write")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  sub->add_option("--seconds", options.seconds, "of one cell, journal and plain file together")
      ->check(CLI::Range(0.001, 600.0))
      ->capture_default_str();
  return sub;
}

CLI::App* add_mask(CLI::App& app, mask_bench_options& options) {
  auto* sub = app.add_subcommand("mask", "masks added to a vector, beside their mere generator");
  sub->add_option("--lanes", options.lane_counts, "lanes of 32 bits")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--masks", options.mask_count, "masks that are added")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_quantise(CLI::App& app, quantise_bench_options& options) {
  auto* sub =
      app.add_subcommand("quantise", "values quantised and packed, beside the copying of them");
  sub->add_option("--values", options.value_counts, "values of 32 bits")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_noise(CLI::App& app, noise_bench_options& options) {
  auto* sub = app.add_subcommand("noise", "noise drawn, beside exact samplers and the generator");
  sub->add_option("--samples", options.sample_count, "samples of each law")
      ->check(CLI::Range(std::size_t{1000}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_accountant(CLI::App& app, accountant_bench_options& options) {
  auto* sub = app.add_subcommand("accountant", "what noisy rounds cost: how long saying it takes");
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_shared(CLI::App& app, shared_bench_options& options) {
  auto* sub = app.add_subcommand(
      "shared", "vectors cut into shares and shares summed, beside generator and mere reading");
  sub->add_option("--lanes", options.lane_count, "lanes of a vector, of 32 bits")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--clients", options.client_count, "clients of a sum")
      ->check(CLI::Range(std::size_t{2}, std::size_t{10'000}))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_encrypted(CLI::App& app, encrypted_bench_options& options) {
  auto* sub =
      app.add_subcommand("encrypted", "encrypted sums, beside their bare generator and transforms");
  sub->add_option("--values", options.value_count, "values of the sums beyond a cache")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  sub->add_option("--clients", options.client_count, "clients of the whole round")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_secure(CLI::App& app, secure_sum_bench_options& options) {
  auto* sub = app.add_subcommand("secure", "secure sums, beside the bare generator of their masks");
  sub->add_option("--length", options.length, "values of a client")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  sub->add_option("--clients", options.client_count, "clients, 42 neighbours each")
      ->check(CLI::Range(10U, 1000U))
      ->capture_default_str();
  sub->add_option("--large-clients", options.large_client_count,
                  "clients of the sum with the graph that is right for it")
      ->check(CLI::Range(10U, 1000U))
      ->capture_default_str();
  sub->add_option("--repeats", options.repeats, "repeats, the fastest counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return sub;
}

CLI::App* add_echo_edge(CLI::App& app, std::string& config, std::uint64_t& parameter_count) {
  auto* sub = app.add_subcommand("echo-edge", "an edge that returns what it got");
  sub->add_option("--config", config, "its edge.yml")->required();
  sub->add_option("--parameters", parameter_count, "parameters of the model")->required();
  return sub;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures parts of godwit; prints CSV: workload,variant,metric,value,unit"};
  app.require_subcommand(1);
  int status = 0;
  trainer_bench_options trainer, hidden;
  accountant_bench_options accountant;
  aggregate_bench_options aggregate;
  rounds_bench_options rounds;
  simulation_bench_options simulation;
  journal_bench_options journal;
  durable_bench_options durable;
  encrypted_bench_options encrypted;
  mask_bench_options mask;
  quantise_bench_options quantise;
  secure_sum_bench_options secure;
  noise_bench_options noise;
  shared_bench_options shared;
  std::uint64_t model_bytes = 1'000'000'000, parameter_count = 0;
  std::string edge_config;
  add_trainer(app, trainer)->callback([&] { status = run_trainer_bench(trainer, std::cout); });
  add_hidden(app, hidden)->callback([&] { status = run_trainer_bench(hidden, std::cout); });
  add_aggregate(app, aggregate)->callback([&] {
    status = run_aggregate_bench(std::cout, aggregate);
  });
  add_rounds(app, rounds)->callback([&] { status = run_rounds_bench(rounds, std::cout); });
  add_simulation(app, simulation)->callback([&] {
    status = run_simulation_bench(simulation, std::cout);
  });
  add_large(app, model_bytes)->callback([&] { status = run_large_bench(model_bytes, std::cout); });
  add_journal(app, journal)->callback([&] { status = run_journal_bench(journal, std::cout); });
  add_durable(app, durable)->callback([&] { status = run_durable_bench(durable, std::cout); });
  add_mask(app, mask)->callback([&] { status = run_mask_bench(mask, std::cout); });
  add_quantise(app, quantise)->callback([&] { status = run_quantise_bench(quantise, std::cout); });
  add_noise(app, noise)->callback([&] { status = run_noise_bench(noise, std::cout); });
  add_accountant(app, accountant)->callback([&] {
    status = run_accountant_bench(accountant, std::cout);
  });
  add_shared(app, shared)->callback([&] { status = run_shared_bench(shared, std::cout); });
  add_encrypted(app, encrypted)->callback([&] {
    status = run_encrypted_bench(encrypted, std::cout);
  });
  add_secure(app, secure)->callback([&] { status = run_secure_sum_bench(secure, std::cout); });
  add_echo_edge(app, edge_config, parameter_count)->callback([&] {
    status = run_echo_edge(edge_config, parameter_count);
  });
  CLI11_PARSE(app, argc, argv);
  return status;
}
