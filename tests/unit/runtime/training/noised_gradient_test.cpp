// Are a step's examples drawn as its price assumes, is its noise as large as the plan says, and
// does a model learn through it?
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"
#include "training/noised_gradient.hpp"

using namespace godwit;

namespace {

std::array<std::byte, mask_key_bytes> key_of(int n) {
  std::array<std::byte, mask_key_bytes> made{};
  made[0] = static_cast<std::byte>(n);
  return made;
}

std::vector<std::uint32_t> first(std::uint32_t count) {
  std::vector<std::uint32_t> made(count);
  std::iota(made.begin(), made.end(), 0U);
  return made;
}

training_plan plan_of(std::uint32_t batch_size, float clip_norm, float noise_multiplier) {
  return {.epochs = 1, .batch_size = batch_size, .noise = {clip_norm, noise_multiplier}};
}

std::vector<float> trained(model& of, const examples& data, const training_plan& plan, int key) {
  auto parameters = made_up::fresh_parameters(of, 11);
  const auto bytes = key_of(key);
  const auto outcome = of.train(parameters, data, plan, {.noise_key = bytes});
  REQUIRE(outcome);
  CHECK(outcome->loss == 0);
  CHECK(outcome->step_count == noised_steps_of(plan, data.size()).step_count);
  return parameters;
}

failure_code refused(const training_plan& plan, std::span<const std::byte> key) {
  const auto data = made_up::bands({9}, 3, 20, 1);
  const auto model = made_up::network("softmax", data);
  auto parameters = made_up::fresh_parameters(*model, 1);
  const auto outcome = model->train(parameters, data, plan, {.noise_key = key});
  REQUIRE_FALSE(outcome);
  CHECK_FALSE(outcome.why().detail.empty());
  return outcome.why().code;
}

} // namespace

TEST_CASE("noise has the stated deviation over the expected batch, whatever was drawn") {
  constexpr std::size_t length = 40'000;
  const auto key = key_of(1);
  const auto plan = plan_of(50, 0.5F, 1.5F);
  auto noised = noised_gradient::begin(plan, 1000, length, key);
  REQUIRE(noised);
  CHECK(noised->step_count() == 20);
  std::vector<float> gradient(length), before;
  for (int step = 0; step < 3; ++step) {
    noised->draw_groups(first(1000));
    noised->add(std::vector<float>(length, 0.25F)); // sums of any number of examples
    noised->release(gradient);
    CHECK_FALSE(made_up::same_bits(gradient, before)); // each step has noise of its own
    before = gradient;
    const double expected = 1.5 * (1 + 0x1p-6) * 0.5 / 50;
    double sum = 0, squares = 0;
    for (const float value : gradient) {
      const double noise = static_cast<double>(value) - 0.25 / 50;
      sum += noise;
      squares += noise * noise;
    }
    // Six deviations of either: half of the noise, or none of the clip norm, is far outside.
    CHECK(std::fabs(sum / length) < 6 * expected / std::sqrt(double{length}));
    CHECK(std::fabs(squares / length / (expected * expected) - 1) <
          6 * std::sqrt(2 / double{length}));
  }
}

TEST_CASE("each example is in a step by a chance of its own") {
  constexpr std::uint32_t examples = 2000;
  constexpr int steps = 400;
  for (const std::uint32_t batch : {100U, 600U}) {
    CAPTURE(batch);
    const auto key = key_of(2);
    auto noised = noised_gradient::begin(plan_of(batch, 1, 1), examples, 1, key);
    REQUIRE(noised);
    std::vector<int> times(examples);
    std::vector<float> none(1);
    double sum = 0, squares = 0;
    const double rate = batch / double{examples};
    for (int step = 0; step < steps; ++step) {
      double size = 0;
      const auto& groups = noised->draw_groups(first(examples));
      CHECK(groups.size() == (batch + 127) / 128);
      for (const auto& group : groups) {
        CHECK(group.size() < 256);
        size += static_cast<double>(group.size());
        for (const auto row : group)
          ++times[row];
      }
      noised->release(none);
      sum += size;
      squares += (size - batch) * (size - batch);
    }
    // Batches are binomial: of this mean and this variance, within five deviations.
    const double variance = examples * rate * (1 - rate);
    CHECK(std::fabs(sum / steps - batch) < 5 * std::sqrt(variance / steps));
    CHECK(std::fabs(squares / steps / variance - 1) < 5 * std::sqrt(2.0 / steps));
    double chi_square = 0; // of how often each was in
    for (const int count : times)
      chi_square += (count - steps * rate) * (count - steps * rate) / (steps * rate * (1 - rate));
    CHECK(std::fabs(chi_square - examples) < 5 * std::sqrt(2.0 * examples));
  }
}

TEST_CASE("all that is random of a training comes from its key, and nothing from the plan's seed") {
  const auto data = made_up::bands({6, 6}, 4, 90, 5);
  const auto model = made_up::network("mlp-2nn", data);
  auto plan = plan_of(16, 1, 0.5F);
  plan.epochs = 2;
  const auto once = trained(*model, data, plan, 1);
  CHECK(made_up::same_bits(once, trained(*model, data, plan, 1)));
  CHECK_FALSE(made_up::same_bits(once, trained(*model, data, plan, 2)));
  plan.seed = 77;
  CHECK(made_up::same_bits(once, trained(*model, data, plan, 1)));
}

TEST_CASE("models learn by DP-SGD") {
  const auto data = made_up::bands({8, 8}, 4, 600, 5);
  const auto judged = made_up::bands({8, 8}, 4, 200, 6);
  for (const char* name : {"softmax", "mlp-2nn", "cnn-mcmahan"}) {
    CAPTURE(name);
    const auto model = made_up::network(name, data);
    auto plan = plan_of(100, 1, 1);
    plan.epochs = 4;
    plan.learning_rate = 0.5F;
    const auto before = model->evaluate(made_up::fresh_parameters(*model, 11), judged);
    const auto after = model->evaluate(trained(*model, data, plan, 3), judged);
    REQUIRE(before);
    REQUIRE(after);
    CHECK(after->accuracy() > 0.9);
    CHECK(before->accuracy() < 0.6);
  }
}

TEST_CASE("a plan whose noise cannot be kept to is refused") {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinite = std::numeric_limits<float>::infinity();
  const auto key = key_of(1);
  for (const float bad : {0.0F, -1.0F, none, infinite, 1e7F}) {
    CAPTURE(bad);
    CHECK(refused(plan_of(5, bad, 1), key) == failure_code::bad_config);
    CHECK(refused(plan_of(5, 1, bad), key) == failure_code::bad_config);
  }
  CHECK(refused(plan_of(5, 1, 1), {}) == failure_code::bad_config);
  CHECK(refused(plan_of(5, 1, 1), std::span(key).first(31)) == failure_code::bad_config);
}
