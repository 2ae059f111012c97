// The actor that adds masked or carried vectors, and opens their sum once the masks can be taken
// off. It answers what the aggregator answers.
#pragma once

#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/privacy_budget.hpp>
#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/private_aggregator.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// How a sum leaves whose clients have added the noise.
struct noised_releases {
  release_rules rules;
  /// The sum is divided by this, whoever is in it: what a neighbour changes must not depend on how
  /// many there were.
  std::uint32_t cohort = 1;
  ledger_keys keys;
  keeper_actor keeper; ///< writes the ledger's lines
};

struct secure_aggregator_setup {
  secure_sum::body_sum sum; ///< of the open round's bodies so far
  round_id round;           ///< the open round; 0: none
  std::shared_ptr<event_log> log;
  std::optional<noised_releases> noised{}; ///< where the terms are
};

/// Goes on with the sum of the open round. The first stream is the update, the second, of one
/// value, the training loss; the mean is the update's. Where clients add noise there is one stream,
/// and what it is opened to leaves when the privacy ledger says so. Of an opened sum that is not
/// one of weighted entries of so many clients there is no mean.
aggregator_actor spawn_secure_aggregator(caf::actor_system&, secure_aggregator_setup);

} // namespace godwit
