#include "simulation_bench.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <numeric>
#include <stdexcept>

#include <sys/resource.h>

#include <fmt/format.h>

#include <godwit/runtime/simulation.hpp>

#include "csv_rows.hpp"
#include "data/idx.hpp"
#include "scratch_folder.hpp"
#include "training/model.hpp"

namespace godwit {
namespace {

constexpr std::uint32_t examples_each = 64;

/// Noise in ten classes: how fast training is does not depend on what it learns from.
std::shared_ptr<const dataset> noise(std::size_t count) {
  auto data = std::make_shared<dataset>();
  data->shape = {28, 28};
  data->class_count = 10;
  data->pixels.resize(count * data->feature_count());
  std::uint64_t state = 88172645463325252U; // xorshift64 (Marsaglia 2003)
  for (auto& pixel : data->pixels) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    pixel = static_cast<std::uint8_t>(state >> 56);
  }
  for (std::size_t i = 0; i < count; ++i)
    data->labels.push_back(static_cast<std::uint8_t>(i % 10));
  return data;
}

examples rows_of(const std::shared_ptr<const dataset>& data, std::size_t first, std::size_t count) {
  examples part{data, std::vector<std::uint32_t>(count)};
  std::iota(part.rows.begin(), part.rows.end(), static_cast<std::uint32_t>(first));
  return part;
}

training_plan one_step() {
  return {.epochs = 1, .batch_size = examples_each, .learning_rate = 0.01F};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Updates a second of one thread that does nothing else.
double bare_rate(const std::shared_ptr<const dataset>& data, std::uint32_t clients,
                 std::uint32_t updates) {
  auto network = make_model("softmax", data->shape, data->class_count);
  if (!network)
    throw std::runtime_error(network.why().detail);
  std::vector<examples> parts;
  for (std::uint32_t i = 0; i < clients; ++i)
    parts.push_back(rows_of(data, std::size_t{i} * examples_each, examples_each));
  std::vector<float> start((*network)->size()), trained(start.size());
  const auto began = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < updates; ++i) {
    trained = start;
    if (auto done = (*network)->train(trained, parts[i % clients], one_step()); !done)
      throw std::runtime_error(done.why().detail);
  }
  return updates / seconds_since(began);
}

simulation_config config_of(const scratch_folder& folder, std::uint32_t clients,
                            const simulation_bench_options& options) {
  simulation_config config;
  config.threads = options.threads;
  config.out = folder.path() / "run";
  config.data.source = "idx";
  config.data.folder = folder.path() / "data";
  config.partition.clients = clients;
  config.evaluation_percent = 0;
  config.job.model = "softmax";
  config.job.rounds = std::max(2U, options.update_count / clients);
  config.job.evaluate_every = 0;
  config.job.round.cohort = clients;
  config.job.round.over_selection = 1.0;
  config.job.round.deadline = std::chrono::hours(24);
  config.job.client = one_step();
  return config;
}

void measure(std::uint32_t clients, const simulation_bench_options& options, std::ostream& csv) {
  const scratch_folder folder;
  const auto config = config_of(folder, clients, options);
  const auto data = noise(std::size_t{clients} * examples_each);
  for (const auto& [part, prefix] : {std::pair{rows_of(data, 0, data->size()), "train"},
                                     std::pair{rows_of(data, 0, 100), "t10k"}})
    if (auto written = write_idx(part, config.data.folder, prefix); !written)
      throw std::runtime_error(written.why().detail);
  std::cerr << fmt::format("W6: {} clients, {} rounds\n", clients, config.job.rounds);
  const auto bare = bare_rate(data, clients, config.job.rounds * clients);
  const auto run = run_simulation(config);
  if (!run)
    throw std::runtime_error(run.why().detail);
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  rows to(csv, fmt::format("W6,n{}", clients));
  const auto rate = static_cast<double>(run->update_count) / run->wall_seconds;
  to.write("updates", rate, "1/s");
  to.write("bare_training_in_one_thread", bare, "1/s");
  to.write("ratio_to_bare_training", rate / bare, "1");
  to.write("peak", static_cast<double>(used.ru_maxrss) / 1024.0, "MiB");
  to.write("of_it_data", mebibytes(2 * static_cast<double>(data->pixels.size())), "MiB");
}

} // namespace

int run_simulation_bench(const simulation_bench_options& options, std::ostream& csv) {
  try {
    for (const auto clients : options.client_counts)
      measure(clients, options, csv);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "W6: " << e.what() << '\n';
    return 1;
  }
}

} // namespace godwit
