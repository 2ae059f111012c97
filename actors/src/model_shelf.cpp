#include <godwit/actors/model_shelf.hpp>

#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace godwit {
namespace {

struct shelf_state {
  model_shelf_setup setup;
};
using self_ptr = model_shelf_actor::stateful_pointer<shelf_state>;

model_shelf_actor::behavior_type model_shelf(self_ptr self, model_shelf_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](const model_fetched& in) {
        const auto& with = self->state.setup;
        if (auto kept = with.store->put(in.model, in.content); !kept)
          with.log->warn("model.not_kept",
                         {{"why", kept.why().code}, {"detail", kept.why().detail}});
      },
      [self](const fetch_model& in) -> caf::result<model_fetched> {
        const auto& with = self->state.setup;
        auto found = with.store->get(in.model);
        if (found)
          return model_fetched{in.model, std::move(*found)};
        if (found.why().code != failure_code::not_found)
          with.log->warn("model.unreadable",
                         {{"why", found.why().code}, {"detail", found.why().detail}});
        return as_error(refusal::unknown_model);
      },
  };
}

} // namespace

model_shelf_actor spawn_model_shelf(caf::actor_system& system, model_shelf_setup setup) {
  if (!setup.is_detached)
    return system.spawn(model_shelf, std::move(setup));
  return system.spawn<caf::detached>(model_shelf, std::move(setup));
}

} // namespace godwit
