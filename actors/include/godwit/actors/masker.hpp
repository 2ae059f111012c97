// The edge's part in a secure sum: draws its secrets, answers the server's calls, and masks the
// update before it leaves. The actor around secure_sum::client.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/outbox.hpp>
#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/mask_graph.hpp>

namespace godwit {

struct masker_setup {
  client_id self;
  std::uint64_t parameter_count = 0;
  std::shared_ptr<event_log> log;
  std::function<secret(std::size_t)> draw; ///< so many random bytes
  /// A round of a weaker one is declined.
  secure_sum::profile weakest = secure_sum::profile::semi_honest;
  secure_sum::attest_key attest{};           ///< null: rounds of profile malicious are declined
  secure_sum::check_evidence check{};        ///< of the others' keys; null: likewise
  std::optional<outbox::secure_part> past{}; ///< what an earlier process left
};

/// A round whose terms are not for this edge's model, or which its machine refuses, is declined.
/// The update's values are the terms' first stream; the second is one value, the training loss,
/// which is not said where the terms ask for noise.
masker_actor spawn_masker(caf::actor_system&, masker_setup);

} // namespace godwit
