#include <godwit/actors/trustee.hpp>

#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/keeper.hpp>
#include <godwit/actors/machines/sum_words.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit {
namespace {

// -- the journal: u8 kind || what it says

constexpr std::uint8_t key_line = 1, opened_line = 2;
constexpr std::size_t sealing_secret_bytes = 32;

journal_record record_of(const secret& key) {
  return {canonical::writer().u8(key_line).raw(key.reveal()).take(), {}};
}

journal_record record_of(const trustee::opened_list& x) {
  return {canonical::writer()
              .u8(opened_line)
              .with_length(as_bytes(x.job))
              .u64(x.round.value)
              .raw(x.terms)
              .raw(x.list)
              .take(),
          {}};
}

struct trustee_state {
  trustee_setup setup;
  std::optional<trustee::machine> machine;
  bytes evidence;
  std::shared_ptr<const trustee_roles> roles;
  std::uint64_t link = 0; ///< 0: none
  std::string server;     ///< its other end
  bool is_welcome = false;
  std::string token;
  instant renews_at{};
  sum_words::speaker words;
  bool is_sending = false; ///< a burst is on its way out; `link_drained` ends it
  sum_words::listener heard;
};
using self_ptr = trustee_actor::stateful_pointer<trustee_state>;

constexpr int burst_count = 4;

instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

void say(self_ptr self, trustee_message message, shared_bytes body = {}) {
  auto& state = self->state;
  if (state.link != 0)
    state.setup.links->send(state.link, encode(trustee_envelope{state.token, std::move(message)}),
                            std::move(body));
}

void pump(self_ptr self) {
  auto& state = self->state;
  if (state.is_sending || !state.is_welcome)
    return;
  for (int i = 0; i < burst_count; ++i) {
    auto next = state.words.next();
    if (!next)
      return;
    say(self, next->piece, std::move(next->body));
    state.is_sending = true;
  }
}

/// Performs effects in their order: what lies behind a line that is kept waits for it.
void perform_from(self_ptr self, std::shared_ptr<trustee::machine::effects> effects,
                  std::size_t first) {
  auto& state = self->state;
  for (auto i = first; i < effects->size(); ++i) {
    auto& each = (*effects)[i];
    if (auto* word = std::get_if<trustee::say>(&each)) {
      state.words.say(std::move(word->word));
    } else if (const auto* line = std::get_if<trustee::keep>(&each)) {
      self->request(state.roles->keeper, caf::infinite, keep_records{{record_of(line->what)}})
          .then(
              [self, effects, i,
               link = state.link](done) { // words for a link that is no more mean nothing
                if (self->state.link == link)
                  perform_from(self, effects, i + 1);
              },
              expect_no_refusal);
      return;
    } else if (const auto* lost = std::get_if<trustee::passed_over>(&each)) {
      state.setup.log->warn("part.refused", {{"client", lost->client}, {"why", lost->why}});
    } else if (const auto* end = std::get_if<trustee::ended>(&each)) {
      if (end->why_not)
        state.setup.log->warn("sum.abandoned",
                              {{"round", end->round}, {"why", shared_sum::name(*end->why_not)}});
      else
        state.setup.log->info("sum.given", {{"round", end->round}});
    }
  }
  pump(self);
}

// -- what the server may say

void take_token(self_ptr self, const std::string& token, std::uint32_t seconds) {
  self->state.token = token;
  // Renewed when two thirds of its life are over: one lost answer then costs nothing.
  const std::chrono::milliseconds wait(std::uint64_t{seconds} * 667);
  self->state.renews_at = now(self) + wait;
  self->delayed_send(self, wait, token_alarm{});
}

void hear(self_ptr self, const welcome& in, const shared_bytes&) {
  self->state.is_welcome = true;
  take_token(self, in.token, in.token_seconds);
  self->state.setup.log->info("trustee.welcome", {{"server", self->state.server}});
}
void hear(self_ptr self, const token_grant& in, const shared_bytes&) {
  take_token(self, in.token, in.token_seconds);
}
void hear(self_ptr self, const refused& in, const shared_bytes&) {
  auto& state = self->state;
  state.setup.log->warn("message.refused", {{"why", in.why}, {"detail", in.detail}});
  if (in.why == refusal::token_expired || in.why == refusal::token_forged)
    state.setup.links->close(state.link, "the token is not good any more");
}
void hear(self_ptr self, const sum_piece& in, const shared_bytes& body) {
  auto& state = self->state;
  const auto bound = state.machine->word_bytes_max(static_cast<sum_step>(in.step));
  if (bound == 0)
    return; // of an attempt that is over
  auto word = state.heard.take(in, body.view(), bound);
  if (!word)
    return state.setup.log->warn("word.refused", {{"why", word.why()}});
  if (*word)
    perform_from(self,
                 std::make_shared<trustee::machine::effects>(state.machine->hear(
                     state.server, **word, state.setup.draw(trustee::fresh_bytes))),
                 0);
}
template <class Message>
void hear(self_ptr, const Message&, const shared_bytes&) {} // an edge's

// -- the link

void lose_link(self_ptr self) {
  auto& state = self->state;
  state.link = 0;
  state.is_welcome = false;
  state.is_sending = false;
  state.token.clear();
  state.words = {};
  state.heard = {};
  state.machine->drop();
}

void open_link(self_ptr self, const link_opened& in) {
  lose_link(self);
  auto& state = self->state;
  state.link = in.link;
  state.server = in.certificate_name;
  say(self, trustee_hello{.protocol = protocol_number,
                          .trustee = {state.setup.plan.self},
                          .sealing_key = state.machine->public_key(),
                          .evidence = as_text(state.evidence)});
}

trustee_actor::behavior_type trustee_role(self_ptr self,
                                          const std::shared_ptr<trustee_setup>& setup,
                                          const std::shared_ptr<trustee_past>& past) {
  auto& state = self->state;
  state.setup = std::move(*setup);
  state.machine.emplace(state.setup.plan, std::move(past->key), std::move(past->opened));
  state.evidence = state.setup.attest(state.machine->public_key());
  return {
      [self](const link_opened& in) { open_link(self, in); },
      [self](link_frame& in) {
        if (in.link != self->state.link)
          return;
        auto message = decode_server_message(in.kind, in.head);
        if (!message)
          return self->state.setup.log->warn("message.refused", {{"why", message.why()}});
        std::visit([&](const auto& x) { hear(self, x, in.body); }, *message);
      },
      [self](const link_drained& in) {
        if (in.link != self->state.link)
          return;
        self->state.is_sending = false;
        pump(self);
      },
      [self](const link_closed& in) {
        if (in.link != 0 && in.link != self->state.link)
          return;
        self->state.setup.log->info("link.closed", {{"reason", in.reason}});
        lose_link(self);
      },
      [self](const std::shared_ptr<const trustee_roles>& roles) { self->state.roles = roles; },
      [self](const token_alarm&) {
        if (self->state.is_welcome && now(self) >= self->state.renews_at)
          say(self, token_renewal{});
      },
  };
}

} // namespace

