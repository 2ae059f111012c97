// How does an edge find out from outside what a job's released models tell of it?
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <godwit/actors/ports.hpp>

namespace godwit {

/// One released model, seen by a canary: whether its update was in the sum, and by how much the
/// model moved along the update.
struct canary_sighting {
  bool was_in = false;
  double change = 0; ///< of the canary's parameter, from the round's model to the next one
};

struct canary_plan {
  std::uint64_t parameter = 0; ///< the one that moves: an index into the flat array
  float norm = 1;              ///< of the update that is sent, where one is; above 0, finite
  std::function<bool()> coin;  ///< fair, and secret from the server
  std::function<void(const canary_sighting&)> see;
};

/// A trainer that learns nothing. In each round it tosses a coin, and sends an update of the whole
/// norm along one parameter, or an update of zeros: neighbouring populations (privacy/THREATS.md),
/// since what is zero adds nothing to a sum. The model of the next round that it is given says what
/// was released; a model that is the same as before was not released, and is passed over. Where
/// rounds in between took place without it, their noise is in the change, too: less is seen then,
/// nothing wrong.
class canary_trainer final : public trainer {
public:
  /// Looks like `model`, which is only asked for its layout and its number of examples. The plan's
  /// parameter lies within the layout.
  canary_trainer(std::shared_ptr<trainer> model, canary_plan plan);

  const model_layout& layout() const override { return model_->layout(); }
  std::uint64_t example_count() const override { return model_->example_count(); }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan&,
                                  const std::stop_token&) override;
  attempt<evaluation> evaluate(std::span<const float> parameters) override {
    return model_->evaluate(parameters);
  }

private:
  std::shared_ptr<trainer> model_;
  canary_plan plan_;
  std::vector<float> before_; ///< the newest round's model; empty: there was none
  bool was_in_ = false;
};

} // namespace godwit
