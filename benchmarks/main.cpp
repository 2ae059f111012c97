// Which workloads can be measured, and with what options?
#include <cstddef>
#include <iostream>

#include <CLI/CLI.hpp>

#include "aggregate_bench.hpp"
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

  CLI11_PARSE(app, argc, argv);
  return status;
}
