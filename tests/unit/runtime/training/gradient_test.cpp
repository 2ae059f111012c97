// Is what backward computes the gradient of the loss, and is a step what it says?
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"
#include "plain_network.hpp"

using namespace godwit;

namespace {

struct subject {
  const char* model;
  std::vector<std::uint32_t> shape;
  std::size_t examples;
};

/// Feature counts that are no multiple of a vector, batches on both sides of each kernel's limits.
const std::vector<subject> subjects{{"softmax", {37}, 5},         {"softmax", {7, 9}, 70},
                                    {"mlp-2nn", {37}, 5},         {"mlp-2nn", {130}, 40},
                                    {"mlp-2nn", {11}, 300},       {"cnn-mcmahan", {8, 12}, 3},
                                    {"cnn-mcmahan", {8, 8, 3}, 2}};

/// The slope of the loss along one parameter, by central differences in double precision.
double slope(const model_layout& layout, std::vector<double>& parameters, std::size_t at,
             const examples& data) {
  constexpr double reach = 1e-5;
  const double here = parameters[at];
  parameters[at] = here + reach;
  const double above = plain::loss(layout, parameters, data);
  parameters[at] = here - reach;
  const double below = plain::loss(layout, parameters, data);
  parameters[at] = here;
  return (above - below) / (2 * reach);
}

void check_gradient(const kernels& with, const subject& what) {
  const examples data = made_up::bands(what.shape, 5, what.examples, 3);
  const auto model = made_up::network(what.model, data, &with);
  const std::vector<float> parameters = made_up::fresh_parameters(*model, 11);
  std::vector<float> gradient(model->size(), 1e9F);
  auto loss = model->gradient(parameters, data, gradient);
  REQUIRE(loss);
  std::vector<double> exact(parameters.begin(), parameters.end());
  CHECK(*loss == doctest::Approx(plain::loss(model->layout(), exact, data)).epsilon(1e-5));

  random_stream stream(5, "test coordinates");
  std::size_t start = 0;
  for (const tensor_spec& tensor : model->layout()) {
    CAPTURE(tensor.name);
    double largest = 0.0;
    for (std::size_t i = 0; i < tensor.element_count(); ++i)
      largest = std::max(largest, std::fabs(static_cast<double>(gradient[start + i])));
    CHECK(largest > 1e-6);
    for (int trial = 0; trial < 6; ++trial) {
      const std::size_t at = start + stream.below(tensor.element_count());
      CAPTURE(at - start);
      const double expected = slope(model->layout(), exact, at, data);
      CHECK(std::fabs(static_cast<double>(gradient[at]) - expected) < 1e-3 * largest + 1e-7);
    }
    start += tensor.element_count();
  }
}

/// w, v and the steps as the plan defines them, one parameter at a time.
void plain_steps(model& of, std::vector<float>& w, const examples& data, const training_plan& plan,
                 const affine_correction& correction, int steps) {
  std::vector<float> g(w.size()), v(w.size(), 0.0F);
  for (int step = 0; step < steps; ++step) {
    REQUIRE(of.gradient(w, data, g));
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float pull = correction.pull.empty() ? 0.0F : correction.pull[i];
      v[i] = plan.momentum * v[i] + g[i] + (plan.weight_decay + correction.decay) * w[i] - pull;
      w[i] -= plan.learning_rate * v[i];
    }
  }
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

} // namespace

TEST_CASE(
    "the gradient of every network is that of finite differences, with every set of kernels") {
  for (const kernels* with : usable_kernels())
    for (const subject& what : subjects) {
      CAPTURE(std::string(with->name));
      CAPTURE(what.model);
      CAPTURE(what.examples);
      check_gradient(*with, what);
    }
}

TEST_CASE("a step is the gradient with momentum, weight decay and an affine correction") {
  for (const subject& what : subjects) {
    const examples data = made_up::bands(what.shape, 5, what.examples, 3);
    const auto model = made_up::network(what.model, data);
    const std::vector<float> pull = made_up::numbers(model->size(), 17);
    for (float momentum : {0.0F, 0.9F})
      for (float weight_decay : {0.0F, 0.1F})
        for (bool corrected : {false, true}) {
          CAPTURE(what.model);
          CAPTURE(what.examples);
          CAPTURE(momentum);
          CAPTURE(weight_decay);
          CAPTURE(corrected);
          const training_plan plan{.epochs = 3,
                                   .batch_size = 0,
                                   .learning_rate = 0.05F,
                                   .momentum = momentum,
                                   .weight_decay = weight_decay};
          training_terms terms;
          if (corrected)
            terms.correction = {.decay = 0.2F, .pull = pull};
          const std::vector<float> start = made_up::fresh_parameters(*model, 11);
          std::vector<float> trained = start, expected = start;
          REQUIRE(model->train(trained, data, plan, terms));
          plain_steps(*model, expected, data, plan, terms.correction, 3);
          CHECK(largest_difference(expected, start) > 1e-3);
          CHECK(largest_difference(trained, expected) < 2e-5);
        }
  }
}
