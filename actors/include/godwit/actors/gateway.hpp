// The server's end of all links: turns frames into typed messages of the roles, and back. An edge
// can say nothing here but what edge_message lists, and nothing before it is enrolled and shows its
// token.
#pragma once

#include <memory>
#include <set>
#include <string>

#include <caf/actor_system.hpp>

#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct gateway_setup {
  std::shared_ptr<link_port> links;
  std::shared_ptr<token_authority> tokens;
  std::shared_ptr<event_log> log;
  std::set<std::string> trustees{}; ///< who may be one: by the names of their certificates
};

gateway_actor spawn_gateway(caf::actor_system&, gateway_setup);

} // namespace godwit