attempt<trustee_past> recall_trustee(const std::vector<found_record>& found) {
  trustee_past made;
  for (const auto& record : found) {
    canonical::reader in(record.head);
    const auto kind = in.u8();
    if (kind == key_line) {
      const auto key = in.raw(sealing_secret_bytes);
      made.key = secret(bytes(key.begin(), key.end()));
    } else if (kind == opened_line) {
      trustee::opened_list line;
      line.job = as_text(in.with_length(limits::text_length_max));
      line.round.value = in.u64();
      in.fill(line.terms);
      in.fill(line.list);
      made.opened.push_back(std::move(line));
    } else {
      in.spoil();
    }
    if (!in.is_whole())
      return failure{.code = failure_code::corrupt,
                     .detail = "a line of the journal is none of a trustee's; give each node a "
                               "folder of its own"};
  }
  return made;
}

attempt<std::shared_ptr<const trustee_roles>> spawn_trustee(caf::actor_system& system,
                                                            trustee_setup setup) {
  auto past = recall_trustee(setup.found);
  if (!past)
    return past.why();
  if (past->key.empty()) {
    past->key = setup.draw(sealing_secret_bytes);
    if (auto kept = setup.journal->keep(std::vector{record_of(past->key)}); !kept)
      return kept.why();
  }
  auto made = std::make_shared<trustee_roles>();
  made->keeper = spawn_keeper(system, {.journal = setup.journal,
                                       .checkpoints = nullptr,
                                       .log = setup.log,
                                       .on_trouble = [](const std::optional<failure>&) {},
                                       .is_detached = false});
  made->trustee = system.spawn(trustee_role, std::make_shared<trustee_setup>(std::move(setup)),
                               std::make_shared<trustee_past>(std::move(*past)));
  const std::shared_ptr<const trustee_roles> known = made;
  caf::anon_send(known->trustee, known);
  return known;
}

} // namespace godwit
