// The actor that evaluates a model on the held-out set, in a thread of its own.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

evaluator_actor spawn_evaluator(caf::actor_system&, std::shared_ptr<central_evaluator>);

} // namespace godwit
