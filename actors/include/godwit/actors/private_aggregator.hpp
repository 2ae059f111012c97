// The actor that adds clipped updates and lets out their mean with noise, once the privacy ledger
// says so. It answers what the aggregator answers.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/privacy_ledger.hpp>

namespace godwit {

/// A population's ledger and who may write it.
struct ledger_keys {
  privacy_ledger ledger;
  std::shared_ptr<const signing_key> signer;
  std::shared_ptr<const secret> noise; ///< 32 bytes: whoever knows them can take the noise off
};

struct private_aggregator_setup {
  private_sum sum; ///< of the open round's updates so far
  round_id round;  ///< the open round; 0: none
  ledger_keys keys;
  keeper_actor keeper; ///< writes the ledger's lines
  std::shared_ptr<event_log> log;
};

/// Goes on with the sum of the open round. What an update weighs is not asked: all weigh the same.
aggregator_actor spawn_private_aggregator(caf::actor_system&, private_aggregator_setup);

} // namespace godwit
