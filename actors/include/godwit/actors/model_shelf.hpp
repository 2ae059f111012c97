// The actor that keeps an edge's models beyond the process.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/model_store.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct model_shelf_setup {
  std::shared_ptr<model_store> store;
  std::shared_ptr<event_log> log;
  bool is_detached =
      true; ///< false: in the scheduler's threads, for a system whose scheduler decides the order
};

/// Runs in a thread of its own: it waits for the disk. A model that cannot be kept is none: the
/// log says so, and after a restart it comes from the server.
model_shelf_actor spawn_model_shelf(caf::actor_system&, model_shelf_setup);

} // namespace godwit
