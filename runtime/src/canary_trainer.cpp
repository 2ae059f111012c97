#include "canary_trainer.hpp"

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/model.hpp>

namespace godwit {

canary_trainer::canary_trainer(std::shared_ptr<trainer> model, canary_plan plan)
    : model_(std::move(model)), plan_(std::move(plan)) {
  GODWIT_CHECK(plan_.parameter < parameter_count(model_->layout()), "a parameter of the model");
}

attempt<training_outcome> canary_trainer::train(std::span<float> parameters, const training_plan&,
                                                const std::stop_token&) {
  const auto at = static_cast<std::size_t>(plan_.parameter);
  const bool is_new = !std::ranges::equal(before_, parameters);
  if (!before_.empty() && is_new)
    plan_.see({.was_in = was_in_,
               .change = static_cast<double>(parameters[at]) - static_cast<double>(before_[at])});
  before_.assign(parameters.begin(), parameters.end());
  was_in_ = plan_.coin();
  if (was_in_)
    parameters[at] += plan_.norm;
  return training_outcome{.example_count = example_count(), .step_count = 1, .loss = 0};
}

} // namespace godwit
