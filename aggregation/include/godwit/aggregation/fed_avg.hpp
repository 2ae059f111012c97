// Federated averaging: the rule that every other one is compared with.
#pragma once

#include <godwit/aggregation/strategy.hpp>

namespace godwit {

/// FedAvg (McMahan et al. 2017, algorithm 1): x <- x + sum_i (n_i / n) delta_i over the round's
/// reporters i, with n_i their example counts and n = sum_i n_i. Because the weights n_i / n add up
/// to 1 over the same clients, this is the paper's weighted mean of the clients' models. Has no
/// memory.
class fed_avg final : public server_step {
public:
  std::string_view name() const noexcept override { return "fed_avg"; }
  void apply(std::span<const float> model, std::span<float> mean_to_next) override;
  bytes state() const override { return {}; }
  attempt<done> restore(bytes_view state) override;
};

} // namespace godwit
