// What does the secure sum inside a round ask for, and what does the round make of it?
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include <godwit/messages/check.hpp>

#include "closing.hpp"
#include "cohort.hpp"

namespace godwit::round {

using sum_effects = std::vector<secure_sum::server::effect>;

/// When the round is to be looked after next. A secure sum has a quarter of its time for the
/// adverts, one for the shares, one for the training that is slower than those, and the last one
/// for the opening; of which, in profile malicious, half is for saying who survived.
instant next_alarm(const gathering& here, instant now);

/// When no more statements are waited for of who survived.
instant statements_due(const gathering& here);

/// Whether the edges need not trust the server: keys and vectors are signed, and survivors too.
bool is_malicious(const gathering& here);

/// Whether the client has signed this masked vector, where it has to.
bool is_proven(const gathering& here, const client_id& client, const sha256_digest& body);

/// Until when bodies are waited for that several servers open the sum of: the last quarter is
/// theirs.
instant shared_until(const gathering& here);

/// Whether bodies are taken from this client: it shared its secrets, and the sum is not closed.
bool may_send_body(const gathering& here, const client_id& client);

/// Whether a sum of what has arrived could be opened by those whose it is.
bool could_be_opened(const gathering& here);

/// Tells the sum for whom it need not wait any more. One whose connection is lost may come back;
/// what it has said by then stands.
sum_effects stop_waiting(gathering& here);

/// One that is there again: for whom the sum waits, and what it is told again.
sum_effects say_again(gathering& here, const client_id& client);

/// The sum's words for the edges, as the round says them.
void pass_on(const gathering& here, const sum_effects& effects, step& out);

/// Drops those without whom the sum goes on, and tells them.
void drop_excluded(gathering& here, const sum_effects& effects, instant now, step& out);

/// What the sum is opened with, or why it never will be.
struct sum_end {
  std::shared_ptr<const sum_opening> opening;
  std::optional<std::string> abandoned;
};
sum_end end_in(sum_effects& effects);

/// Whether the bodies are all there that the sum is made of.
bool is_unmasking(const gathering& here);

template <class Next, class Phase>
Next moved_from(Phase& here, instant recruited_at, instant collected_at) {
  Next next;
  static_cast<gathering&>(next) = std::move(static_cast<gathering&>(here));
  next.recruited_at = recruited_at;
  next.collected_at = collected_at;
  return next;
}

} // namespace godwit::round
