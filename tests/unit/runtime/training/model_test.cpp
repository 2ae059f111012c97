// What does a model promise to those who train and evaluate with it?
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"

using namespace godwit;

namespace {

const std::array<const char*, 3> names{"softmax", "mlp-2nn", "cnn-mcmahan"};

std::vector<float> trained(const examples& data, const char* name, const training_plan& plan,
                           const kernels* with = nullptr) {
  const auto model = made_up::network(name, data, with);
  auto parameters = made_up::fresh_parameters(*model, 4);
  REQUIRE(model->train(parameters, data, plan));
  return parameters;
}

failure_code why_not_trained(model& of, std::vector<float> parameters, const examples& data,
                             const training_plan& plan, const training_terms& terms = {}) {
  auto outcome = of.train(parameters, data, plan, terms);
  REQUIRE_FALSE(outcome);
  CHECK_FALSE(outcome.why().detail.empty());
  return outcome.why().code;
}

/// Two classes of four features; the model answers with the larger of the first two.
examples hand_made(std::vector<float> values, std::vector<std::uint8_t> labels) {
  auto data = std::make_shared<dataset>();
  data->shape = {4};
  data->class_count = 2;
  data->values = std::move(values);
  data->labels = std::move(labels);
  examples all{data, std::vector<std::uint32_t>(data->size())};
  std::iota(all.rows.begin(), all.rows.end(), 0U);
  return all;
}
const std::vector<float> first_two{1, 0, 0, 0, 0, 1, 0, 0, /* biases */ 0, 0};

} // namespace

TEST_CASE("the networks have as many parameters as the papers say") {
  const std::array<std::size_t, 3> counts{7'850, 199'210, 1'663'370};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const std::vector<std::uint32_t>& shape :
         {std::vector<std::uint32_t>{28, 28}, {28, 28, 1}}) {
      auto made = make_model(names[i], shape, 10);
      REQUIRE(made);
      CHECK((*made)->size() == counts[i]);
    }
}

TEST_CASE("tensors are named and shaped as PyTorch would, kernels with the input channel last") {
  auto made = make_model("cnn-mcmahan", {28, 28}, 10);
  REQUIRE(made);
  const model_layout expected{{"conv1.weight", {32, 5, 5, 1}},  {"conv1.bias", {32}},
                              {"conv2.weight", {64, 5, 5, 32}}, {"conv2.bias", {64}},
                              {"fc1.weight", {512, 3136}},      {"fc1.bias", {512}},
                              {"fc2.weight", {10, 512}},        {"fc2.bias", {10}}};
  CHECK((*made)->layout() == expected);
}

