// The actor that collects the bodies of a shared sum, and has the sum opened with its trustees. It
// answers what the aggregator answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

struct shared_aggregator_setup {
  std::map<client_id, shared_bytes> bodies; ///< of the open round, so far
  round_id round;                           ///< the open round; 0: none
  std::string terms;                        ///< its statement, encoded
  std::function<secret(std::size_t)> draw;  ///< so many random bytes
  std::shared_ptr<event_log> log;
};

/// Holds the bodies until the sum is open: servers may not hold the same clients', so only then it
/// is known whose count.
sum_leader_actor spawn_shared_aggregator(caf::actor_system&, shared_aggregator_setup);

} // namespace godwit
