#include <godwit/actors/secure_aggregator.hpp>

#include <memory>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/sum_opening.hpp>
#include <godwit/aggregation/quantiser.hpp>

namespace godwit {
namespace {

using self_ptr = aggregator_actor::stateful_pointer<secure_aggregator_setup>;

value_grid grid_of(const secure_sum::stream_terms& stream) {
  return {.low = stream.low, .high = stream.high, .bits = stream.bits};
}

/// Takes the masks off; what is left is a sum of entries.
void unmask(ring_sum& sum, const sum_opening& with, const secure_sum::terms& terms) {
  const auto parts = secure_sum::as_terms(with.masks);
  std::visit(
      [&](auto& lanes) { add_masks(std::span(lanes), parts, secure_sum::mask_stream(terms)); },
      sum.lanes());
}

/// The mean of one stream whose entries begin at `first`; whether all are entries of that weight.
bool read_mean(const ring_sum& sum, std::size_t first, const secure_sum::stream_terms& stream,
               std::uint64_t weight, std::span<float> mean) {
  return std::visit(
      [&](const auto& lanes) {
        const auto part = std::span(lanes).subspan(first, stream.length);
        return mean_of_sums(part, sum.modulus_bits(), weight, grid_of(stream), mean) == 0;
      },
      sum.lanes());
}

caf::result<round_mean> open(self_ptr self, const take_mean& in) {
  auto& state = self->state;
  if (in.round != state.round || !in.opening || state.sum.count() != in.opening->survivors.size())
    return as_error(refusal::wrong_round);
  auto terms = state.terms;
  terms.round = in.round;
  unmask(state.sum, *in.opening, terms);
  const auto weight = state.sum.entry(0);
  const auto clients = state.sum.count();
  const auto& update = terms.streams.at(0);
  auto mean = std::make_shared<std::vector<float>>(update.length);
  float loss = 0;
  const bool is_sound =
      weight >= clients && weight <= clients * terms.weight_max &&
      read_mean(state.sum, 1, update, weight, *mean) &&
      read_mean(state.sum, 1 + update.length, terms.streams.at(1), weight, std::span(&loss, 1));
  state.sum.clear();
  if (!is_sound)
    return round_mean{in.round, nullptr};
  state.log->info("sum.opened", {{"round", in.round}, {"clients", clients}, {"loss", loss}});
  return round_mean{in.round, std::move(mean), loss};
}

aggregator_actor::behavior_type
secure_aggregator(self_ptr self, const std::shared_ptr<secure_aggregator_setup>& setup) {
  self->state = std::move(*setup);
  return {
      [self](const begin_sum& in) {
        self->state.round = in.round;
        self->state.sum.clear();
      },
      [self](const add_update& in) -> sum_verdict {
        sum_verdict verdict{in.client, in.round, {}};
        if (in.round != self->state.round)
          verdict.why_not = refusal::wrong_round;
        else if (auto added = self->state.sum.add(in.content.view()); !added)
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
