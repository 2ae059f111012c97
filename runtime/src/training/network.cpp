// How do SGD and evaluation drive the engine?
#include "training/network.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "data/random.hpp"
#include "training/cross_entropy.hpp"
#include "training/noised_gradient.hpp"

namespace godwit {

namespace {

failure misfit(std::string detail) {
  return {failure_code::bad_config, false, std::move(detail)};
}

failure diverged() {
  return {failure_code::training, false,
          "training diverged: a loss or a parameter is not finite; try a lower learning rate"};
}

/// Finite means an exponent that is not all ones. Bits, not std::isfinite, because this is a pass
/// over all parameters.
bool all_finite(std::span<const float> values) noexcept {
  constexpr std::uint32_t exponent = 0x7F800000U;
  std::uint32_t found = 0;
  for (float value : values)
    found |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  return found == 0;
}

attempt<done> check_plan(const training_plan& plan, const training_terms& terms,
                         std::size_t parameter_count) {
  const auto usable = [](float value) { return std::isfinite(value) && value >= 0.0F; };
  if (plan.epochs < 1 || plan.epochs > 1000)
    return misfit(fmt::format("a training plan of {} epochs; give 1 to 1000", plan.epochs));
  if (!usable(plan.learning_rate) || plan.learning_rate == 0.0F)
    return misfit(fmt::format("a learning rate of {}; give a positive number", plan.learning_rate));
  if (!usable(plan.momentum) || plan.momentum >= 1.0F)
    return misfit(
        fmt::format("a local momentum of {}; give 0 up to, but not including, 1", plan.momentum));
  if (!usable(plan.weight_decay) || !usable(terms.correction.decay))
    return misfit(
        fmt::format("a weight decay of {} and a correction's decay of {}; give numbers from 0 on",
                    plan.weight_decay, terms.correction.decay));
  if (const auto given = terms.correction.pull.size(); given != 0 && given != parameter_count)
    return misfit(fmt::format("a correction for {} parameters of a model that has {}", given,
                              parameter_count));
  return done{};
}

} // namespace

network::network(network_shape shape, model_layout layout, const kernels& with)
    : engine_(std::move(shape), with), layout_(std::move(layout)),
      parameter_count_(static_cast<std::size_t>(parameter_count(layout_))) {}

void network::initialise(std::span<float> parameters, std::uint64_t seed) const {
  GODWIT_CHECK(parameters.size() == parameter_count_,
               "initialise wants an array of the model's size");
  random_stream stream(seed, "model initialisation");
  std::size_t at = 0, fan_in = 1;
  for (const tensor_spec& tensor : layout_) {
    const std::size_t count = static_cast<std::size_t>(tensor.element_count());
    if (tensor.shape.size() > 1) // a bias takes the fan-in of the weights before it
      fan_in = count / tensor.shape[0];
    const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
    for (std::size_t i = 0; i < count; ++i)
      parameters[at++] = static_cast<float>((2.0 * stream.uniform() - 1.0) * bound);
  }
}

attempt<done> network::check(std::size_t given, const examples& all) const {
  if (given != parameter_count_)
    return misfit(fmt::format("{} parameters for a model that has {}", given, parameter_count_));
  if (all.size() == 0)
    return done{};
  if (!all.data)
    return misfit("rows of a data set that is not there");
  const dataset& data = *all.data;
  const std::size_t features = engine_.shape().feature_count;
  if (data.feature_count() != features)
    return misfit(
        fmt::format("examples of {} numbers for a model of {}", data.feature_count(), features));
  if ((data.pixels.empty() ? data.values.size() : data.pixels.size()) != data.size() * features)
    return misfit(fmt::format("a data set of {} labels whose features do not match", data.size()));
  for (std::uint32_t row : all.rows) {
    if (row >= data.size())
      return misfit(fmt::format("row {} of a data set of {}", row, data.size()));
    if (data.labels[row] >= engine_.class_count())
      return misfit(fmt::format("label {} for a model of {} classes", data.labels[row],
                                engine_.class_count()));
  }
  return done{};
}

double network::step(std::span<float> parameters, const dataset& data,
                     std::span<const std::uint32_t> rows, const training_plan& plan,
                     const training_terms& terms) {
  const float lr = plan.learning_rate;
  const gradient_sink sink{.target = parameters.data(),
                           .alpha = -lr,
                           .beta = 1.0F - lr * (plan.weight_decay + terms.correction.decay),
                           .pull = terms.correction.pull.empty() ? nullptr
                                                                 : terms.correction.pull.data(),
                           .gamma = lr};
  engine_.parameters_changed(parameters.data());
  float* scores = engine_.forward(parameters.data(), data, rows);
  const double loss = cross_entropy(engine_.with(), rows, data.labels.data(), engine_.class_count(),
                                    1.0F / static_cast<float>(rows.size()), scores);
  engine_.backward(parameters.data(), sink);
  return loss;
}

double network::add_gradient(std::span<const float> parameters, const dataset& data,
                             std::span<const std::uint32_t> rows, float* target) {
  engine_.parameters_changed(parameters.data());
  double loss = 0.0;
  for (std::size_t at = 0; at < rows.size(); at += engine_.rows_max()) {
    const auto some = rows.subspan(at, std::min(engine_.rows_max(), rows.size() - at));
    float* scores = engine_.forward(parameters.data(), data, some);
    loss += cross_entropy(engine_.with(), some, data.labels.data(), engine_.class_count(),
                          1.0F / static_cast<float>(rows.size()), scores);
    engine_.backward(parameters.data(),
                     {.target = target, .alpha = 1.0F, .beta = at == 0 ? 0.0F : 1.0F});
  }
  return loss;
}

double network::momentum_step(std::span<float> parameters, const dataset& data,
                              std::span<const std::uint32_t> rows, const training_plan& plan,
                              const training_terms& terms) {
  const double loss = add_gradient(parameters, data, rows, gradient_.data());
  momentum_move(parameters, plan, terms);
  return loss;
}

void network::momentum_move(std::span<float> parameters, const training_plan& plan,
                            const training_terms& terms) {
  engine_.with().momentum_step(
      {.count = parameters.size(),
       .w = parameters.data(),
       .v = velocity_.data(),
       .g = gradient_.data(),
       .pull = terms.correction.pull.empty() ? nullptr : terms.correction.pull.data(),
       .learning_rate = plan.learning_rate,
       .momentum = plan.momentum,
       .decay = plan.weight_decay + terms.correction.decay});
}

attempt<training_outcome> network::train_with_noise(std::span<float> parameters,
                                                    const examples& train,
                                                    const training_plan& plan,
                                                    const training_terms& terms,
                                                    const std::stop_token& stop) {
  if (terms.noise_key.size() != mask_key_bytes)
    return misfit("a training with noise, and no key to draw it from");
  auto noised = noised_gradient::begin(plan, train.size(), parameter_count_,
                                       terms.noise_key.first<mask_key_bytes>());
  if (!noised)
    return noised.why();
  const auto rows_max = engine_.rows_max();
  engine_.reserve(std::min(train.size(), rows_max));
  gradient_.resize(parameter_count_);
  velocity_.assign(parameter_count_, 0.0F);
  norms_.resize(rows_max);
  const auto limit = terms.step_count_max == 0 ? noised->step_count() : terms.step_count_max;
  training_outcome outcome{.example_count = train.size(), .step_count = 0, .loss = 0};
  for (; outcome.step_count < std::min(limit, noised->step_count()); ++outcome.step_count) {
    if (stop.stop_requested())
      return failure{failure_code::cancelled, false, "training was asked to stop"};
    engine_.parameters_changed(parameters.data());
    for (const auto& group : noised->draw_groups(train.rows))
      for (std::size_t at = 0; at < group.size(); at += rows_max) {
        const auto rows = std::span(group).subspan(at, std::min(rows_max, group.size() - at));
        float* scores = engine_.forward(parameters.data(), *train.data, rows);
        cross_entropy(engine_.with(), rows, train.data->labels.data(), engine_.class_count(), 1.0F,
                      scores);
        engine_.backward_clipped(parameters.data(), plan.noise.clip_norm, gradient_.data(),
                                 std::span(norms_).first(rows.size()));
        noised->add(gradient_);
      }
    noised->release(gradient_);
    momentum_move(parameters, plan, terms);
  }
  if (!all_finite(parameters))
    return diverged();
  return outcome;
}

attempt<training_outcome> network::train(std::span<float> parameters, const examples& train,
                                         const training_plan& plan, const training_terms& terms,
                                         const std::stop_token& stop) {
  if (auto fits = check(parameters.size(), train); !fits)
    return fits.why();
  if (auto fits = check_plan(plan, terms, parameter_count_); !fits)
    return fits.why();
  if (train.size() == 0)
    return misfit("no examples to train on");
  if (plan.noise.is_wanted())
    return train_with_noise(parameters, train, plan, terms, stop);
  const std::size_t batch =
      plan.batch_size == 0 ? train.size() : std::min<std::size_t>(plan.batch_size, train.size());
  const bool in_place = plan.momentum == 0.0F && batch <= engine_.rows_max();
  engine_.reserve(std::min(batch, engine_.rows_max()));
  if (!in_place) {
    gradient_.resize(parameter_count_);
    velocity_.assign(parameter_count_, 0.0F);
  }
  training_outcome outcome{.example_count = train.size()};
  for (std::uint32_t epoch = 0; epoch < plan.epochs; ++epoch) {
    order_.assign(train.rows.begin(), train.rows.end());
    random_stream(plan.seed, "training order", epoch).shuffle(std::span(order_));
    double loss = 0.0;
    std::size_t at = 0;
    while (at < order_.size() &&
           (terms.step_count_max == 0 || outcome.step_count < terms.step_count_max)) {
      if (stop.stop_requested())
        return failure{failure_code::cancelled, false, "training was asked to stop"};
      const auto rows =
          std::span<const std::uint32_t>(order_).subspan(at, std::min(batch, order_.size() - at));
      loss += in_place ? step(parameters, *train.data, rows, plan, terms)
                       : momentum_step(parameters, *train.data, rows, plan, terms);
      at += rows.size();
      ++outcome.step_count;
    }
    if (at > 0)
      outcome.loss = loss / static_cast<double>(at);
    if (!std::isfinite(outcome.loss))
      return diverged();
  }
  if (!all_finite(parameters))
    return diverged();
  return outcome;
}

attempt<evaluation> network::evaluate(std::span<const float> parameters, const examples& held_out) {
  if (auto fits = check(parameters.size(), held_out); !fits)
    return fits.why();
  if (!all_finite(parameters)) // ReLU can hide one from the loss
    return failure{failure_code::training, false,
                   "the model has parameters that are not finite; it cannot be used"};
  engine_.reserve(std::min(held_out.size(), engine_.rows_max()));
  engine_.parameters_changed(parameters.data());
  const std::span<const std::uint32_t> rows(held_out.rows);
  evaluation sum;
  for (std::size_t at = 0; at < rows.size(); at += engine_.rows_max()) {
    const auto some = rows.subspan(at, std::min(engine_.rows_max(), rows.size() - at));
    float* scores = engine_.forward(parameters.data(), *held_out.data, some);
    judge(engine_.with(), some, held_out.data->labels.data(), engine_.class_count(), scores, sum);
  }
  if (!std::isfinite(sum.loss_sum))
    return failure{failure_code::training, false,
                   "the model's loss is not finite; it cannot be used"};
  return sum;
}

attempt<std::vector<std::uint8_t>> network::predict(std::span<const float> parameters,
                                                    const examples& all) {
  if (auto fits = check(parameters.size(), all); !fits)
    return fits.why();
  if (!all_finite(parameters))
    return failure{failure_code::training, false,
                   "the model has parameters that are not finite; it cannot be used"};
  engine_.reserve(std::min(all.size(), engine_.rows_max()));
  engine_.parameters_changed(parameters.data());
  std::vector<std::uint8_t> answers;
  answers.reserve(all.size());
  for (std::size_t at = 0; at < all.size(); at += engine_.rows_max()) {
    const auto some = std::span<const std::uint32_t>(all.rows).subspan(
        at, std::min(engine_.rows_max(), all.size() - at));
    const float* scores = engine_.forward(parameters.data(), *all.data, some);
    for (std::size_t i = 0; i < some.size(); ++i, scores += engine_.class_count())
      answers.push_back(static_cast<std::uint8_t>(
          std::max_element(scores, scores + engine_.class_count()) - scores));
  }
  return answers;
}

attempt<double> network::gradient(std::span<const float> parameters, const examples& all,
                                  std::span<float> gradient) {
  if (auto fits = check(parameters.size(), all); !fits)
    return fits.why();
  if (all.size() == 0 || gradient.size() != parameter_count_)
    return misfit("a gradient wants examples, and an array of the model's size to go to");
  engine_.reserve(std::min(all.size(), engine_.rows_max()));
  const double loss = add_gradient(parameters, *all.data, all.rows, gradient.data()) /
                      static_cast<double>(all.size());
  if (!std::isfinite(loss) || !all_finite(gradient))
    return diverged();
  return loss;
}

} // namespace godwit
