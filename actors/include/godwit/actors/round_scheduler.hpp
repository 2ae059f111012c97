// The actor around the round machine: feeds it, performs its effects, decides nothing.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct scheduler_setup {
  round::plan plan;
  round_id last;        ///< the last finished round
  training_plan client; ///< what each client is asked to do; its seed is drawn for each
  std::uint64_t seed = 1;
  bool weighs_by_examples = true; ///< false: each update weighs 1
  std::shared_ptr<event_log> log;
};

round_scheduler_actor spawn_round_scheduler(caf::actor_system&, scheduler_setup);

} // namespace godwit
