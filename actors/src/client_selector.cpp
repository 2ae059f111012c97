#include <godwit/actors/client_selector.hpp>

#include <algorithm>

#include <caf/typed_event_based_actor.hpp>

namespace godwit {
namespace {

client_selector_actor::behavior_type client_selector(client_selector_actor::pointer,
                                                     selector_setup setup) {
  return {
      [setup](const select_cohort& in) -> cohort_selected {
        std::vector<membership::candidate> candidates;
        candidates.reserve(in.clients.size());
        for (std::size_t i = 0; i < in.clients.size(); ++i)
          candidates.push_back({in.clients[i], in.example_counts[i]});
        auto chosen = selection::select(
            setup.how, std::move(candidates),
            selection::invited_count(setup.cohort, setup.over_selection), setup.seed, in.round);
        // More than as many again are never needed, and they are written down with the round.
        chosen.reserve.resize(std::min(chosen.reserve.size(), chosen.invited.size()));
        return {in.round, std::move(chosen.invited), std::move(chosen.reserve)};
      },
  };
}

} // namespace

client_selector_actor spawn_client_selector(caf::actor_system& system, selector_setup setup) {
  return system.spawn(client_selector, setup);
}

} // namespace godwit
