// Which workloads can be measured, and with what options?
#include <iostream>

#include <CLI/CLI.hpp>

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

  CLI11_PARSE(app, argc, argv);
  return status;
}
