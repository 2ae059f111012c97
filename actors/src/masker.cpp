#include <godwit/actors/masker.hpp>

#include <algorithm>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/shared_round.hpp>

namespace godwit {
namespace {

namespace sums = secure_sum::client;

/// The key that signs for this edge in this round. That it is this edge's, its certificate says
/// where the server is not trusted to pass keys on.
secret identity_seed(const secret& seed) {
  return hkdf_sha256(seed.reveal(), {}, as_bytes("FLSA1/identity"), signing_seed_bytes);
}

/// One round's part.
struct part {
  secure_invitation invited; ///< of a restored one the task says its round and model only
  std::shared_ptr<const secret> seed;
  std::string evidence; ///< beside the advert
  sums::machine machine;
  shared_bytes others{};                ///< the evidence of all, until the roster comes
  std::optional<mask_update> waiting{}; ///< an update that the shares are not there for yet
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

bool is_malicious(const secure_sum::terms& terms) {
  return terms.profile == secure_sum::profile::malicious;
}

/// `shown`: the evidence that an earlier process showed of the same keys. Refuses wrong_terms, too,
/// where they are of a profile that this edge cannot or may not follow.
result<part> part_of(const masker_setup& setup, const secure_invitation& in,
                     std::shared_ptr<const secret> seed,
                     const std::optional<std::string>& shown = {}) {
  const auto terms = secure_sum::decode_terms(as_bytes(in.terms));
  if (!terms)
    return terms.why();
  if (terms->profile < setup.weakest || (is_malicious(*terms) && (!setup.attest || !setup.check)))
    return refusal::wrong_terms;
  const auto revealed = seed->reveal();
  auto identity = signing_key::from_seed(identity_seed(*seed));
  GODWIT_CHECK(identity, "a seed of the right length makes no key");
  const auto evidence = shown                  ? bytes_of(*shown)
                        : is_malicious(*terms) ? setup.attest(identity->public_key())
                                               : bytes();
  auto machine =
      sums::machine::open({.terms = bytes_of(in.terms),
                           .round = in.task.round,
                           .model = in.task.model.sha256,
                           .self = setup.self,
                           .identity = std::make_shared<const signing_key>(std::move(*identity)),
                           .evidence = sha256(evidence),
                           .seed = secret(bytes(revealed.begin(), revealed.end()))});
  if (!machine)
    return machine.why();
  return part{in, std::move(seed), as_text(evidence), std::move(*machine)};
}

/// Whether the terms' streams are what this edge has to say: its update, and its loss, which stays
/// where it is if the update gets noise.
bool is_for_us(const masker_setup& setup, const secure_sum::terms& terms) {
  const auto& streams = secure_sum::value_streams(terms);
  return streams[0].length == setup.parameter_count &&
         (terms.noised ? streams.size() == 1 : streams.size() == 2 && streams[1].length == 1);
}

void decline(self_ptr self, round_id round, refusal why) {
  self->state.setup.log->warn("secure_sum.refused", {{"round", round}, {"why", why}});
  self->send(self->state.roles->uplink, decline_task{round, std::string(sentence(why))});
  self->send(self->state.roles->trainer,
             round_closed{round, 0, std::string(sentence(why)), stamp{}});
}

secure_word word_of(round_id round, secure_step step, bytes_view content) {
  return {.round = round,
          .step = static_cast<std::uint8_t>(step),
          .content = as_text(content),
          .evidence = {},
          .letter = {}};
}

/// A word for the server: what the machine's effects say, if they say anything.
std::optional<secure_word> word_in(round_id round, const std::vector<sums::effect>& effects) {
  std::optional<secure_word> made;
  const auto say = [&](secure_step step, bytes_view content) {
    made = word_of(round, step, content);
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

std::vector<std::uint32_t> all_in(const secure_sum::roster& told) {
  std::vector<std::uint32_t> indices;
  for (const auto& each : told.neighbours)
    indices.push_back(each.index);
  return indices;
}

/// What `in` says; `proven`: for which neighbours of a roster the evidence holds.
template <class Proven>
sums::input input_of(const secure_call& in, const Proven& proven) {
  const auto view = in.content.view();
  bytes content(view.begin(), view.end());
  switch (secure_step{in.step}) {
  case secure_step::roster: {
    const auto told = secure_sum::decode_roster(content);
    auto held = told ? proven(*told) : std::vector<std::uint32_t>();
    return sums::roster_told{std::move(content), std::move(held)};
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
  secure_sum::client_values values{.weight = static_cast<std::uint32_t>(
                                       std::min<std::uint64_t>(in.offer.example_count, weight_max)),
                                   .streams = {update}};
  if (!machine.rules().noised)
    values.streams.push_back(std::span(&loss, 1));
  return secure_sum::make_body(machine, values);
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
  const auto made = here->machine.apply(sums::body_made{digest});
  if (!made)
    return decline(self, in.offer.round, made.why());
  for (const auto& each : *made)
    if (const auto* x = std::get_if<sums::send_body>(&each); x && x->proof)
      self->send(self->state.roles->uplink,
                 word_of(in.offer.round, secure_step::body_proof, *x->proof));
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
                                                    .evidence = here.evidence});
}

void join(self_ptr self, const secure_invitation& in) {
  auto& state = self->state;
  if (state.here && state.here->invited.task.round == in.task.round &&
      state.here->invited.terms == in.terms) { // said again after a reconnect
    state.here->invited = in;
    return say_task(self);
  }
  auto seed = std::make_shared<const secret>(state.setup.draw(secure_sum::client_seed_bytes));
  auto made = part_of(state.setup, in, std::move(seed));
  if (!made)
    return decline(self, in.task.round, made.why());
  if (!is_for_us(state.setup, made->machine.rules()))
    return decline(self, in.task.round, refusal::wrong_terms);
  state.here.emplace(std::move(*made));
  say_task(self);
}

std::string_view event_of(secure_step said) {
  switch (said) {
  case secure_step::unmask_shares:
    return "secure_sum.unmasked";
  case secure_step::consistent:
    return "secure_sum.agreed";
  default:
    return "secure_sum.shared";
  }
}

void hear(self_ptr self, const secure_call& in) {
  auto& here = self->state.here;
  if (!here || here->invited.task.round != in.round)
    return;
  if (secure_step{in.step} == secure_step::evidence) {
    here->others = in.content;
    return;
  }
  const auto others = std::exchange(here->others, {});
  auto effects = here->machine.apply(input_of(in, [&](const secure_sum::roster& told) {
    return is_malicious(here->machine.rules())
               ? secure_sum::proven_in(told, others.view(), self->state.setup.check)
               : all_in(told); // the server is trusted to pass the keys on as they are
  }));
  if (!effects && effects.why() == refusal::duplicate)
    return;
  if (!effects) {
    here.reset();
    return decline(self, in.round, effects.why());
  }
  auto word = word_in(in.round, *effects);
  if (word)
    self->state.setup.log->info(event_of(secure_step{word->step}), {{"round", in.round}});
  self->send(self->state.roles->uplink, secure_answer{in, std::move(word)});
  if (std::holds_alternative<sums::answered>(here->machine.current()))
    here.reset(); // what is asked again, the mailbox says again
  else
    mask_if_ready(self);
}

/// What was kept had been found right. The body was made before anybody asked who survived.
std::optional<refusal> replay(sums::machine& machine, const outbox::secure_part& past) {
  const auto take = [&machine](const sums::input& in) -> std::optional<refusal> {
    auto taken = machine.apply(in);
    return taken ? std::nullopt : std::optional(taken.why());
  };
  auto body = past.body;
  for (const auto& call : past.calls) {
    const auto step = secure_step{call.step};
    if (step != secure_step::roster && step != secure_step::delivered_shares)
      if (const auto made = std::exchange(body, {}))
        if (const auto why = take(sums::body_made{*made}))
          return why;
    if (const auto why = take(input_of(call, all_in)))
      return why;
  }
  return body ? take(sums::body_made{*body}) : std::nullopt;
}

/// What an earlier process was doing.
void restore(masker_state& state) {
  const auto past = std::exchange(state.setup.past, {});
  if (!past || shared_sum::is_shared_round(as_bytes(past->terms)))
    return;
  secure_invitation invited;
  invited.task.round = past->round;
  if (const auto terms = secure_sum::decode_terms(as_bytes(past->terms)))
    invited.task.model.sha256 = terms->model; // as it was when they were taken
  invited.terms = past->terms;
  auto made = part_of(state.setup, invited, past->seed, past->evidence);
  std::optional<refusal> why;
  if (made)
    why = replay(made->machine, *past);
  else
    why = made.why();
  if (why)
    return state.setup.log->warn("secure_sum.lost", {{"round", past->round}, {"why", *why}});
  state.here.emplace(std::move(*made));
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