TEST_CASE("a model that cannot be is refused with a reason") {
  const auto code = [](std::string_view name, const std::vector<std::uint32_t>& shape,
                       std::uint32_t classes) {
    auto made = make_model(name, shape, classes);
    REQUIRE_FALSE(made);
    CHECK_FALSE(made.why().detail.empty());
    return made.why().code;
  };
  CHECK(code("transformer", {28, 28}, 10) == failure_code::unsupported);
  CHECK(code("softmax", {}, 10) == failure_code::bad_config);
  CHECK(code("softmax", {28, 0}, 10) == failure_code::bad_config);
  CHECK(code("softmax", {4'000'000'000U, 4'000'000'000U, 4'000'000'000U}, 10) ==
        failure_code::bad_config);
  CHECK(code("softmax", {28, 28}, 1) == failure_code::bad_config);
  CHECK(code("softmax", {28, 28}, 257) == failure_code::bad_config);
  CHECK(code("cnn-mcmahan", {60}, 10) == failure_code::bad_config);
  CHECK(code("cnn-mcmahan", {30, 28}, 10) == failure_code::bad_config);
}

TEST_CASE(
    "initial parameters are uniform within one over the root of the fan-in, and the seed's alone") {
  const auto data = made_up::bands({16}, 4, 4, 1);
  const auto model = made_up::network("softmax", data);
  const auto a = made_up::fresh_parameters(*model, 1), b = made_up::fresh_parameters(*model, 2);
  CHECK(made_up::same_bits(a, made_up::fresh_parameters(*model, 1)));
  CHECK_FALSE(made_up::same_bits(a, b));
  float largest = 0.0F;
  for (float value : a)
    largest = std::max(largest, std::fabs(value));
  CHECK(largest <= 0.25F);
  CHECK(largest > 0.2F);
}

TEST_CASE("the loss falls and the answers become right") {
  const auto data = made_up::bands({8, 8}, 4, 96, 1);
  for (const char* name : names) {
    CAPTURE(name);
    const auto model = made_up::network(name, data);
    auto parameters = made_up::fresh_parameters(*model, 4);
    auto before = model->evaluate(parameters, data);
    auto outcome =
        model->train(parameters, data, {.epochs = 6, .batch_size = 10, .learning_rate = 0.1F});
    auto after = model->evaluate(parameters, data);
    REQUIRE(before);
    REQUIRE(outcome);
    REQUIRE(after);
    CHECK(after->loss() < 0.6 * before->loss());
    CHECK(outcome->loss < before->loss());
    CHECK(after->accuracy() > 0.95);
    CHECK(after->example_count == 96);
  }
}

TEST_CASE("predictions are the answers that an evaluation counts") {
  const auto data = made_up::bands({8, 8}, 4, 300, 1); // more than one batch
  for (const char* name : names) {
    CAPTURE(name);
    const auto model = made_up::network(name, data);
    const auto parameters = made_up::fresh_parameters(*model, 4);
    const auto judged = model->evaluate(parameters, data);
    const auto answers = model->predict(parameters, data);
    REQUIRE(judged);
    REQUIRE(answers);
    REQUIRE(answers->size() == 300);
    std::size_t correct = 0;
    for (std::size_t i = 0; i < data.size(); ++i)
      correct += (*answers)[i] == data.data->labels[data.rows[i]];
    CHECK(correct == judged->correct_count);
    CHECK_FALSE(model->predict(std::span(parameters).first(3), data));
  }
}

TEST_CASE("the same seed gives the same bits, in every thread, with every set of kernels") {
  const auto data = made_up::bands({8, 8}, 4, 45, 1);
  for (const kernels* with : usable_kernels())
    for (const char* name : names)
      for (float momentum : {0.0F, 0.5F}) {
        CAPTURE(std::string(with->name));
        CAPTURE(name);
        const training_plan plan{.epochs = 1, .batch_size = 30, .momentum = momentum, .seed = 5};
        const auto here = trained(data, name, plan, with);
        CHECK(made_up::same_bits(here, trained(data, name, plan, with)));
        std::array<std::vector<float>, 2> there;
        {
          std::jthread one([&] { there[0] = trained(data, name, plan, with); });
          std::jthread two([&] { there[1] = trained(data, name, plan, with); });
        }
        CHECK(made_up::same_bits(here, there[0]));
        CHECK(made_up::same_bits(here, there[1]));
        training_plan other = plan;
        other.seed = 6;
        CHECK_FALSE(made_up::same_bits(here, trained(data, name, other, with)));
      }
}

TEST_CASE("a model keeps nothing from one client to the next") {
  const auto small = made_up::bands({8, 8}, 4, 9, 1), large = made_up::bands({8, 8}, 4, 80, 2);
  for (const char* name : names) {
    CAPTURE(name);
    const auto shared = made_up::network(name, small);
    const auto start = made_up::fresh_parameters(*shared, 4);
    for (const auto& [data, batch] :
         {std::pair{&small, 4U}, {&large, 0U}, {&small, 9U}, {&large, 33U}}) {
      const training_plan plan{
          .batch_size = batch, .momentum = batch == 33U ? 0.9F : 0.0F, .seed = 3};
      auto ours = start;
      REQUIRE(shared->train(ours, *data, plan));
      auto alone = start;
      REQUIRE(made_up::network(name, small)->train(alone, *data, plan));
      CHECK(made_up::same_bits(ours, alone));
    }
  }
}

TEST_CASE("the last, shorter batch is kept and batch size 0 means all") {
  const auto data = made_up::bands({12}, 3, 25, 1);
  const auto model = made_up::network("softmax", data);
  const auto start = made_up::fresh_parameters(*model, 4);
  auto parameters = start;
  auto outcome = model->train(parameters, data, {.epochs = 2, .batch_size = 10});
  REQUIRE(outcome);
  CHECK(outcome->step_count == 6);
  CHECK(outcome->example_count == 25);
  auto without = start;
  auto stopped = model->train(without, data, {.epochs = 1, .batch_size = 10},
                              {.correction = {}, .step_count_max = 2});
  auto with = start;
  REQUIRE(model->train(with, data, {.epochs = 1, .batch_size = 10}));
  REQUIRE(stopped);
  CHECK(stopped->step_count == 2);
  CHECK_FALSE(made_up::same_bits(with, without));
  auto whole = start, same = start;
  auto one_step = model->train(whole, data, {.batch_size = 0});
  REQUIRE(one_step);
  CHECK(one_step->step_count == 1);
  REQUIRE(model->train(same, data, {.batch_size = 25}));
  CHECK(made_up::same_bits(whole, same));
}

TEST_CASE("each pass takes every example once, in an order of its own") {
  // At a learning rate that changes next to nothing, the mean over the steps is the loss over all
  // examples, unless one is left out or taken twice.
  const auto data = made_up::bands({12}, 3, 30, 1);
  const auto model = made_up::network("softmax", data);
  auto parameters = made_up::fresh_parameters(*model, 4);
  auto before = model->evaluate(parameters, data);
  auto outcome =
      model->train(parameters, data, {.epochs = 1, .batch_size = 1, .learning_rate = 1e-7F});
  REQUIRE(before);
  REQUIRE(outcome);
  CHECK(outcome->loss == doctest::Approx(before->loss()).epsilon(1e-5));
}

TEST_CASE("training that is asked to stop does") {
  const auto data = made_up::bands({8, 8}, 4, 20, 1);
  for (const char* name : names) {
    const auto model = made_up::network(name, data);
    auto parameters = made_up::fresh_parameters(*model, 4);
    std::stop_source source;
    REQUIRE(model->train(parameters, data, {}, {}, source.get_token()));
    source.request_stop();
    auto outcome = model->train(parameters, data, {}, {}, source.get_token());
    REQUIRE_FALSE(outcome);
    CHECK(outcome.why().code == failure_code::cancelled);
  }
}

TEST_CASE("plans and examples that do not fit are refused") {
  const auto data = made_up::bands({12}, 3, 25, 1);
  const auto model = made_up::network("softmax", data);
  const auto good = made_up::fresh_parameters(*model, 4);
  const float none = std::numeric_limits<float>::quiet_NaN();
  for (const training_plan& plan :
       {training_plan{.epochs = 0}, training_plan{.epochs = 1001},
        training_plan{.learning_rate = 0.0F}, training_plan{.learning_rate = none},
        training_plan{.learning_rate = -1.0F}, training_plan{.momentum = 1.0F},
        training_plan{.momentum = -0.1F}, training_plan{.weight_decay = none}})
    CHECK(why_not_trained(*model, good, data, plan) == failure_code::bad_config);
  CHECK(why_not_trained(*model, std::vector<float>(7), data, {}) == failure_code::bad_config);
  const std::vector<float> short_pull(3);
  CHECK(why_not_trained(*model, good, data, {},
                        {.correction = {.decay = 0.0F, .pull = short_pull}}) ==
        failure_code::bad_config);
  CHECK(why_not_trained(*model, good, made_up::bands({13}, 3, 5, 1), {}) ==
        failure_code::bad_config);
  CHECK(why_not_trained(*model, good, made_up::bands({12}, 4, 8, 1), {}) ==
        failure_code::bad_config);
  examples outside = data;
  outside.rows.push_back(25);
  CHECK(why_not_trained(*model, good, outside, {}) == failure_code::bad_config);
  CHECK(why_not_trained(*model, good, {data.data, {}}, {}) == failure_code::bad_config);
  CHECK(why_not_trained(*model, good, {nullptr, {0}}, {}) == failure_code::bad_config);
}

TEST_CASE("training that diverges says so instead of handing on numbers that are none") {
  const auto data = made_up::bands({12}, 3, 25, 1);
  const auto model = made_up::network("mlp-2nn", data);
  CHECK(why_not_trained(*model, made_up::fresh_parameters(*model, 4), data,
                        {.epochs = 20, .learning_rate = 1e30F}) == failure_code::training);
  auto broken = made_up::fresh_parameters(*model, 4);
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(why_not_trained(*model, broken, data, {}) == failure_code::training);
  for (const char* name : names) {
    const auto images = made_up::bands({8, 8}, 4, 5, 1);
    const auto other = made_up::network(name, images);
    auto parameters = made_up::fresh_parameters(*other, 4);
    parameters[3] = std::numeric_limits<float>::infinity();
    auto judged = other->evaluate(parameters, images);
    REQUIRE_FALSE(judged);
    CHECK(judged.why().code == failure_code::training);
  }
}

TEST_CASE("an evaluation counts right answers and sums losses") {
  const auto data =
      hand_made({2, 0, 9, 9, /**/ 0, 3, 9, 9, /**/ 5, 0, 9, 9, /**/ 1, 1, 9, 9}, {0, 1, 1, 0});
  const auto model = made_up::network("softmax", data);
  auto judged = model->evaluate(first_two, data);
  REQUIRE(judged);
  CHECK(judged->example_count == 4);
  CHECK(judged->correct_count ==
        3); // the third is wrong; of equal scores the lower class is the answer
  const double expected = std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-3.0)) +
                          std::log1p(std::exp(5.0)) + std::log(2.0);
  CHECK(judged->loss_sum == doctest::Approx(expected).epsilon(1e-6));
  auto some = model->evaluate(first_two, {data.data, {2, 2}});
  REQUIRE(some);
  CHECK(some->example_count == 2);
  CHECK(some->correct_count == 0);
  auto nothing = model->evaluate(first_two, {data.data, {}});
  REQUIRE(nothing);
  CHECK(nothing->example_count == 0);
}

TEST_CASE("an evaluation of many batches is the sum of its parts") {
  const auto data = made_up::bands({8, 8}, 4, 700, 1);
  for (const char* name : names) {
    CAPTURE(name);
    const auto model = made_up::network(name, data);
    const auto parameters = made_up::fresh_parameters(*model, 4);
    auto whole = model->evaluate(parameters, data);
    REQUIRE(whole);
    double loss = 0.0;
    std::uint64_t correct = 0;
    for (std::size_t at = 0; at < 700; at += 50) {
      auto part =
          model->evaluate(parameters, {data.data,
                                       {data.rows.begin() + static_cast<std::ptrdiff_t>(at),
                                        data.rows.begin() + static_cast<std::ptrdiff_t>(at + 50)}});
      REQUIRE(part);
      loss += part->loss_sum;
      correct += part->correct_count;
    }
    CHECK(whole->example_count == 700);
    CHECK(whole->correct_count == correct);
    CHECK(whole->loss_sum == doctest::Approx(loss).epsilon(1e-5));
  }
}
