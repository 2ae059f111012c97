// How a client trains, and what it reports: the words that server, edge and simulator share.
#pragma once

#include <cstdint>

namespace godwit {

/// Differential privacy for each single example of a client (Abadi et al. 2016, algorithm 1): in
/// each step every example's gradient is cut to a norm, and their sum gets noise. All zero: none.
struct example_noise {
  float clip_norm = 0;        ///< L2, of one example's gradient; above 0
  float noise_multiplier = 0; ///< standard deviation of a step's noise / clip_norm; above 0
  bool is_wanted() const noexcept { return clip_norm != 0 || noise_multiplier != 0; }
  friend bool operator==(const example_noise&, const example_noise&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.clip_norm, self.noise_multiplier);
  }
};

/// Local differential privacy: a client's update is cut to a norm and gets noise before it leaves
/// the client, so that nobody ever sees it without.
struct update_noise {
  static constexpr std::uint8_t none = 0, gaussian = 1, laplace = 2;
  std::uint8_t law = none;
  float clip_norm = 0;        ///< of the update: L2; L1 for Laplace noise; above 0
  float noise_multiplier = 0; ///< standard deviation (gaussian) or scale (laplace) / clip_norm
  bool is_wanted() const noexcept { return law != none; }
  friend bool operator==(const update_noise&, const update_noise&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.law, self.clip_norm, self.noise_multiplier);
  }
};

/// How one client trains in one round (McMahan et al. 2017, algorithm 1, "ClientUpdate").
struct training_plan {
  std::uint32_t epochs = 1; ///< passes over the local data, 1 ..= 1000
  std::uint32_t batch_size =
      10; ///< examples a step; 0 means all of them. The last, shorter batch is kept.
  float learning_rate = 0.1F;
  float momentum = 0.0F;     ///< local heavy-ball momentum, 0 <= m < 1; starts from zero each round
  float weight_decay = 0.0F; ///< L2 coefficient added to the gradient
  std::uint64_t seed = 0;    ///< decides the order of the examples
  example_noise noise{};     ///< where wanted, batch_size is what a step has on average: each
                             ///< example is in it by a chance of which the seed says nothing
  update_noise local{};      ///< where wanted, the offer says nothing else of the client's examples
  friend bool operator==(const training_plan&, const training_plan&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.epochs, self.batch_size, self.learning_rate, self.momentum, self.weight_decay,
                 self.seed, self.noise, self.local);
  }
};

/// How a client with so many examples follows a plan with noise: so many steps, each example in one
/// with this chance.
struct noised_steps {
  std::uint64_t step_count = 0;
  double rate = 1; ///< 0 < rate <= 1
};
inline noised_steps noised_steps_of(const training_plan& plan,
                                    std::uint64_t example_count) noexcept {
  const std::uint64_t batch =
      plan.batch_size == 0 || plan.batch_size > example_count ? example_count : plan.batch_size;
  if (batch == 0)
    return {};
  return {plan.epochs * ((example_count + batch - 1) / batch),
          static_cast<double>(batch) / static_cast<double>(example_count)};
}

/// What a client reports about its training.
struct training_outcome {
  std::uint64_t example_count = 0; ///< local examples, the client's weight in FedAvg
  std::uint64_t step_count = 0;    ///< optimiser steps done
  double loss = 0.0; ///< mean training loss over the last epoch (nats an example); 0 where each
                     ///< example's part is hidden: it is not told
};

/// What a model does on a set of examples.
struct evaluation {
  std::uint64_t example_count = 0;
  std::uint64_t correct_count = 0; ///< arg max equals the label
  double loss_sum = 0.0;           ///< sum over examples of the cross-entropy, nats
  double accuracy() const noexcept {
    return example_count ? static_cast<double>(correct_count) / static_cast<double>(example_count)
                         : 0.0;
  }
  double loss() const noexcept {
    return example_count ? loss_sum / static_cast<double>(example_count) : 0.0;
  }
};

} // namespace godwit
