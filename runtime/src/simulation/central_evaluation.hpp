// How good is a model on the held-out set? Asked of all threads at once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <godwit/messages/training.hpp>

#include "simulation/worker_pool.hpp"

namespace godwit::simulated {

/// Evaluates the same slices whatever the number of threads, and adds their results in order: same
/// bits. `pool` outlives this.
class central_evaluation {
public:
  central_evaluation(worker_pool& pool, const examples& held_out);
  /// A model that is not finite gets no figures: an empty evaluation.
  evaluation of(const std::shared_ptr<const std::vector<float>>& parameters);

private:
  worker_pool& pool_;
  std::vector<std::shared_ptr<const examples>> slices_;
};

} // namespace godwit::simulated
