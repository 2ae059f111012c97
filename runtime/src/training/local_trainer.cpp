// How does an edge learn from its own examples with a network that is built in?
#include "training/local_trainer.hpp"

#include <utility>

#include <godwit/privacy/entropy.hpp>
#include <godwit/privacy/mask.hpp>

#include "training/model.hpp"

namespace godwit {

namespace {

class local_trainer final : public trainer {
public:
  local_trainer(std::unique_ptr<model> network, examples train, examples held_out)
      : model_(std::move(network)), train_(std::move(train)), held_out_(std::move(held_out)) {}

  const model_layout& layout() const override { return model_->layout(); }
  std::uint64_t example_count() const override { return train_.size(); }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan& plan,
                                  const std::stop_token& stop) override {
    if (!plan.noise.is_wanted())
      return model_->train(parameters, train_, plan, {}, stop);
    const auto key = random_secret(mask_key_bytes); // nobody else is to know who is in a step
    return model_->train(parameters, train_, plan, {.noise_key = key.reveal()}, stop);
  }
  bool hides_examples() const noexcept override { return true; }
  attempt<evaluation> evaluate(std::span<const float> parameters) override {
    return model_->evaluate(parameters, held_out_);
  }

private:
  std::unique_ptr<model> model_;
  examples train_, held_out_;
};

} // namespace

attempt<std::unique_ptr<trainer>> make_trainer(std::string_view model, examples train,
                                               examples held_out) {
  if (!train.data || train.size() == 0)
    return failure{failure_code::bad_config, false,
                   "a trainer wants examples to train on; this edge's data has none"};
  if (held_out.size() > 0 && (!held_out.data || held_out.data->shape != train.data->shape ||
                              held_out.data->class_count != train.data->class_count))
    return failure{failure_code::bad_config, false,
                   "the held-out examples have another shape than those to train on"};
  auto made = make_model(model, train.data->shape, train.data->class_count);
  if (!made)
    return made.why();
  return std::unique_ptr<trainer>(std::make_unique<local_trainer>(
      std::move(made).value(), std::move(train), std::move(held_out)));
}

} // namespace godwit
