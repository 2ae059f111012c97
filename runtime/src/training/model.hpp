// How is a network trained and evaluated over one flat array of parameters?
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include <godwit/messages/model.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// What a federated method adds to each local step: w <- (1 - lr decay) w + lr pull - lr gradient.
/// `pull` [parameter_count] or empty; it stays constant while the client trains and is not kept
/// after the call. FedProx (Li et al. 2020): decay = mu, pull = mu x. SCAFFOLD (Karimireddy et al.
/// 2020): pull = c_i - c. With local momentum the correction is part of the gradient that the
/// momentum accumulates, as weight decay is.
struct affine_correction {
  float decay = 0.0F;
  std::span<const float> pull;
};

/// What a call of train may say beyond the plan.
struct training_terms {
  affine_correction correction{};
  std::uint64_t step_count_max =
      0; ///< stop after so many optimiser steps, in mid-epoch if need be; 0: no limit
  std::span<const std::byte> noise_key{}; ///< 32 bytes for this call alone, where plan.noise is
                                          ///< wanted: secret, if it is not to be undone
};

/// A network's arithmetic and its workspace, without parameters: those are the caller's, one flat
/// array in the order of layout(), trained in place. One thread at a time; one model serves any
/// number of clients, one after the other, and keeps nothing from one call to the next. Memory is
/// taken when a call needs a larger batch than any before, never inside a step. The same inputs
/// give the same bits, in every thread, on processors with the same vector extensions.
///
/// Tensors are row-major: dense weights [out, in] (as PyTorch's), convolution kernels [out, height,
/// width, in], and what enters the first dense layer after a convolution is flattened as [height,
/// width, channel].
class model {
public:
  virtual ~model() = default;

  /// Names and shapes of the parameters, in the order of the flat array.
  virtual const model_layout& layout() const noexcept = 0;
  std::size_t size() const noexcept { return static_cast<std::size_t>(parameter_count(layout())); }

  /// Fills `parameters` [size()] from U(-b, b), b = 1 / sqrt(fan in), weights and biases alike. A
  /// function of the seed only: the generator is our own, so that no standard library's choice
  /// shows in the bits.
  virtual void initialise(std::span<float> parameters, std::uint64_t seed) const = 0;

  /// Trains `parameters` [size()] by SGD on softmax cross-entropy: plan.epochs passes, each in a
  /// new order that plan.seed and the number of the pass decide. The loss it reports is the mean
  /// over the examples of the last pass, each taken before its step. Where plan.noise is wanted it
  /// does noised_steps_of(plan, train.size()) of DP-SGD instead, with examples drawn by
  /// terms.noise_key, and reports no loss (0). Fails with: cancelled, asked
  /// for between two steps; bad_config, a plan, a correction or examples that do not fit the model;
  /// training, a loss or a parameter that is no longer finite. After a failure `parameters` are of
  /// no use.
  virtual attempt<training_outcome> train(std::span<float> parameters, const examples& train,
                                          const training_plan& plan,
                                          const training_terms& terms = {},
                                          const std::stop_token& stop = {}) = 0;

  /// Evaluates `parameters` [size()]. Of equal scores the lower class counts as the answer. Fails
  /// like train.
  virtual attempt<evaluation> evaluate(std::span<const float> parameters,
                                       const examples& held_out) = 0;

  /// The most likely class of each example, in the order of its rows; of equal scores the lower
  /// one. The labels are not looked at. Fails like train.
  virtual attempt<std::vector<std::uint8_t>> predict(std::span<const float> parameters,
                                                     const examples& all) = 0;

  /// Writes the gradient of the mean loss over all of `all` to `gradient` [size()] and returns that
  /// loss.
  virtual attempt<double> gradient(std::span<const float> parameters, const examples& all,
                                   std::span<float> gradient) = 0;
};

/// The networks that are built in, all of them ending in softmax:
/// "softmax": one dense layer. "mlp-2nn": two hidden layers of 200, ReLU (McMahan et al. 2017,
/// section 3, "2NN"). "cnn-mcmahan": two 5x5 convolutions with 32 and 64 channels, each with ReLU
/// and 2x2 max-pooling, a dense layer of 512, ReLU (the same section's CNN); wants {height, width}
/// or {height, width, channels}, multiples of 4. Fails with: unsupported, a name that is none of
/// these; bad_config, a shape or class count that cannot be.
attempt<std::unique_ptr<model>> make_model(std::string_view name,
                                           const std::vector<std::uint32_t>& example_shape,
                                           std::uint32_t class_count);

} // namespace godwit
