#include <godwit/actors/shared_aggregator.hpp>

#include <optional>
#include <set>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/shared_body.hpp>
#include <godwit/actors/machines/sum_leader.hpp>
#include <godwit/actors/machines/sum_words.hpp>

namespace godwit {
namespace {

namespace sums = shared_sum;

struct aggregator_state {
  shared_aggregator_setup setup;
  std::shared_ptr<const server_roles> roles;
  std::optional<sums::shared_round> stated; ///< of the open round
  std::optional<sums::leader> leader;       ///< while the sum is being opened
  caf::typed_response_promise<round_mean> asked;
  std::set<std::string> there; ///< trustees
  std::map<std::string, sum_words::listener> words;
};
using self_ptr = sum_leader_actor::stateful_pointer<aggregator_state>;

constexpr std::size_t seed_bytes = 32;

void read_terms(aggregator_state& state) {
  auto stated = sums::decode_shared_round(as_bytes(state.setup.terms));
  state.stated.reset();
  if (stated)
    state.stated = std::move(*stated);
}

/// 0: none of the open round's.
unsigned number_of(const aggregator_state& state, const std::string& name) {
  if (!state.stated)
    return 0;
  for (unsigned s = 1; s < state.stated->servers.size(); ++s)
    if (state.stated->servers[s - 1].name == name)
      return s;
  return 0;
}

std::string name_of(const sums::shared_round& stated, unsigned server) {
  return server == 0 || server > stated.servers.size() ? std::string()
                                                       : stated.servers[server - 1].name;
}

// -- one overload for each effect

void perform(self_ptr self, sums::tell& x) {
  auto& state = self->state;
  self->send(state.roles->gateway, to_trustee{name_of(*state.stated, x.server), std::move(x.word)});
}

void perform(self_ptr self, sums::opened& x) {
  auto& state = self->state;
  for (const auto& client : x.excluded)
    state.setup.log->warn("share.wrong", {{"round", state.setup.round}, {"client", client}});
  auto means = sums::means_of(*state.stated, x.sum, x.clients.size());
  if (!means) {
    state.asked.deliver(round_mean{state.setup.round, nullptr});
    return;
  }
  state.setup.log->info(
      "sum.opened",
      {{"round", state.setup.round}, {"clients", x.clients.size()}, {"loss", means->loss}});
  state.asked.deliver(round_mean{state.setup.round,
                                 std::make_shared<std::vector<float>>(std::move(means->update)),
                                 means->loss});
}

void perform(self_ptr self, const sums::abandoned& x) {
  auto& state = self->state;
  const auto who = name_of(*state.stated, x.server);
  state.setup.log->warn(
      "sum.abandoned", {{"round", state.setup.round}, {"why", sums::name(x.why)}, {"server", who}});
  std::string why = "the sum was given up (";
  why.append(sums::name(x.why)).append("): ").append(sums::sentence(x.why));
  if (!who.empty())
    why.append(": ").append(who);
  state.asked.deliver(round_mean{
      .round = state.setup.round, .mean = nullptr, .loss = {}, .why_not = std::move(why)});
}

void perform_all(self_ptr self, sums::leader::effects effects) {
  for (auto& each : effects)
    std::visit([self](auto& x) { perform(self, x); }, each);
  auto& leader = self->state.leader;
  if (leader && leader->is_over())
    leader.reset();
}

// -- the aggregator's part

sum_verdict add(self_ptr self, const add_update& in) {
  auto& state = self->state;
  sum_verdict verdict{in.client, in.round, {}};
  if (in.round != state.setup.round || !state.stated) {
    verdict.why_not = refusal::wrong_round;
    return verdict;
  }
  const auto& terms = state.stated->terms;
  const auto parts = sums::take_apart(terms, in.content);
  if (!parts) {
    verdict.why_not = parts.why();
  } else if (auto own =
                 sums::read_upload(terms, terms.server_count, parts->head.view(), parts->lanes);
             !own) {
    verdict.why_not = own.why();
  } else if (state.setup.bodies.size() >= terms.clients_max) {
    verdict.why_not = refusal::full;
  } else {
    state.setup.bodies.insert_or_assign(in.client, in.content);
  }
  return verdict;
}

caf::result<round_mean> open(self_ptr self, const take_mean& in) {
  auto& state = self->state;
  if (in.round != state.setup.round || !state.stated || state.leader)
    return as_error(refusal::wrong_round);
  state.asked = self->make_response_promise<round_mean>();
  state.leader.emplace(*state.stated, std::exchange(state.setup.bodies, {}),
                       state.setup.draw(seed_bytes));
  self->delayed_send(self, std::max(in.left, duration{}), sum_alarm{in.round});
  for (const auto& name : state.there)
    if (const auto number = number_of(state, name); number != 0 && state.leader)
      perform_all(self, state.leader->arrive(number));
  return state.asked;
}

void hear(self_ptr self, const piece_of_trustee& in) {
  auto& state = self->state;
  const auto number = number_of(state, in.name);
  if (number == 0 || !state.leader)
    return; // of a sum that is over
  const auto bound =
      sums::word_bytes_max(state.stated->terms, static_cast<sum_step>(in.piece.step), number);
  auto word = state.words[in.name].take(in.piece, in.body.view(), bound);
  if (!word)
    return state.setup.log->warn("word.refused", {{"trustee", in.name}, {"why", word.why()}});
  if (*word)
    perform_all(self, state.leader->hear(number, **word));
}

sum_leader_actor::behavior_type
shared_aggregator(self_ptr self, const std::shared_ptr<shared_aggregator_setup>& setup) {
  self->state.setup = std::move(*setup);
  read_terms(self->state);
  return {
      [self](const begin_sum& in) {
        auto& state = self->state;
        state.setup.round = in.round;
        state.setup.terms = in.terms;
        state.setup.bodies.clear();
        read_terms(state);
      },
      [self](const add_update& in) { return add(self, in); },
      [self](const take_mean& in) { return open(self, in); },
      [self](const trustee_here& in) {
        auto& state = self->state;
        state.there.insert(in.name);
        state.words.erase(in.name);
        if (const auto number = number_of(state, in.name); number != 0 && state.leader)
          perform_all(self, state.leader->arrive(number));
      },
      [self](const trustee_left& in) {
        auto& state = self->state;
        state.there.erase(in.name);
        if (const auto number = number_of(state, in.name); number != 0 && state.leader)
          state.leader->leave(number);
      },
      [self](const piece_of_trustee& in) { hear(self, in); },
      [self](const std::shared_ptr<const server_roles>& roles) { self->state.roles = roles; },
      [self](const sum_alarm& in) {
        if (in.round == self->state.setup.round && self->state.leader)
          perform_all(self, self->state.leader->give_up());
      },
  };
}

} // namespace

sum_leader_actor spawn_shared_aggregator(caf::actor_system& system, shared_aggregator_setup setup) {
  return system.spawn(shared_aggregator,
                      std::make_shared<shared_aggregator_setup>(std::move(setup)));
}

} // namespace godwit
