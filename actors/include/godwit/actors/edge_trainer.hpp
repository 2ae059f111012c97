// The actor around an edge's training machine, and the worker thread that trains for it.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/ports.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct edge_trainer_setup {
  std::shared_ptr<event_log> log;
  bool is_detached =
      true; ///< the worker; false: in the scheduler's threads, where a scheduler decides the order
};

/// The trainer and its worker. The worker calls `engine` from its own thread, one task at a time; a
/// trainer that throws or fails costs its edge the round.
struct spawned_trainer {
  edge_trainer_actor trainer;
  training_worker_actor worker;
};
spawned_trainer spawn_edge_trainer(caf::actor_system&, std::shared_ptr<trainer> engine,
                                   edge_trainer_setup);

} // namespace godwit
