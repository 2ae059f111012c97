// How do SGD and evaluation drive the engine?
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "training/engine.hpp"
#include "training/model.hpp"

namespace godwit {

/// A model of layers. Separate from make_model so that tests can choose the kernels.
class network final : public model {
public:
  /// `layout` names the tensors of `shape`: kernel or weight and bias of each layer, in order.
  network(network_shape shape, model_layout layout, const kernels& with);

  const model_layout& layout() const noexcept override { return layout_; }
  void initialise(std::span<float> parameters, std::uint64_t seed) const override;
  attempt<training_outcome> train(std::span<float> parameters, const examples& train,
                                  const training_plan& plan, const training_terms& terms,
                                  const std::stop_token& stop) override;
  attempt<evaluation> evaluate(std::span<const float> parameters,
                               const examples& held_out) override;
  attempt<std::vector<std::uint8_t>> predict(std::span<const float> parameters,
                                             const examples& all) override;
  attempt<double> gradient(std::span<const float> parameters, const examples& all,
                           std::span<float> gradient) override;

private:
  attempt<done> check(std::size_t given, const examples& all) const;
  double step(std::span<float> parameters, const dataset& data, std::span<const std::uint32_t> rows,
              const training_plan& plan, const training_terms& terms);
  double momentum_step(std::span<float> parameters, const dataset& data,
                       std::span<const std::uint32_t> rows, const training_plan& plan,
                       const training_terms& terms);
  void momentum_move(std::span<float> parameters, const training_plan& plan,
                     const training_terms& terms);
  attempt<training_outcome> train_with_noise(std::span<float> parameters, const examples& train,
                                             const training_plan& plan, const training_terms& terms,
                                             const std::stop_token& stop);
  double add_gradient(std::span<const float> parameters, const dataset& data,
                      std::span<const std::uint32_t> rows, float* target);

  engine engine_;
  model_layout layout_;
  std::size_t parameter_count_;
  std::vector<std::uint32_t> order_;
  std::vector<double> norms_;              ///< [rows_max] once a call needs them
  std::vector<float> gradient_, velocity_; ///< [parameter_count] once a call needs them
};

/// make_model with the kernels named: what it does with the first of usable_kernels().
attempt<std::unique_ptr<model>> make_model_with(const kernels& with, std::string_view name,
                                                const std::vector<std::uint32_t>& example_shape,
                                                std::uint32_t class_count);

} // namespace godwit
