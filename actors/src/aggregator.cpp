#include <godwit/actors/aggregator.hpp>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace godwit {
namespace {

struct aggregator_state {
  round_id round;
  fixed_point_sum sum{0};
};
using self_ptr = aggregator_actor::stateful_pointer<aggregator_state>;

aggregator_actor::behavior_type
aggregator(self_ptr self, const std::shared_ptr<fixed_point_sum>& sum, round_id round) {
  self->state.round = round;
  self->state.sum = std::move(*sum);
  return {
      [self](const begin_sum& in) {
        self->state.round = in.round;
        self->state.sum.clear();
      },
      [self](const add_update& in) -> sum_verdict {
        sum_verdict verdict{in.client, in.round, {}};
        if (in.round != self->state.round)
          verdict.why_not = refusal::wrong_round;
        else if (auto added = self->state.sum.add(in.content.view(), in.weight); !added)
          verdict.why_not = added.why();
        return verdict;
      },
      [self](const take_mean& in) -> caf::result<round_mean> {
        if (in.round != self->state.round || self->state.sum.count() == 0)
          return as_error(refusal::wrong_round);
        auto mean = std::make_shared<std::vector<float>>(self->state.sum.parameter_count());
        self->state.sum.mean(*mean);
        self->state.sum.clear();
        return round_mean{in.round, std::move(mean)};
      },
  };
}

} // namespace

aggregator_actor spawn_aggregator(caf::actor_system& system, fixed_point_sum sum, round_id round) {
  return system.spawn(aggregator, std::make_shared<fixed_point_sum>(std::move(sum)), round);
}

} // namespace godwit
