// The actor that adds masked or carried vectors, and opens their sum once the masks can be taken
// off. It answers what the aggregator answers.
#pragma once

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct secure_aggregator_setup {
  secure_sum::body_sum sum; ///< of the open round's bodies so far
  round_id round;           ///< the open round; 0: none
  std::shared_ptr<event_log> log;
};

/// Goes on with the sum of the open round. The first stream is the update, the second, of one
/// value, the training loss; the mean is the update's. Of an opened sum that is not one of weighted
/// entries of so many clients there is no mean.
aggregator_actor spawn_secure_aggregator(caf::actor_system&, secure_aggregator_setup);

} // namespace godwit
