#include "rounds_bench.hpp"

#include <algorithm>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "csv_rows.hpp"
#include "networked.hpp"

namespace godwit {
namespace {

void write_memory(rows& to, const networked_run& run, std::uint64_t parameter_count) {
  const double model = mebibytes(static_cast<double>(parameter_count * sizeof(float)));
  const double peak = mebibytes(static_cast<double>(run.server.peak_bytes));
  to.write("server_peak", peak, "MiB");
  to.write("server_peak_over_model", peak - model, "MiB");
  to.write("edge_peak", mebibytes(static_cast<double>(run.edge.peak_bytes)), "MiB");
}

bool measure(const rounds_bench_options& options, std::uint32_t edges, std::uint64_t parameters,
             std::ostream& csv) {
  const auto name = fmt::format("n{}_p{}", edges, parameters);
  const auto round_count =
      options.round_count > 0 ? options.round_count : rounds_of_run(parameters);
  std::cerr << "W2 " << name << ": " << round_count << " rounds\n";
  const auto run = run_networked(
      {.edge_count = edges, .parameter_count = parameters, .round_count = round_count});
  if (!run.trouble.empty()) {
    std::cerr << "W2 " << name << ": " << run.trouble << '\n';
    return false;
  }
  rows to(csv, fmt::format("W2,{}_{}", name, options.all_cores ? "all_cores" : "one_core"));
  const auto round = median_of(run.round_seconds);
  to.write("round", round, "s");
  to.write("slowest_round", *std::max_element(run.round_seconds.begin(), run.round_seconds.end()),
           "s");
  to.write("same_bytes_over_bare_tls", run.wire_seconds, "s");
  to.write("ratio_to_bare_tls", round / run.wire_seconds, "1");
  if (run.round_cpu_seconds > 0)
    to.write("cpu_a_round", run.round_cpu_seconds, "s");
  to.write("server_cpu_a_round", run.server.cpu_seconds / round_count, "s");
  write_memory(to, run, parameters);
  return true;
}

} // namespace

int run_rounds_bench(const rounds_bench_options& options, std::ostream& csv) {
  if (!options.all_cores)
    stay_on_one_core();
  bool good = true;
  for (const auto parameters : options.parameter_counts)
    for (const auto edges : options.edge_counts)
      good = measure(options, edges, parameters, csv) && good;
  return good ? 0 : 1;
}

int run_durable_bench(const durable_bench_options& options, std::ostream& csv) {
  const auto name = fmt::format("n{}_p{}", options.edge_count, options.parameter_count);
  rows to(csv, fmt::format("durable,{}", name));
  double seconds[2] = {};
  for (const bool in_memory : {true, false}) {
    std::cerr << "durable " << name << (in_memory ? ": in memory\n" : ": on the disk\n");
    const auto run = run_networked({.edge_count = options.edge_count,
                                    .parameter_count = options.parameter_count,
                                    .round_count = options.round_count,
                                    .at_most = std::chrono::seconds(900),
                                    .server_in_memory = in_memory});
    if (!run.trouble.empty()) {
      std::cerr << "durable " << name << ": " << run.trouble << '\n';
      return 1;
    }
    seconds[in_memory] = median_of(run.round_seconds);
    to.write(in_memory ? "round_in_memory" : "round", seconds[in_memory], "s");
  }
  to.write("ratio_to_memory", seconds[0] / seconds[1], "1");
  return 0;
}

int run_large_bench(std::uint64_t model_bytes, std::ostream& csv) {
  const auto parameters = model_bytes / sizeof(float);
  std::cerr << "W7: one round of " << model_bytes << " bytes, two edges\n";
  const auto run = run_networked({.edge_count = 2,
                                  .parameter_count = parameters,
                                  .round_count = 1,
                                  .at_most = std::chrono::seconds(1800)});
  if (!run.trouble.empty()) {
    std::cerr << "W7: " << run.trouble << '\n';
    return 1;
  }
  rows to(csv, fmt::format("W7,n2_b{}", model_bytes));
  to.write("first_round_end", run.first_round_end, "s");
  to.write("same_bytes_over_bare_tls", run.wire_seconds, "s");
  to.write("server_cpu", run.server.cpu_seconds, "s");
  to.write("server_peak_in_models",
           static_cast<double>(run.server.peak_bytes) / static_cast<double>(model_bytes), "1");
  to.write("edge_peak_in_models",
           static_cast<double>(run.edge.peak_bytes) / static_cast<double>(model_bytes), "1");
  write_memory(to, run, parameters);
  return 0;
}

} // namespace godwit
