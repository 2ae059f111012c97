// The edge's end of its one link: says hello, keeps the token fresh, fetches models, sends updates,
// and has what must not be lost kept before it is said.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/dial_port.hpp>
#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/outbox.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// An edge that connects now and then: for `lasts` at the beginning of each span of `every`.
struct sync_windows {
  std::shared_ptr<dial_port> dials;
  duration every{};
  duration lasts{}; ///< above 0 and below `every`
};

struct uplink_setup {
  hello greeting;
  std::shared_ptr<link_port> links;
  std::shared_ptr<event_log> log;
  mailbox::plan mail{};
  outbox::past past{};                   ///< what an earlier process left
  std::uint64_t seed = 0;                ///< random; of the mailbox's id
  duration time_offset{};                ///< from the actors' clock to the edge's own time
  bool wants_secure_sums = false;        ///< declines to send an update that is not masked
  std::optional<sync_windows> windows{}; ///< none: whoever dials does so by himself
};

uplink_actor spawn_uplink(caf::actor_system&, uplink_setup);

} // namespace godwit
