// The actor that says whom to invite to a round.
#pragma once

#include <cstdint>

#include <caf/actor_system.hpp>

#include <godwit/actors/machines/selection.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct selector_setup {
  selection::rule how = selection::rule::random;
  std::uint32_t cohort = 10;
  double over_selection = 1.3;
  std::uint64_t seed = 1;
};

client_selector_actor spawn_client_selector(caf::actor_system&, selector_setup);

} // namespace godwit
