#include <godwit/actors/uplink.hpp>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/transfer.hpp>

namespace godwit {
namespace {

/// An update on its way to the server.
struct sending {
  round_id round;
  transfer::emission rest;
};

/// Memory of a model that is kept for the next one.
constexpr std::size_t idle_bytes_max = 16 * 1024 * 1024;

struct uplink_state {
  uplink_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::uint64_t link = 0; ///< 0: none
  bool is_enrolled = false;
  std::string token;
  instant renews_at{};               ///< of the alarms that are set, the one that counts
  block_pool models{idle_bytes_max}; ///< for what is being received
  std::optional<transfer::reception> coming;
  std::optional<sending> going;
  model_fetched cached; ///< the newest model, kept for the next request
  edge_status status;   ///< said again on each connection
};
using self_ptr = uplink_actor::stateful_pointer<uplink_state>;

constexpr int burst_count = 4;

instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

void say(self_ptr self, edge_message message, shared_bytes body = {}) {
  auto& state = self->state;
  if (state.link != 0)
    state.setup.links->send(state.link, encode(edge_envelope{state.token, std::move(message)}),
                            std::move(body));
}

void pump(self_ptr self) {
  auto& going = self->state.going;
  for (int i = 0; i < burst_count && going; ++i) {
    auto chunk = going->rest.next();
    if (!chunk) {
      going.reset();
      return;
    }
    say(self, update_chunk{going->round, chunk->offset}, std::move(chunk->body));
  }
}

void take_token(self_ptr self, const std::string& token, std::uint32_t seconds) {
  self->state.token = token;
  // Renewed when two thirds of its life are over: one lost answer then costs nothing.
  const std::chrono::milliseconds wait(std::uint64_t{seconds} * 667);
  self->state.renews_at = now(self) + wait;
  self->delayed_send(self, wait, token_alarm{});
}

void ask_for_more(self_ptr self) {
  auto& coming = self->state.coming;
  if (coming && self->state.is_enrolled)
    if (auto request = coming->next_request())
      say(self, *request);
}

void fail_fetch(self_ptr self) {
  auto& state = self->state;
  if (!state.coming)
    return;
  const auto what = state.coming->what();
  state.coming.reset();
  self->send(state.roles->trainer, model_not_fetched{what});
}

// -- what the server may say

void hear(self_ptr self, const welcome& in, const shared_bytes&) {
  auto& state = self->state;
  state.is_enrolled = true;
  take_token(self, in.token, in.token_seconds);
  state.setup.log->info("edge.enrolled", {{"server", in.server}, {"job", in.job}});
  say(self, state.status);
  self->send(state.roles->trainer,
             uplink_up{}); // which has the model asked for that was on its way
}
void hear(self_ptr self, const token_grant& in, const shared_bytes&) {
  take_token(self, in.token, in.token_seconds);
}
void hear(self_ptr self, const refused& in, const shared_bytes&) {
  auto& state = self->state;
  state.setup.log->warn("message.refused",
                        {{"why", in.why}, {"round", in.round}, {"detail", in.detail}});
  if (in.why == refusal::unknown_model)
    fail_fetch(self);
  if (in.why == refusal::token_expired || in.why == refusal::token_forged)
    state.setup.links->close(state.link,
                             "the token is not good any more"); // enrolling brings a new one
  self->send(state.roles->trainer, in);
}
void hear(self_ptr self, const model_chunk& in, const shared_bytes& body) {
  auto& state = self->state;
  if (!state.coming || state.coming->what().sha256 != in.model)
    return;
  if (auto taken = state.coming->take(in.offset, body.view()); !taken) {
    if (taken.why() == refusal::wrong_phase)
      return; // asked for again after a lost connection, and come twice
    state.setup.log->warn("model.refused", {{"why", taken.why()}});
    return fail_fetch(self);
  }
  if (!state.coming->is_complete())
    return ask_for_more(self);
  const auto what = state.coming->what();
  state.cached = {what, state.coming->finish()};
  state.coming.reset();
  self->send(state.roles->trainer, state.cached);
}
void hear(self_ptr, const status_reply&, const shared_bytes&) {}
void hear(self_ptr, const letters_taken&, const shared_bytes&) {}
template <class Message>
void hear(self_ptr self, const Message& in, const shared_bytes&) { // the rest is the trainer's
  self->send(self->state.roles->trainer, in);
}

void open_link(self_ptr self, const link_opened& in) {
  auto& state = self->state;
  state.link = in.link;
  state.is_enrolled = false;
  state.token.clear();
  say(self, state.setup.greeting);
}

void close_link(self_ptr self, const link_closed& in) {
  auto& state = self->state;
  if (in.link != 0 && in.link != state.link)
    return;
  state.setup.log->info("link.closed", {{"reason", in.reason}});
  state.link = 0;
  state.is_enrolled = false;
  state.going.reset();
}

void hear_frame(self_ptr self, link_frame& frame) {
  auto& state = self->state;
  if (frame.link != state.link)
    return;
  auto message = decode_server_message(frame.kind, frame.head);
  if (!message) {
    state.setup.log->warn("message.refused", {{"why", message.why()}});
    return;
  }
  std::visit([&](const auto& x) { hear(self, x, frame.body); }, *message);
}

void fetch(self_ptr self, const fetch_model& in) {
  auto& state = self->state;
  if (state.cached.model == in.model && !state.cached.content.empty()) {
    self->send(state.roles->trainer, state.cached);
    return;
  }
  // What was promised at enrolment is the bound: a server cannot make an edge take more memory than
  // its model needs.
  if (in.model.byte_count != state.setup.greeting.parameter_count * sizeof(float)) {
    self->send(state.roles->trainer, model_not_fetched{in.model});
    return;
  }
  if (!state.coming || !(state.coming->what() == in.model))
    state.coming.emplace(in.model, state.models);
  else
    state.coming->restart_credit();
  ask_for_more(self);
}

void send_to_server(self_ptr self, const to_server& in) {
  auto& state = self->state;
  if (auto* status = std::get_if<edge_status>(&in.message))
    state.status = *status;
  if (state.is_enrolled)
    std::visit([self](const auto& x) { say(self, x); }, in.message);
}

uplink_actor::behavior_type uplink(self_ptr self, uplink_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](const link_opened& in) { open_link(self, in); },
      [self](link_frame& in) { hear_frame(self, in); },
      [self](const link_drained& in) {
        if (in.link == self->state.link)
          pump(self);
      },
      [self](const link_closed& in) { close_link(self, in); },
      [self](const to_server& in) { send_to_server(self, in); },
      [self](const fetch_model& in) { fetch(self, in); },
      [self](const forget_model& in) {
        auto& coming = self->state.coming;
        if (coming && coming->what() == in.model)
          coming.reset();
      },
      [self](const send_update& in) {
        self->state.going.emplace(
            sending{in.round, transfer::emission(in.content, 0, in.content.size())});
        pump(self);
      },
      [self](const stop_sending&) { self->state.going.reset(); },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
      [self](const token_alarm&) {
        // An alarm from before a reconnect, or before the last renewal, is none.
        if (self->state.is_enrolled && now(self) >= self->state.renews_at)
          say(self, token_renewal{});
      },
  };
}

} // namespace

uplink_actor spawn_uplink(caf::actor_system& system, uplink_setup setup) {
  return system.spawn(uplink, std::move(setup));
}

} // namespace godwit
