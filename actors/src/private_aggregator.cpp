#include <godwit/actors/private_aggregator.hpp>

#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

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
  auto mean = std::make_shared<std::vector<float>>(state.sum.parameter_count());
  state.sum.release(*state.keys.noise, in.round, *mean);
  const auto line = state.keys.ledger.add({.round = in.round,
                                           .noise_multiplier = state.sum.rules().noise_multiplier,
                                           .result = sha256(std::as_bytes(std::span(*mean))),
                                           .clients = state.sum.clients()},
                                          *state.keys.signer);
  GODWIT_CHECK(line, "a release that the ledger cannot say");
  state.sum.clear();
  if (line->empty()) // a killed server makes the same again
    return round_mean{in.round, std::move(mean), {}};
  state.log->info("privacy.charged", {{"round", in.round},
                                      {"releases", state.keys.ledger.head().release_count},
                                      {"head", hex(state.keys.ledger.head().hash)}});
  auto promise = self->make_response_promise<round_mean>();
  self->request(state.keeper, caf::infinite, keep_release{*line})
      .then(
          [promise, round = in.round, mean = std::move(mean)](done) mutable {
            promise.deliver(round_mean{round, std::move(mean), {}});
          },
          expect_no_refusal);
  return promise;
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
