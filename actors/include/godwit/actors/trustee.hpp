// The actor of a node that holds a part of another owner's sums: one link to one server, the
// machine around its words, and a journal with a few lines.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>

#include <godwit/actors/journal_port.hpp>
#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/trustee.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/journal.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/entropy.hpp>

namespace godwit {

/// What a trustee's journal amounts to.
struct trustee_past {
  secret key; ///< empty: there is none yet
  std::vector<trustee::opened_list> opened;
};

/// Fails with corrupt where a line is none of a trustee's.
attempt<trustee_past> recall_trustee(const std::vector<found_record>&);

struct trustee_setup {
  trustee::plan plan;
  std::function<bytes(const agreement_key&)> attest; ///< evidence that the key is this trustee's
  std::shared_ptr<link_port> links;
  std::shared_ptr<journal_port> journal;
  std::vector<found_record> found; ///< in the journal, when it was opened
  std::shared_ptr<event_log> log;
  std::function<secret(std::size_t)> draw = random_secret; ///< so many random bytes
};

/// Spawns the roles and goes on with what is in the journal; without a key in it, draws one, which
/// is durable before anybody hears of it. Fails like recall_trustee.
attempt<std::shared_ptr<const trustee_roles>> spawn_trustee(caf::actor_system&, trustee_setup);

} // namespace godwit
