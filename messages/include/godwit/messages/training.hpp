// How a client trains, and what it reports: the words that server, edge and simulator share.
#pragma once

#include <cstdint>

namespace godwit {

/// How one client trains in one round (McMahan et al. 2017, algorithm 1, "ClientUpdate").
struct training_plan {
  std::uint32_t epochs = 1; ///< passes over the local data, 1 ..= 1000
  std::uint32_t batch_size =
      10; ///< examples a step; 0 means all of them. The last, shorter batch is kept.
  float learning_rate = 0.1F;
  float momentum = 0.0F;     ///< local heavy-ball momentum, 0 <= m < 1; starts from zero each round
  float weight_decay = 0.0F; ///< L2 coefficient added to the gradient
  std::uint64_t seed = 0;    ///< decides the order of the examples
  friend bool operator==(const training_plan&, const training_plan&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.epochs, self.batch_size, self.learning_rate, self.momentum, self.weight_decay,
                 self.seed);
  }
};

/// What a client reports about its training.
struct training_outcome {
  std::uint64_t example_count = 0; ///< local examples, the client's weight in FedAvg
  std::uint64_t step_count = 0;    ///< optimiser steps done
  double loss = 0.0;               ///< mean training loss over the last epoch (nats an example)
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
