// The actor that holds a job: who is enrolled, which round comes next, and the model between
// rounds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/job.hpp>
#include <godwit/actors/machines/membership.hpp>
#include <godwit/actors/machines/privacy_budget.hpp>
#include <godwit/actors/server_ports.hpp>
#include <godwit/aggregation/strategy.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct coordinator_setup {
  std::string server_name;
  job::plan job;
  membership::plan membership;
  checkpoint state; ///< where to go on; a fresh job has round 0 and the initial parameters
  bool resumes_round = false; ///< the round behind it is open already, with the scheduler
  std::uint32_t cohort = 10;
  std::uint32_t evaluate_every = 1; ///< central evaluation after each n-th round; 0: the last only
  std::uint32_t federated_evaluate_every = 0; ///< by the reporters; 0: never
  std::shared_ptr<server_step> step;
  std::shared_ptr<token_authority> tokens;
  std::shared_ptr<run_observer> observer;
  std::shared_ptr<event_log> log;
  std::vector<std::string> trustees{}; ///< of a shared sum: no round opens without them
  privacy_budget privacy{};            ///< of each client; without one nothing is ever spent
  bool is_detached =
      true; ///< false: in the scheduler's threads, for a system whose scheduler decides the order
};

/// Runs in a thread of its own: it writes the run's records and results.
coordinator_actor spawn_coordinator(caf::actor_system&, coordinator_setup);

} // namespace godwit
