#include "linear_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace {

/// What there is to be found, and how well one can measure it.
constexpr std::array<float, 4> true_weight{3.0F, -2.0F, 1.0F, 0.5F};
constexpr float true_bias = 0.25F;
constexpr float noise = 0.05F;

float prediction(std::span<const float> parameters, const std::array<float, 4>& x) {
  float y = parameters[4];
  for (std::size_t i = 0; i < x.size(); ++i)
    y += parameters[i] * x[i];
  return y;
}

} // namespace

linear_trainer::linear_trainer(const std::string& name, std::size_t example_count) {
  std::mt19937_64 random(std::hash<std::string>{}(name));
  std::normal_distribution<float> normal;
  const float centre = 0.5F * normal(random); // each machine sees another part of the world
  const auto measure = [&] {
    example one{};
    for (auto& value : one.x)
      value = centre + normal(random);
    std::array<float, 5> truth{};
    std::copy(true_weight.begin(), true_weight.end(), truth.begin());
    truth[4] = true_bias;
    one.y = prediction(truth, one.x) + noise * normal(random);
    return one;
  };
  std::generate_n(std::back_inserter(training_), example_count, measure);
  std::generate_n(std::back_inserter(held_out_), example_count / 10, measure);
}

godwit::attempt<godwit::training_outcome> linear_trainer::train(std::span<float> parameters,
                                                                const godwit::training_plan& plan,
                                                                const std::stop_token& stop) {
  std::mt19937_64 random(plan.seed);
  godwit::training_outcome outcome{.example_count = training_.size()};
  const std::size_t batch_size = plan.batch_size == 0 ? training_.size() : plan.batch_size;
  for (std::uint32_t epoch = 0; epoch < plan.epochs; ++epoch) {
    std::shuffle(training_.begin(), training_.end(), random);
    double squares = 0;
    for (std::size_t begin = 0; begin < training_.size(); begin += batch_size) {
      if (stop.stop_requested()) // the round is over, or this edge is about to end
        return godwit::failure{.code = godwit::failure_code::cancelled, .detail = "asked to stop"};
      const auto end = std::min(begin + batch_size, training_.size());
      std::array<float, 5> gradient{};
      for (auto i = begin; i < end; ++i) {
        const auto& [x, y] = training_[i];
        const float error = prediction(parameters, x) - y;
        squares += 0.5 * static_cast<double>(error) * static_cast<double>(error);
        for (std::size_t k = 0; k < x.size(); ++k)
          gradient[k] += error * x[k];
        gradient[4] += error;
      }
      const float rate = plan.learning_rate / static_cast<float>(end - begin);
      for (std::size_t k = 0; k < gradient.size(); ++k)
        parameters[k] -= rate * gradient[k];
      ++outcome.step_count;
    }
    outcome.loss = squares / static_cast<double>(training_.size());
  }
  return outcome;
}

godwit::attempt<godwit::evaluation> linear_trainer::evaluate(std::span<const float> parameters) {
  godwit::evaluation result{.example_count = held_out_.size()};
  for (const auto& [x, y] : held_out_) {
    const float error = prediction(parameters, x) - y;
    result.loss_sum += 0.5 * static_cast<double>(error) * static_cast<double>(error);
    result.correct_count += std::abs(error) < 3 * noise ? 1 : 0;
  }
  return result;
}
