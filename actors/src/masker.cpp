#include <godwit/actors/masker.hpp>

#include <algorithm>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit {
namespace {

namespace sums = secure_sum::client;

/// The key that signs for this edge in this round: where the server is trusted to pass keys on, it
/// need not be more than that.
secret identity_seed(const secret& seed) {
  return hkdf_sha256(seed.reveal(), {}, as_bytes("FLSA1/identity"), signing_seed_bytes);
}

/// One round's part.
struct part {
  secure_invitation invited; ///< of a restored one the task says its round and model only
  std::shared_ptr<const secret> seed;
  sums::machine machine;
  std::optional<mask_update> waiting; ///< an update that the shares are not there for yet
};

struct masker_state {
  masker_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::optional<part> here;
};
using self_ptr = masker_actor::stateful_pointer<masker_state>;

bytes bytes_of(const std::string& text) {
  const auto view = as_bytes(text);
  return bytes(view.begin(), view.end());
}

result<sums::machine> machine_of(const masker_setup& setup, const secure_invitation& in,
                                 const secret& seed) {
  const auto revealed = seed.reveal();
  auto identity = signing_key::from_seed(identity_seed(seed));
  GODWIT_CHECK(identity, "a seed of the right length makes no key");
  return sums::machine::open({.terms = bytes_of(in.terms),
                              .round = in.task.round,
                              .model = in.task.model.sha256,
                              .self = setup.self,
                              .identity = std::make_shared<const signing_key>(std::move(*identity)),
                              .evidence = sha256({}),
                              .seed = secret(bytes(revealed.begin(), revealed.end()))});
}

/// Whether the terms' streams are what this edge has to say: its update, and its loss.
bool is_for_us(const masker_setup& setup, const secure_sum::terms& terms) {
  const auto& streams = secure_sum::value_streams(terms);
  return streams.size() == 2 && streams[0].length == setup.parameter_count &&
         streams[1].length == 1 && terms.profile == secure_sum::profile::semi_honest;
}

void decline(self_ptr self, round_id round, refusal why) {
  self->state.setup.log->warn("secure_sum.refused", {{"round", round}, {"why", why}});
  self->send(self->state.roles->uplink, decline_task{round, std::string(sentence(why))});
  self->send(self->state.roles->trainer,
             round_closed{round, 0, std::string(sentence(why)), stamp{}});
}

/// A word for the server: what the machine's effects say, if they say anything.
std::optional<secure_word> word_in(round_id round, const std::vector<sums::effect>& effects) {
  std::optional<secure_word> made;
  const auto say = [&](secure_step step, bytes_view content) {
    made = secure_word{.round = round,
                       .step = static_cast<std::uint8_t>(step),
                       .content = as_text(content),
                       .evidence = {},
                       .letter = {}};
  };
  for (const auto& each : effects) {
    if (const auto* x = std::get_if<sums::send_shares>(&each))
      say(secure_step::sealed_shares, x->content);
    else if (const auto* y = std::get_if<sums::send_consistency>(&each))
      say(secure_step::consistent, y->statement);
    else if (const auto* z = std::get_if<sums::send_unmask_shares>(&each))
      say(secure_step::unmask_shares, z->content);
  }
  return made;
}

/// The server is trusted to pass the keys on as they are: every neighbour's counts as proven.
sums::input input_of(const secure_call& in) {
  auto content = bytes_of(in.content);
  switch (secure_step{in.step}) {
  case secure_step::roster: {
    std::vector<std::uint32_t> proven;
    if (const auto told = secure_sum::decode_roster(content))
      for (const auto& each : told->neighbours)
        proven.push_back(each.index);
    return sums::roster_told{std::move(content), std::move(proven)};
  }
  case secure_step::delivered_shares:
    return sums::shares_delivered{std::move(content)};
  case secure_step::survivors:
    return sums::survivors_told{std::move(content)};
  default:
    return sums::unmask_asked{std::move(content)};
  }
}

// -- the vector

result<bytes> masked_body(const sums::machine& machine, const mask_update& in) {
  const auto content = in.content.view();
  const std::span update(reinterpret_cast<const float*>(content.data()),
                         content.size() / sizeof(float));
  const auto loss = static_cast<float>(in.offer.loss);
  const auto weight_max = secure_sum::value_weight_max(machine.rules());
  return secure_sum::make_body(machine,
                               {.weight = static_cast<std::uint32_t>(
                                    std::min<std::uint64_t>(in.offer.example_count, weight_max)),
                                .streams = {update, std::span(&loss, 1)}});
}

/// Masks the update that waits, if it can be now. What is said beside it tells nothing.
void mask_if_ready(self_ptr self) {
  auto& here = self->state.here;
  if (!here || !here->waiting || !std::holds_alternative<sums::masking>(here->machine.current()))
    return;
  const auto in = std::move(*std::exchange(here->waiting, {}));
  auto body = masked_body(here->machine, in);
  if (!body)
    return decline(self, in.offer.round, body.why());
  shared_bytes content(std::move(*body));
  const auto digest = sha256(content.view());
  if (auto made = here->machine.apply(sums::body_made{digest}); !made)
    return decline(self, in.offer.round, made.why());
  self->send(self->state.roles->trainer, task_masked{.turn = in.turn,
                                                     .offer = {.round = in.offer.round,
                                                               .example_count = 1,
                                                               .step_count = 0,
                                                               .loss = 0,
                                                               .update = {digest, content.size()},
                                                               .letter = {}},
                                                     .content = content});
}

// -- what comes in

void say_task(self_ptr self) {
  const auto& here = *self->state.here;
  self->send(self->state.roles->uplink, secure_task{.invited = here.invited,
                                                    .seed = here.seed,
                                                    .advert = as_text(here.machine.advert()),
                                                    .evidence = {}});
}

void join(self_ptr self, const secure_invitation& in) {
  auto& state = self->state;
  if (state.here && state.here->invited.task.round == in.task.round &&
      state.here->invited.terms == in.terms) { // said again after a reconnect
    state.here->invited = in;
    return say_task(self);
  }
  auto seed = std::make_shared<const secret>(state.setup.draw(secure_sum::client_seed_bytes));
  auto machine = machine_of(state.setup, in, *seed);
  if (!machine)
    return decline(self, in.task.round, machine.why());
  if (!is_for_us(state.setup, machine->rules()))
    return decline(self, in.task.round, refusal::wrong_terms);
  state.here.emplace(part{in, std::move(seed), std::move(*machine), {}});
  say_task(self);
}

void hear(self_ptr self, const secure_call& in) {
  auto& here = self->state.here;
  if (!here || here->invited.task.round != in.round)
    return;
  auto effects = here->machine.apply(input_of(in));
  if (!effects && effects.why() == refusal::duplicate)
    return;
  if (!effects) {
    here.reset();
    return decline(self, in.round, effects.why());
  }
  auto word = word_in(in.round, *effects);
  if (word)
    self->state.setup.log->info(secure_step{word->step} == secure_step::unmask_shares
                                    ? "secure_sum.unmasked"
                                    : "secure_sum.shared",
                                {{"round", in.round}});
  self->send(self->state.roles->uplink, secure_answer{in, std::move(word)});
  if (std::holds_alternative<sums::answered>(here->machine.current()))
    here.reset(); // what is asked again, the mailbox says again
  else
    mask_if_ready(self);
}

/// What an earlier process was doing.
void restore(masker_state& state) {
  const auto past = std::exchange(state.setup.past, {});
  if (!past)
    return;
  secure_invitation invited;
  invited.task.round = past->round;
  if (const auto terms = secure_sum::decode_terms(as_bytes(past->terms)))
    invited.task.model.sha256 = terms->model; // as it was when they were taken
  invited.terms = past->terms;
  auto machine = machine_of(state.setup, invited, *past->seed);
  if (!machine)
    return state.setup.log->warn("secure_sum.lost",
                                 {{"round", past->round}, {"why", machine.why()}});
  for (const auto& call : past->calls)
    if (auto taken = machine->apply(input_of(call)); !taken)
      return state.setup.log->warn("secure_sum.lost",
                                   {{"round", past->round}, {"why", taken.why()}});
  if (past->body)
    if (auto taken = machine->apply(sums::body_made{*past->body}); !taken)
      return state.setup.log->warn("secure_sum.lost",
                                   {{"round", past->round}, {"why", taken.why()}});
  state.here.emplace(part{std::move(invited), past->seed, std::move(*machine), {}});
}

masker_actor::behavior_type masker(self_ptr self, masker_setup setup) {
  self->state.setup = std::move(setup);
  restore(self->state);
  return {
      [self](const secure_invitation& in) { join(self, in); },
      [self](const secure_call& in) { hear(self, in); },
      [self](const round_closed& in) {
        auto& here = self->state.here;
        if (here && here->invited.task.round == in.round)
          here.reset();
      },
      [self](const mask_update& in) {
        auto& here = self->state.here;
        if (!here || here->invited.task.round != in.offer.round)
          return;
        here->waiting = in;
        mask_if_ready(self);
      },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

masker_actor spawn_masker(caf::actor_system& system, masker_setup setup) {
  return system.spawn(masker, std::move(setup));
}

} // namespace godwit
