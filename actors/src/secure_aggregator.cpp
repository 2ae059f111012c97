#include <godwit/actors/secure_aggregator.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/sum_opening.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

#include "ledger_writing.hpp"

namespace godwit {
namespace {

struct secure_aggregator_state {
  std::shared_ptr<secure_aggregator_setup> here;
};
using self_ptr = aggregator_actor::stateful_pointer<secure_aggregator_state>;

/// What the ledger says of it.
privacy_release release_in(const noised_releases& noised, const take_mean& in,
                           std::span<const float> mean) {
  auto clients = in.opening->survivors;
  std::ranges::sort(clients);
  const auto event = release_of(noised.rules, static_cast<std::uint32_t>(clients.size()));
  privacy_release made{.round = in.round,
                       .noise_multiplier = noise_multiplier_of(event.mechanism),
                       .result = sha256(std::as_bytes(mean)),
                       .clients = std::move(clients)};
  if (const auto* gaussian = std::get_if<accounting::discrete_gaussian>(&event.mechanism))
    made.shared = *gaussian;
  else if (const auto* skellam = std::get_if<accounting::skellam>(&event.mechanism))
    made.shared = *skellam;
  return made;
}

caf::result<round_mean> release_noised(self_ptr self, const take_mean& in,
                                       const secure_sum::opened_sum& opened) {
  auto& here = *self->state.here;
  auto& noised = *here.noised;
  auto mean = opened.noisy_sum_over(noised.cohort);
  if (!mean)
    return round_mean{in.round, nullptr};
  here.log->info("sum.opened", {{"round", in.round}, {"clients", in.opening->survivors.size()}});
  const auto line = noised.keys.ledger.add(release_in(noised, in, *mean), *noised.keys.signer);
  GODWIT_CHECK(line, "a release that the ledger cannot say");
  return when_kept(
      self, noised.keeper, *here.log, noised.keys.ledger, *line,
      {.round = in.round, .mean = std::make_shared<std::vector<float>>(std::move(*mean))});
}

caf::result<round_mean> open(self_ptr self, const take_mean& in) {
  auto& here = *self->state.here;
  const auto clients = here.sum.count();
  if (in.round != here.round || !in.opening || clients != in.opening->survivors.size())
    return as_error(refusal::wrong_round);
  const auto opened = here.sum.open(*in.opening, in.round);
  if (opened && here.noised)
    return release_noised(self, in, *opened);
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
      [self](const take_mean& in) { return open(self, in); },
  };
}

} // namespace

aggregator_actor spawn_secure_aggregator(caf::actor_system& system, secure_aggregator_setup setup) {
  return system.spawn(secure_aggregator,
                      std::make_shared<secure_aggregator_setup>(std::move(setup)));
}

} // namespace godwit
