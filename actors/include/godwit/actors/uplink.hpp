// The edge's end of its one link: says hello, keeps the token fresh, fetches models and sends
// updates.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct uplink_setup {
  hello greeting;
  std::shared_ptr<link_port> links;
  std::shared_ptr<event_log> log;
};

uplink_actor spawn_uplink(caf::actor_system&, uplink_setup);

} // namespace godwit
