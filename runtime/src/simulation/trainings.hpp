// Which of a round's trainings are computed when? Lazily, in the order in which they will be
// needed, a few ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/messages/time.hpp>
#include <godwit/messages/training.hpp>

#include "data/dataset.hpp"
#include "simulation/worker_pool.hpp"

namespace godwit::simulated {

using parameters_ptr = std::shared_ptr<const std::vector<float>>;

/// What came of one training.
struct trained_result {
  attempt<training_outcome> outcome;
  std::vector<float>
      delta; ///< [parameter_count], trained minus received; of no use after a failure
};

/// A training is computed when its update is due in virtual time, or before that by a thread that
/// has nothing else to do. At most `window` are begun and not taken, so memory does not grow with
/// the number of clients. What is computed depends on the plan and the model alone, never on when.
class trainings {
public:
  /// `pool` outlives this.
  trainings(worker_pool& pool, std::size_t client_count, std::size_t window);
  ~trainings();

  /// A new round starts from `model`; whatever is left of the round before is given up. About
  /// `likely_count` updates will be needed: no more are begun before they are asked for.
  void begin_round(parameters_ptr model, std::size_t likely_count);
  /// The client's update will be needed at about `when`.
  void expect(std::uint32_t client, instant when, std::shared_ptr<const examples> from,
              const training_plan& plan);
  /// Keeps the threads busy.
  void start_some();
  /// The result of an expected training: computed here if nobody has begun it.
  trained_result take(std::uint32_t client);
  /// Gives memory back for later trainings.
  void recycle(std::vector<float> buffer);
  /// Nobody needs it any more.
  void forget(std::uint32_t client);

private:
  struct job;
  using job_ptr = std::shared_ptr<job>;
  struct turn {
    instant when;
    std::uint32_t client;
  };
  static bool is_later(const turn& one, const turn& other) noexcept;
  void start(const job_ptr&);

  worker_pool& pool_;
  std::size_t window_;
  parameters_ptr model_;
  std::stop_source stop_;
  std::vector<job_ptr> jobs_;    ///< [client]
  std::vector<turn> order_;      ///< a heap, the one that is needed first in front
  std::size_t open_count_ = 0;   ///< begun and not taken
  std::size_t likely_count_ = 0; ///< may still be begun early
  std::vector<std::vector<float>> buffers_;
};

} // namespace godwit::simulated
