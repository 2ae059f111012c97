// What is FedProx's Synthetic(alpha, beta), and how is it made?
#include "data/synthetic.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "data/portable_math.hpp"
#include "data/random.hpp"

namespace godwit {

namespace {

constexpr std::uint32_t device_count = 30;
constexpr std::size_t width = 60;
constexpr std::size_t classes = 10;
constexpr std::uint64_t size_min = 50;

using input = std::array<double, width>;

/// A device's own classifier: y = arg max(x W + b).
struct local_model {
  std::array<std::array<double, classes>, width> weights;
  std::array<double, classes> bias;
};

local_model draw_model(random_stream& random, double mean) {
  local_model model;
  for (auto& row : model.weights)
    for (auto& weight : row)
      weight = mean + random.normal();
  for (auto& bias : model.bias)
    bias = mean + random.normal();
  return model;
}

std::uint8_t classify(const local_model& model, const input& x) {
  auto scores = model.bias;
  for (std::size_t j = 0; j < width; ++j)
    for (std::size_t c = 0; c < classes; ++c)
      scores[c] += x[j] * model.weights[j][c];
  return static_cast<std::uint8_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

/// The standard deviation of each feature: the square root of j^-1.2, j from 1.
input feature_deviations() {
  input deviations;
  for (std::size_t j = 0; j < width; ++j)
    deviations[j] = portable_exp(-0.6 * portable_log(static_cast<double>(j + 1)));
  return deviations;
}

/// Where ninety percent of the device's examples, in random order, go to training.
std::vector<std::uint64_t> rows_of(std::uint64_t size, std::uint64_t seed, std::uint32_t device,
                                   split which) {
  std::vector<std::uint64_t> rows(size);
  std::iota(rows.begin(), rows.end(), std::uint64_t{0});
  random_stream(seed, "synthetic split", device).shuffle(std::span(rows));
  const auto border = rows.begin() + static_cast<std::ptrdiff_t>(size * 9 / 10);
  return which == split::train ? std::vector(rows.begin(), border)
                               : std::vector(border, rows.end());
}

} // namespace

dataset synthetic(const synthetic_options& options, split which) {
  const auto seed = options.seed;
  random_stream sizes(seed, "synthetic sizes");
  random_stream means(seed, "synthetic means");
  const auto deviations = feature_deviations();
  random_stream shared_draws(seed, "synthetic shared model");
  const auto shared_model = draw_model(shared_draws, 0.0);
  dataset made;
  made.shape = {width};
  made.class_count = classes;
  for (std::uint32_t device = 0; device < device_count; ++device) {
    const auto size = static_cast<std::uint64_t>(sizes.lognormal(4.0, 2.0)) + size_min;
    const double model_mean = options.alpha * means.normal();
    const double input_mean = options.beta * means.normal();
    random_stream random(seed, "synthetic device", device);
    input center{};
    if (!options.iid)
      for (auto& value : center)
        value = input_mean + random.normal();
    const auto model = options.iid ? shared_model : draw_model(random, model_mean);
    std::vector<input> inputs(size);
    for (auto& x : inputs)
      for (std::size_t j = 0; j < width; ++j)
        x[j] = center[j] + deviations[j] * random.normal();
    for (const auto row : rows_of(size, seed, device, which)) {
      for (const double value : inputs[row])
        made.values.push_back(static_cast<float>(value));
      made.labels.push_back(classify(model, inputs[row]));
      made.keys.push_back(device);
    }
  }
  return made;
}

} // namespace godwit
