// How do the roles of a node end?
#pragma once

#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

namespace godwit {

/// Ends those of them that there are, and waits until they have ended.
template <class... Role>
void end_roles(caf::actor_system& system, const Role&... role) {
  std::vector<caf::actor> all;
  for (auto& actor : {caf::actor_cast<caf::actor>(role)...})
    if (actor)
      all.push_back(actor);
  for (const auto& actor : all)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  caf::scoped_actor self{system};
  self->wait_for(all);
}

} // namespace godwit
