// A server's actors, put together: the same for a node and for a simulation.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <caf/actor_system.hpp>

#include <godwit/actors/client_selector.hpp>
#include <godwit/actors/coordinator.hpp>
#include <godwit/actors/journal_port.hpp>
#include <godwit/actors/link_port.hpp>
#include <godwit/actors/machines/privacy_budget.hpp>
#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/actors/private_aggregator.hpp>
#include <godwit/actors/resumption.hpp>
#include <godwit/privacy/entropy.hpp>

namespace godwit {

/// What a server's actors are made of. Its state is `coordinator.state` (the checkpoint) and what
/// was found in the journal.
struct server_setup {
  coordinator_setup coordinator; ///< all but what the journal says
  round::plan round;
  selector_setup selector;
  training_plan client; ///< what each client is asked to do; its seed is drawn for each
  std::uint64_t seed = 1;
  bool weighs_by_examples = true;                          ///< false: each update weighs 1
  std::function<secret(std::size_t)> draw = random_secret; ///< so many random bytes
  secure_sum::check_evidence check_evidence{};             ///< of edges' keys, in profile malicious
  std::shared_ptr<checkpoint_store> checkpoints;
  std::optional<private_mean> privacy{};    ///< of each round's mean
  std::optional<release_rules> noised{};    ///< in its place, where edges add the noise
  std::optional<ledger_keys> ledger{};      ///< with either: where releases are written down
  std::shared_ptr<release_file> releases{}; ///< likewise
  std::shared_ptr<journal_port> journal;
  std::vector<found_record> found;              ///< in the journal, when it was opened
  std::shared_ptr<central_evaluator> evaluator; ///< null without test data
  std::shared_ptr<link_port> links;
  bool is_detached = true; ///< false: all in the scheduler's threads, where it decides the order
};

/// Spawns the roles and makes them known to each other. A round that was open goes on. Fails like
/// resume().
attempt<std::shared_ptr<const server_roles>> spawn_server(caf::actor_system&, server_setup);

} // namespace godwit
