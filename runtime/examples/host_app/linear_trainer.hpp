// A learning engine of a host's own: a linear model, in plain C++, over data that only this machine
// has.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <godwit/actors/ports.hpp>

/// Learns y = weight . x + bias by stochastic gradient descent on the squared error. Parameters:
/// weight [1, 4], then bias [1], float32.
class linear_trainer final : public godwit::trainer {
public:
  /// Measures `example_count` examples, others for each `name`.
  linear_trainer(const std::string& name, std::size_t example_count);

  const godwit::model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return training_.size(); }
  godwit::attempt<godwit::training_outcome> train(std::span<float> parameters,
                                                  const godwit::training_plan& plan,
                                                  const std::stop_token& stop) override;
  godwit::attempt<godwit::evaluation> evaluate(std::span<const float> parameters) override;

private:
  struct example {
    std::array<float, 4> x;
    float y;
  };

  godwit::model_layout layout_{{"weight", {1, 4}}, {"bias", {1}}};
  std::vector<example> training_;
  std::vector<example> held_out_;
};
