// The edge's part in a shared sum: looks at who the servers are, and splits the update between them
// before it leaves. It answers what the masker answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/outbox.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/shared_round.hpp>

namespace godwit {

/// Whether evidence shows, now, that a sealing key is that of the trustee of this name.
using check_trustee = std::function<bool(const shared_sum::sum_server&)>;

struct sharer_setup {
  client_id self;
  std::uint64_t parameter_count = 0;
  std::shared_ptr<event_log> log;
  std::function<secret(std::size_t)> draw;   ///< so many random bytes
  check_trustee check{};                     ///< null: rounds of shared sums are declined
  std::optional<outbox::secure_part> past{}; ///< what an earlier process left
};

/// A round whose terms are not for this edge's model, or whose trustees are not shown to be such,
/// is declined.
masker_actor spawn_sharer(caf::actor_system&, sharer_setup);

} // namespace godwit
