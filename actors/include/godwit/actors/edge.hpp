// An edge's actors, put together from its ports: the same in production and in a simulation.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <caf/actor_system.hpp>

#include <godwit/actors/dial_port.hpp>
#include <godwit/actors/edge_trainer.hpp>
#include <godwit/actors/journal_port.hpp>
#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/example_budget.hpp>
#include <godwit/actors/machines/power.hpp>
#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/actors/machines/update_budget.hpp>
#include <godwit/actors/model_store.hpp>
#include <godwit/actors/power_source.hpp>
#include <godwit/actors/sharer.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/journal.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/entropy.hpp>
#include <godwit/privacy/mask_graph.hpp>

namespace godwit {

/// How an edge lives with its connection.
enum class sync_mode : std::uint8_t {
  online,        ///< it works while it is connected, and stops where it is not
  offline_first, ///< it dials and keeps dialling, and works on where there is no connection
  scheduled,     ///< it is connected in windows only, and works on in between
};

struct sync_plan {
  sync_mode mode = sync_mode::offline_first;
  duration every = std::chrono::hours(6);    ///< scheduled: a window begins so often
  duration lasts = std::chrono::minutes(10); ///< and lasts so long; below `every`
};

/// What an edge holds for its server at most.
struct mail_plan {
  std::uint64_t bytes_max = 256'000'000; ///< letters and an update; above it the oldest letters
                                         ///< are given up
  duration age_max = std::chrono::hours(168); ///< of a letter, by the edge's own time
};

struct edge_setup {
  hello greeting; ///< what is said of letters is filled in
  std::shared_ptr<event_log> log;
  std::shared_ptr<link_port> links;
  std::shared_ptr<dial_port> dials;     ///< told when to dial where the mode is scheduled
  std::shared_ptr<trainer> engine;      ///< null: there is another worker
  training_worker_actor worker{};       ///< in the place of one around `engine`
  duration patience = default_patience; ///< with an engine that was asked to stop
  power::rules rules{};
  duration power_every = std::chrono::seconds(5);
  std::shared_ptr<power_source> power;
  std::shared_ptr<journal_port> journal;
  std::vector<found_record> found;     ///< in the journal, when it was opened
  std::shared_ptr<model_store> models; ///< null: models do not outlive the process
  sync_plan sync{};
  mail_plan mail{};
  bool wants_secure_sums = false; ///< declines to send an update that is not masked
  secure_sum::profile weakest_sum = secure_sum::profile::semi_honest; ///< declines weaker ones
  secure_sum::attest_key attest{};             ///< null: declines sums of profile malicious
  secure_sum::check_evidence check_evidence{}; ///< of the other edges' keys; null: likewise
  check_trustee check_trustees{};              ///< of shared sums; null: declines those
  example_rules examples{};                    ///< what may be told of them
  update_rules updates{};                      ///< what updates may tell
  std::function<secret(std::size_t)> draw = random_secret; ///< so many random bytes
  std::uint64_t seed = 0;      ///< must be random: another one for each process
  bool disk_has_thread = true; ///< false: the scheduler's threads wait for the disk
  bool is_detached = true;     ///< what may block has a thread of its own; false: all is in the
                               ///< scheduler's threads, where a scheduler decides the order
};

/// Spawns the roles and goes on with what is in the journal: letters that were not acknowledged,
/// the task, its update. Fails with corrupt or unsupported where the journal is none of this
/// version's edges; with bad_config where it is another edge's, or where an update of this model is
/// larger than `mail.bytes_max`.
attempt<std::shared_ptr<const edge_roles>> spawn_edge(caf::actor_system&, edge_setup);

} // namespace godwit
