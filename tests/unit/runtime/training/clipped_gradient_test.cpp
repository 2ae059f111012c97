// Is the sum of clipped gradients that of gradients computed one example at a time, and does no
// example move it by more than the norm?
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"
#include "training/cross_entropy.hpp"

using namespace godwit;

namespace {

/// Layers of random widths; two convolutions in front where `has_images`.
network_shape random_shape(std::mt19937_64& draw, bool has_images) {
  const auto between = [&draw](std::size_t low, std::size_t high) {
    return low + draw() % (high - low + 1);
  };
  network_shape made;
  const auto place = [&made](std::size_t count) {
    made.parameter_count += count;
    return made.parameter_count - count;
  };
  std::size_t width = between(1, 90);
  if (has_images) {
    conv_layer first{.height = 4 * between(1, 3), .width = 4 * between(1, 3)};
    first.inputs = between(1, 3);
    first.outputs = 16 * between(1, 2);
    conv_layer second{.height = first.height / 2, .width = first.width / 2};
    second.inputs = first.outputs;
    second.outputs = 16 * between(1, 4);
    made.feature_count = first.height * first.width * first.inputs;
    for (conv_layer* layer : {&first, &second}) {
      layer->weight_at = place(layer->kernel_size() * layer->outputs);
      layer->bias_at = place(layer->outputs);
      made.convolutions.push_back(*layer);
    }
    width = second.pooled_size();
  } else {
    made.feature_count = width;
  }
  for (std::size_t left = between(1, 3); left-- > 0;) {
    dense_layer layer{.inputs = width, .outputs = left == 0 ? 5 : between(1, 90)};
    layer.weight_at = place(layer.inputs * layer.outputs);
    layer.bias_at = place(layer.outputs);
    made.denses.push_back(layer);
    width = layer.outputs;
  }
  return made;
}

/// A network with data: all that a step works on.
struct stage {
  stage(network_shape shape, std::size_t rows, std::uint64_t seed, const kernels& with)
      : data(made_up::bands({static_cast<std::uint32_t>(shape.feature_count)}, 5, rows, seed)),
        parameters(made_up::numbers(shape.parameter_count, seed)),
        arithmetic(std::move(shape), with) {
    for (auto& value : parameters)
      value *= 0.2F;
    arithmetic.reserve(rows);
  }
  void forward(std::span<const std::uint32_t> rows) {
    arithmetic.parameters_changed(parameters.data());
    float* scores = arithmetic.forward(parameters.data(), *data.data, rows);
    cross_entropy(arithmetic.with(), rows, data.data->labels.data(), arithmetic.class_count(), 1.0F,
                  scores);
  }
  /// That of one example, by the way back of plain SGD.
  std::vector<float> gradient_of(std::uint32_t row) {
    forward(std::span(&row, 1));
    std::vector<float> made(parameters.size());
    arithmetic.backward(parameters.data(), {.target = made.data()});
    return made;
  }
  std::vector<float> clipped_sum(std::span<const std::uint32_t> rows, double norm_max,
                                 std::vector<double>& norms) {
    forward(rows);
    std::vector<float> made(parameters.size(), std::numeric_limits<float>::quiet_NaN());
    norms.assign(rows.size(), 0);
    arithmetic.backward_clipped(parameters.data(), norm_max, made.data(), norms);
    return made;
  }
  examples data;
  std::vector<float> parameters;
  engine arithmetic;
};

double norm_of(const std::vector<float>& values) {
  return std::sqrt(square_of(values.data(), values.size()));
}

double distance(const std::vector<float>& one, const std::vector<float>& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const double apart = static_cast<double>(one[i]) - static_cast<double>(other[i]);
    sum += apart * apart;
  }
  return std::sqrt(sum);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// What the sum is to be, and the norms, one example at a time.
void check_against_one_by_one(stage& on) {
  std::vector<std::vector<float>> each;
  std::vector<double> alone;
  for (const auto row : on.data.rows) {
    each.push_back(on.gradient_of(row));
    alone.push_back(norm_of(each.back()));
  }
  const double norm_max = median(alone); // so that one half is cut
  std::vector<double> norms;
  const auto sum = on.clipped_sum(on.data.rows, norm_max, norms);
  std::vector<float> expected(sum.size());
  for (std::size_t i = 0; i < each.size(); ++i) {
    CHECK(norms[i] == doctest::Approx(alone[i]).epsilon(1e-4));
    const auto factor = static_cast<float>(std::min(1.0, norm_max / alone[i]));
    for (std::size_t at = 0; at < sum.size(); ++at)
      expected[at] += factor * each[i][at];
  }
  CHECK(distance(sum, expected) <= 1e-4 * norm_max * std::sqrt(static_cast<double>(each.size())));
}

} // namespace

TEST_CASE("norms and clipped sums are those of gradients made one example at a time") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 draw(seed);
  for (const kernels* with : usable_kernels())
    for (int trial = 0; trial < 12; ++trial) {
      const bool has_images = trial % 3 == 0;
      CAPTURE(std::string(with->name));
      CAPTURE(trial);
      stage on(random_shape(draw, has_images), 1 + draw() % (has_images ? 8 : 80), draw(), *with);
      check_against_one_by_one(on);
    }
}

TEST_CASE("one example more moves a clipped sum by the norm at most, and a plain one by more") {
  std::mt19937_64 draw(4);
  for (const bool has_images : {false, true}) {
    CAPTURE(has_images);
    stage on(random_shape(draw, has_images), 20, 9, *usable_kernels().front());
    std::vector<double> norms;
    on.clipped_sum(on.data.rows, 1, norms);
    const double norm_max = median(norms) / 2;
    const auto all = on.clipped_sum(on.data.rows, norm_max, norms);
    const auto plain = on.clipped_sum(on.data.rows, 1e30, norms);
    double farthest = 0;
    for (std::size_t left_out = 0; left_out < on.data.size(); ++left_out) {
      auto rows = on.data.rows;
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(left_out));
      CHECK(distance(all, on.clipped_sum(rows, norm_max, norms)) <= norm_max * (1 + 0x1p-7));
      farthest = std::max(farthest, distance(plain, on.clipped_sum(rows, 1e30, norms)));
    }
    CHECK(farthest > 1.5 * norm_max); // which the check above would find
  }
}

TEST_CASE("an example whose gradient is no number has no part, and says so by its norm") {
  std::mt19937_64 draw(5);
  for (const bool has_images : {false, true})
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      CAPTURE(has_images);
      CAPTURE(bad);
      stage on(random_shape(draw, has_images), 9, 3, *usable_kernels().front());
      auto floats = std::make_shared<dataset>(*on.data.data);
      for (const auto pixel : floats->pixels)
        floats->values.push_back(static_cast<float>(pixel) / 255.0F);
      floats->pixels.clear();
      floats->values[4 * floats->feature_count()] = bad;
      on.data.data = floats;
      std::vector<double> norms, ignored;
      const auto all = on.clipped_sum(on.data.rows, 0.5, norms);
      CHECK_FALSE(std::isfinite(norms[4]));
      auto rows = on.data.rows;
      rows.erase(rows.begin() + 4);
      CHECK(distance(all, on.clipped_sum(rows, 0.5, ignored)) <= 1e-5);
    }
}
