#include <godwit/actors/private_aggregator.hpp>

#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/messages/check.hpp>

#include "ledger_writing.hpp"

namespace godwit {
namespace {

using self_ptr = aggregator_actor::stateful_pointer<std::shared_ptr<private_aggregator_setup>>;

sum_verdict judge(private_aggregator_setup& state, const add_update& in) {
  sum_verdict verdict{in.client, in.round, {}};
  if (in.round != state.round)
    verdict.why_not = refusal::wrong_round;
  else if (auto added = state.sum.add(in.client, in.content.view()); !added)
    verdict.why_not = added.why();
  return verdict;
}

/// The mean leaves when the line that says so is durable.
caf::result<round_mean> release(self_ptr self, const take_mean& in) {
  auto& state = *self->state;
  if (in.round != state.round || state.sum.clients().empty())
    return as_error(refusal::wrong_round);
  const auto clients = state.sum.clients();
  const auto rules = state.sum.rules();
  auto made = state.sum.release(*state.keys.noise, in.round, state.keys.ledger.last_in_tree());
  const auto line = state.keys.ledger.add({.round = in.round,
                                           .noise_multiplier = rules.noise_multiplier,
                                           .place = made.place,
                                           .result = made.result,
                                           .clients = clients},
                                          *state.keys.signer);
  GODWIT_CHECK(line, "a release that the ledger cannot say");
  round_mean out{.round = in.round,
                 .mean = std::make_shared<std::vector<float>>(std::move(made.mean)),
                 .place = made.place};
  if (rules.adaptation)
    out.clip = clip_norms{rules.clip_norm, made.clip_norm_next};
  return when_kept(self, state.keeper, *state.log, state.keys.ledger, *line, std::move(out));
}

aggregator_actor::behavior_type
private_aggregator(self_ptr self, const std::shared_ptr<private_aggregator_setup>& setup) {
  self->state = setup;
  return {
      [self](const begin_sum& in) {
        self->state->round = in.round;
        self->state->sum.clear();
      },
      [self](const add_update& in) { return judge(*self->state, in); },
      [self](const take_mean& in) { return release(self, in); },
  };
}

} // namespace

aggregator_actor spawn_private_aggregator(caf::actor_system& system,
                                          private_aggregator_setup setup) {
  return system.spawn(private_aggregator,
                      std::make_shared<private_aggregator_setup>(std::move(setup)));
}

} // namespace godwit
