// How many examples a CPU second does the training engine train on?
#include "trainer_bench.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "data/random.hpp"
#include "training/kernels.hpp"
#include "training/network.hpp"
#include "training/noised_gradient.hpp"

namespace godwit {

namespace {

struct cell {
  const char* workload;
  const char* model;
  std::uint32_t batch_size;
  std::uint32_t client_examples; ///< of one call of train
};

constexpr std::array cells{
    cell{"softmax-client", "softmax", 64, 64}, // a whole client of one step: what a large
                                               // simulation consists of
    cell{"softmax-b10", "softmax", 10, 600},
    cell{"softmax-b64", "softmax", 64, 640},
    cell{"2nn-b10", "mlp-2nn", 10, 600},
    cell{"2nn-b64", "mlp-2nn", 64, 640},
    cell{"cnn-b10", "cnn-mcmahan", 10, 200},
    cell{"cnn-b64", "cnn-mcmahan", 64, 192},
};

/// Ten smooth patterns, and noise.
std::shared_ptr<const dataset> generated_images(std::size_t count) {
  auto data = std::make_shared<dataset>();
  data->shape = {28, 28};
  data->class_count = 10;
  random_stream stream(7, "trainer bench images");
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(stream.below(10));
    const double shift = stream.uniform();
    for (int y = 0; y < 28; ++y)
      for (int x = 0; x < 28; ++x) {
        const double wave =
            std::sin(0.15 * (label + 1) * x + shift) * std::cos(0.1 * (10 - label) * y - shift);
        data->pixels.push_back(static_cast<std::uint8_t>(
            std::clamp(255.0 * (0.7 * wave + 0.2 * stream.uniform()), 0.0, 255.0)));
      }
    data->labels.push_back(label);
  }
  return data;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

constexpr std::array<std::byte, mask_key_bytes> noise_key{};

/// CPU seconds that the noise of one step takes.
double noise_seconds(std::size_t parameter_count) {
  const auto sampler = noise_sampler::make(noise_kind::discrete_gaussian, 0x1p22);
  std::vector<std::uint64_t> lanes(parameter_count);
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 5; ++repeat) {
    constexpr int draws = 3;
    const double start = cpu_seconds();
    for (int i = 0; i < draws; ++i)
      sampler->add_to(lanes, noise_key);
    best = std::min(best, (cpu_seconds() - start) / draws);
  }
  return best;
}

/// One cell with one set of kernels, kept from repeat to repeat.
struct runner {
  cell what;
  std::string variant;
  std::unique_ptr<model> network;
  std::vector<float> parameters;
  examples data;
  example_noise noise{};
  double best = 0.0; ///< examples a CPU second

  bool repeat(double seconds, std::uint64_t seed) {
    network->initialise(parameters, seed);
    std::uint64_t trained = 0;
    const double start = cpu_seconds();
    double spent = 0.0;
    while (spent < seconds) {
      const training_plan plan{.batch_size = what.batch_size,
                               .learning_rate = 0.02F,
                               .seed = seed + trained,
                               .noise = noise};
      if (!network->train(parameters, data, plan, {.noise_key = noise_key}))
        return false;
      trained += data.size();
      spent = cpu_seconds() - start;
    }
    best = std::max(best, static_cast<double>(trained) / spent);
    return true;
  }
};

} // namespace

int run_trainer_bench(const trainer_bench_options& options, std::ostream& out) {
  const auto data = generated_images(640);
  const auto sets = usable_kernels().first(options.all_kernels ? usable_kernels().size() : 1);
  std::vector<runner> runners;
  for (const cell& what : cells)
    for (const kernels* with : sets) {
      auto made = make_model_with(*with, what.model, data->shape, data->class_count);
      if (!made)
        return 1;
      runner next{what,
                  options.all_kernels ? fmt::format("godwit-{}", with->name) : "godwit",
                  std::move(made).value(),
                  {},
                  {data, std::vector<std::uint32_t>(what.client_examples)}};
      std::iota(next.data.rows.begin(), next.data.rows.end(), 0U);
      next.parameters.resize(next.network->size());
      if (options.hides_examples) {
        auto plain = make_model_with(*with, what.model, data->shape, data->class_count);
        runners.push_back(
            {next.what, next.variant, std::move(plain).value(), next.parameters, next.data});
        next.variant += "-hidden";
        next.noise = {.clip_norm = 1, .noise_multiplier = 1};
      }
      runners.push_back(std::move(next));
    }
  for (unsigned i = 0; i < options.repeats; ++i)
    for (runner& one : runners)
      if (!one.repeat(options.seconds, i + 1))
        return 1;
  fmt::print(out, "workload,variant,metric,value,unit\n");
  for (const runner& one : runners)
    fmt::print(out, "{},{},throughput,{:.0f},examples/cpu_second\n", one.what.workload, one.variant,
               one.best);
  for (std::size_t i = 1; options.hides_examples && i < runners.size(); i += 2) {
    const runner& hidden = runners[i];
    const double step = hidden.what.batch_size / hidden.best;
    fmt::print(out, "{0},{1},step,{2:.0f},us\n{0},{1},noise,{3:.0f},us\n{0},{1},ratio,{4:.2f},\n",
               hidden.what.workload, hidden.variant, 1e6 * step,
               1e6 * noise_seconds(hidden.network->size()), runners[i - 1].best / hidden.best);
  }
  return 0;
}

} // namespace godwit
