// The actor that adds updates in Z/2^64. The secure aggregator answers the same messages.
#pragma once

#include <caf/actor_system.hpp>

#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// Goes on with the sum of this round, or, where it is 0, begins with the next one.
aggregator_actor spawn_aggregator(caf::actor_system&, fixed_point_sum, round_id = {});

} // namespace godwit
