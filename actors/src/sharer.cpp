#include <godwit/actors/sharer.hpp>

#include <algorithm>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/shared_body.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit {
namespace {

constexpr std::size_t seed_bytes = 32;

/// One round's part.
struct part {
  secure_invitation invited; ///< of a restored one the task says its round only
  std::shared_ptr<const secret> seed;
  shared_sum::shared_round stated;
};

struct sharer_state {
  sharer_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::optional<part> here;
};
using self_ptr = masker_actor::stateful_pointer<sharer_state>;

void decline(self_ptr self, round_id round, refusal why) {
  self->state.setup.log->warn("shared_sum.refused", {{"round", round}, {"why", why}});
  self->send(self->state.roles->uplink, decline_task{round, std::string(sentence(why))});
  self->send(self->state.roles->trainer,
             round_closed{round, 0, std::string(sentence(why)), stamp{}});
}

/// What the terms say, if they are for this edge's model and all trustees are shown to be such.
result<shared_sum::shared_round> look_at(const sharer_setup& setup, const std::string& terms) {
  auto stated = shared_sum::decode_shared_round(as_bytes(terms));
  if (!stated)
    return stated.why();
  const auto& streams = stated->streams;
  if (streams.size() != 2 || streams[0].length != setup.parameter_count || streams[1].length != 1)
    return refusal::wrong_terms;
  const auto& servers = stated->servers;
  if (!setup.check || !std::all_of(servers.begin(), servers.end() - 1, setup.check))
    return refusal::unproven_key;
  return stated;
}

void say_task(self_ptr self) {
  const auto& here = *self->state.here;
  self->send(self->state.roles->uplink,
             secure_task{.invited = here.invited, .seed = here.seed, .advert = {}, .evidence = {}});
}

void join(self_ptr self, const secure_invitation& in) {
  auto& state = self->state;
  if (state.here && state.here->invited.task.round == in.task.round &&
      state.here->invited.terms == in.terms) { // said again after a reconnect
    state.here->invited = in;
    return say_task(self);
  }
  auto stated = look_at(state.setup, in.terms);
  if (!stated)
    return decline(self, in.task.round, stated.why());
  if (stated->terms.round != in.task.round || stated->model != in.task.model.sha256)
    return decline(self, in.task.round, refusal::wrong_terms);
  state.here.emplace(
      part{in, std::make_shared<const secret>(state.setup.draw(seed_bytes)), std::move(*stated)});
  say_task(self);
}

/// What is said beside the parts tells nothing.
void share(self_ptr self, const mask_update& in) {
  auto& here = self->state.here;
  if (!here || here->invited.task.round != in.offer.round)
    return;
  const auto content = in.content.view();
  const auto weight = std::min<std::uint64_t>(in.offer.example_count, here->stated.weight_max);
  auto body = shared_sum::upload_of(
      here->stated, self->state.setup.self, *here->seed,
      {.values = {reinterpret_cast<const float*>(content.data()), content.size() / sizeof(float)},
       .loss = static_cast<float>(in.offer.loss),
       .weight = static_cast<std::uint32_t>(weight)});
  if (!body)
    return decline(self, in.offer.round, body.why());
  here.reset(); // a seed is for one vector: this one, which the mailbox keeps
  const shared_bytes parts(std::move(*body));
  self->state.setup.log->info("shared_sum.split", {{"round", in.offer.round}});
  self->send(self->state.roles->trainer,
             task_masked{.turn = in.turn,
                         .offer = {.round = in.offer.round,
                                   .example_count = 1,
                                   .step_count = 0,
                                   .loss = 0,
                                   .update = {sha256(parts.view()), parts.size()},
                                   .letter = {}},
                         .content = parts});
}

/// What an earlier process was doing: trained already, it has its parts in the mailbox.
void restore(sharer_state& state) {
  const auto past = std::exchange(state.setup.past, {});
  if (!past || past->body || !shared_sum::is_shared_round(as_bytes(past->terms)))
    return;
  auto stated = look_at(state.setup, past->terms);
  if (!stated)
    return state.setup.log->warn("shared_sum.lost",
                                 {{"round", past->round}, {"why", stated.why()}});
  secure_invitation invited;
  invited.task.round = past->round;
  invited.terms = past->terms;
  state.here.emplace(part{std::move(invited), past->seed, std::move(*stated)});
}

masker_actor::behavior_type sharer(self_ptr self, sharer_setup setup) {
  self->state.setup = std::move(setup);
  restore(self->state);
  return {
      [self](const secure_invitation& in) { join(self, in); },
      [](const secure_call&) {}, // nobody is asked again
      [self](const round_closed& in) {
        auto& here = self->state.here;
        if (here && here->invited.task.round == in.round)
          here.reset();
      },
      [self](const mask_update& in) { share(self, in); },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

masker_actor spawn_sharer(caf::actor_system& system, sharer_setup setup) {
  return system.spawn(sharer, std::move(setup));
}

} // namespace godwit
