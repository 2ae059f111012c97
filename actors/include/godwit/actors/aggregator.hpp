// The actor that adds updates in Z/2^64. The secure aggregator will answer the same messages.
#pragma once

#include <cstdint>

#include <caf/actor_system.hpp>

#include <godwit/messages/interfaces.hpp>

namespace godwit {

aggregator_actor spawn_aggregator(caf::actor_system&, std::uint64_t parameter_count);

} // namespace godwit
