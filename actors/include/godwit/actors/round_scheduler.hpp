// The actor around the durable round: feeds it, has written down what must be, performs its
// effects, decides nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/durable_round.hpp>
#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

struct scheduler_setup {
  std::shared_ptr<durable::machine> machine; ///< as it was when the server was last heard of
  instant began_at{};                        ///< the server's time now; it goes on from here
  training_plan client; ///< what each client is asked to do; its seed is drawn for each
  std::uint64_t seed = 1;
  bool weighs_by_examples = true;            ///< false: each update weighs 1
  std::string server_name;                   ///< in the terms of a secure sum
  std::function<secret(std::size_t)> draw{}; ///< random bytes, for the terms of a secure sum
  secure_sum::check_evidence check{};        ///< of edges' keys, in profile malicious
  std::shared_ptr<event_log> log;
};

/// A round that the machine holds open goes on as soon as the scheduler knows the roles.
round_scheduler_actor spawn_round_scheduler(caf::actor_system&, scheduler_setup);

} // namespace godwit
