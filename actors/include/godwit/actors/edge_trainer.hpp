// The actor around an edge's training machine, and the worker thread that trains for it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/training.hpp>
#include <godwit/actors/ports.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

/// How long a trainer may go on after it was asked to stop.
inline constexpr duration default_patience = std::chrono::seconds(5);

struct edge_trainer_setup {
  std::shared_ptr<event_log> log;
  training::plan rules{};
  training::accounts told{};                    ///< by earlier processes
  std::optional<training::restored> restored{}; ///< what an earlier process left
  round_id masked{};                            ///< of the restored task, where it is masked
  duration patience = default_patience;         ///< with a trainer that was asked to stop
  bool is_detached =
      true; ///< the worker; false: in the scheduler's threads, where a scheduler decides the order
};

/// The trainer and its worker; with no engine the trainer alone, for a worker of another kind. The
/// worker has `engine` called in a thread of its own, one task at a
/// time. A trainer that throws, fails or does not end costs its edge the round: one that goes on
/// for longer than the patience after it was asked to stop is not waited for any more, and each
/// further task fails at once until it has come back. When the trainer's actor ends, what is being
/// done is asked to stop; so the worker ends within the patience, whatever `engine` does, and a
/// call that still goes on then is left behind with its thread and a share of `engine`.
struct spawned_trainer {
  edge_trainer_actor trainer;
  training_worker_actor worker;
};
spawned_trainer spawn_edge_trainer(caf::actor_system&, std::shared_ptr<trainer> engine,
                                   edge_trainer_setup);

} // namespace godwit
