// The actor that evaluates a model on the held-out set, in a thread of its own.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// `is_detached` false: in the scheduler's threads, for a system whose scheduler decides the order.
evaluator_actor spawn_evaluator(caf::actor_system&, std::shared_ptr<central_evaluator>,
                                bool is_detached = true);

} // namespace godwit
