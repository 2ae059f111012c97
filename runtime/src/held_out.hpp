// How good is a model on the examples that the server keeps aside?
#pragma once

#include <memory>

#include <godwit/actors/server_ports.hpp>

#include "training/model.hpp"

namespace godwit {

/// Evaluates with its own workspace. `held_out` holds at least one example that fits the model.
class held_out_evaluator final : public central_evaluator {
public:
  held_out_evaluator(std::unique_ptr<model> network, examples held_out)
      : network_(std::move(network)), held_out_(std::move(held_out)) {}
  attempt<evaluation> evaluate(std::span<const float> parameters) override {
    return network_->evaluate(parameters, held_out_);
  }

private:
  std::unique_ptr<model> network_;
  examples held_out_;
};

} // namespace godwit
