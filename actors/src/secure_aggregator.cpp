#include <godwit/actors/secure_aggregator.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/sum_opening.hpp>

namespace godwit {
namespace {

struct secure_aggregator_state {
  std::shared_ptr<secure_aggregator_setup> here;
};
using self_ptr = aggregator_actor::stateful_pointer<secure_aggregator_state>;

caf::result<round_mean> open(secure_aggregator_setup& here, const take_mean& in) {
  const auto clients = here.sum.count();
  if (in.round != here.round || !in.opening || clients != in.opening->survivors.size())
    return as_error(refusal::wrong_round);
  const auto opened = here.sum.open(*in.opening, in.round);
  auto update = opened ? opened->mean_of(0) : std::nullopt;
  const auto loss = opened ? opened->mean_of(1) : std::nullopt;
  if (!update || !loss)
    return round_mean{in.round, nullptr};
  here.log->info("sum.opened",
                 {{"round", in.round}, {"clients", clients}, {"loss", loss->front()}});
  return round_mean{in.round, std::make_shared<std::vector<float>>(std::move(*update)),
                    loss->front()};
}

aggregator_actor::behavior_type
secure_aggregator(self_ptr self, const std::shared_ptr<secure_aggregator_setup>& setup) {
  self->state.here = setup;
  return {
      [self](const begin_sum& in) {
        self->state.here->round = in.round;
        self->state.here->sum.clear();
      },
      [self](const add_update& in) -> sum_verdict {
        sum_verdict verdict{in.client, in.round, {}};
        if (in.round != self->state.here->round)
          verdict.why_not = refusal::wrong_round;
        else if (auto added = self->state.here->sum.add(in.content.view()); !added)
          verdict.why_not = added.why();
        return verdict;
      },
      [self](const take_mean& in) { return open(*self->state.here, in); },
  };
}

} // namespace

aggregator_actor spawn_secure_aggregator(caf::actor_system& system, secure_aggregator_setup setup) {
  return system.spawn(secure_aggregator,
                      std::make_shared<secure_aggregator_setup>(std::move(setup)));
}

} // namespace godwit
