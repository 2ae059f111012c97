// The edge's end of its one link.
#include <godwit/actors/uplink.hpp>

#include <utility>

#include <godwit/privacy/shared_round.hpp>

#include "state.hpp"

namespace godwit::uplinks {

void say(self_ptr self, edge_message message, shared_bytes body) {
  auto& state = self->state;
  if (state.link != 0)
    state.setup.links->send(state.link, encode(edge_envelope{state.token, std::move(message)}),
                            std::move(body));
}

namespace {

constexpr int burst_count = 4;
constexpr auto unmasked = "this edge sends no update that the server could look into";

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

// -- what the server may say

/// What the trainer says of the device, unless the disk is full: new work could not be kept.
void say_status(self_ptr self) {
  const auto& state = self->state;
  if (!state.is_enrolled)
    return;
  auto status = state.status;
  if (!state.trouble.empty()) {
    status.eligible = 0;
    status.reason = "its disk takes nothing";
  }
  say(self, status);
}

void hear(self_ptr self, const welcome& in, const shared_bytes&) {
  auto& state = self->state;
  state.is_enrolled = true;
  take_token(self, in.token, in.token_seconds);
  const auto effects = state.outbox->welcomed(in, edge_time(self));
  state.setup.log->info(
      "edge.enrolled",
      {{"server", in.server}, {"job", in.job}, {"letters", state.outbox->pending_count()}});
  say_status(self);
  self->send(state.roles->trainer,
             uplink_up{state.outbox->is_new_server()}); // which has a model asked for again
  act(self, effects);
}
void hear(self_ptr self, const token_grant& in, const shared_bytes&) {
  take_token(self, in.token, in.token_seconds);
}
void hear(self_ptr self, const refused& in, const shared_bytes&) {
  auto& state = self->state;
  if (in.round != 0)
    return act(self, state.outbox->hear(in, edge_time(self)));
  state.setup.log->warn("message.refused", {{"why", in.why}, {"detail", in.detail}});
  if (in.why == refusal::unknown_model)
    fail_fetch(self);
  if (in.why == refusal::token_expired || in.why == refusal::token_forged)
    state.setup.links->close(state.link,
                             "the token is not good any more"); // enrolling brings a new one
}
void hear(self_ptr self, const receipt& in, const shared_bytes&) {
  act(self, self->state.outbox->hear(in, edge_time(self)));
}
void hear(self_ptr self, const round_closed& in, const shared_bytes&) {
  act(self, self->state.outbox->hear(in, edge_time(self)));
}
void hear(self_ptr self, const letters_taken& in, const shared_bytes&) {
  act(self, self->state.outbox->hear(in, edge_time(self)));
}
void hear(self_ptr self, const model_chunk& in, const shared_bytes& body) {
  take_chunk(self, in, body);
}
void hear(self_ptr self, const invitation& in, const shared_bytes&) {
  auto& state = self->state;
  state.outbox->invited(in);
  if (state.setup.wants_secure_sums) {
    state.setup.log->warn("task.declined", {{"round", in.round}, {"why", unmasked}});
    return act(self, state.outbox->decline(in.round, unmasked, edge_time(self)));
  }
  self->send(state.roles->trainer, in);
}
void hear(self_ptr self, const secure_invitation& in, const shared_bytes&) {
  auto& state = self->state;
  state.outbox->invited(in.task);
  const bool is_shared = shared_sum::is_shared_round(as_bytes(in.terms));
  self->send(is_shared ? state.roles->sharer : state.roles->masker, in);
}
void hear(self_ptr self, const secure_piece& in, const shared_bytes& body) {
  auto call = self->state.calls.take(in, body.view(), limits::secure_call_bytes_max);
  if (!call)
    self->state.setup.log->warn("message.refused", {{"why", call.why()}, {"round", in.round}});
  else if (*call)
    self->send(self->state.roles->masker, std::move(**call));
}
void hear(self_ptr, const status_reply&, const shared_bytes&) {}
void hear(self_ptr, const sum_piece&, const shared_bytes&) {} // a trustee's
template <class Message>
void hear(self_ptr self, const Message& in, const shared_bytes&) { // the rest is the trainer's
  self->send(self->state.roles->trainer, in);
}

// -- the link

void lose_link(self_ptr self) {
  auto& state = self->state;
  state.link = 0;
  state.token.clear();
  state.going.reset();
  state.calls = {};
  state.outbox->lost();
  if (std::exchange(state.is_enrolled, false))
    self->send(state.roles->trainer, uplink_down{});
}

void open_link(self_ptr self, const link_opened& in) {
  lose_link(self);
  auto& state = self->state;
  state.link = in.link;
  auto greeting = state.setup.greeting;
  state.outbox->sign(greeting);
  say(self, std::move(greeting));
}

void close_link(self_ptr self, const link_closed& in) {
  auto& state = self->state;
  if (in.link != 0 && in.link != state.link)
    return;
  state.setup.log->info("link.closed", {{"reason", in.reason}});
  lose_link(self);
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

/// A window of the schedule begins or ends.
void turn_window(self_ptr self) {
  auto& state = self->state;
  const auto& windows = *state.setup.windows;
  state.is_window = !state.is_window;
  if (state.is_window) {
    state.setup.log->info("sync.opened");
    windows.dials->dial();
  } else {
    state.setup.log->info("sync.closed");
    windows.dials->rest();
  }
  self->delayed_send(self, state.is_window ? windows.lasts : windows.every - windows.lasts,
                     sync_alarm{});
}

/// With the acceptance of a task whose update goes masked goes what the masker says.
std::vector<outbox::effect> accept(self_ptr self, const accept_task& in) {
  auto& state = self->state;
  auto with = std::exchange(state.secure, {});
  if (!with || with->invited.task.round != in.task.round)
    return state.outbox->accept(in.task, edge_time(self));
  return state.outbox->accept(in.task,
                              {.terms = std::move(with->invited.terms),
                               .seed = std::move(with->seed),
                               .advert = std::move(with->advert),
                               .evidence = std::move(with->evidence)},
                              edge_time(self));
}

/// With the offer of a masked update goes the proof of it.
std::vector<outbox::effect> offer(self_ptr self, const offer_update& in) {
  auto& state = self->state;
  auto proof = std::exchange(state.proof, {});
  if (proof && proof->round != in.offer.round)
    proof.reset();
  return state.outbox->offer({in.offer, in.content}, edge_time(self), std::move(proof),
                             {in.examples, in.updates});
}

void begin(self_ptr self, const std::shared_ptr<const edge_roles>& roles) {
  auto& state = self->state;
  state.roles = roles;
  act(self, state.outbox->begin(edge_time(self)));
  if (state.setup.windows)
    turn_window(self);
}

uplink_actor::behavior_type uplink(self_ptr self, uplink_setup setup) {
  self->state.outbox.emplace(setup.mail, setup.greeting.client, std::move(setup.past), setup.seed);
  self->state.setup = std::move(setup);
  const auto post = [self](const auto& use) {
    act(self, use(*self->state.outbox, edge_time(self)));
  };
  return {
      [self](const link_opened& in) { open_link(self, in); },
      [self](link_frame& in) { hear_frame(self, in); },
      [self](const link_drained& in) {
        if (in.link == self->state.link)
          pump(self);
      },
      [self](const link_closed& in) { close_link(self, in); },
      [self](const accept_task& in) { act(self, accept(self, in)); },
      [self](const secure_task& in) {
        self->state.secure = in;
        self->send(self->state.roles->trainer, in.invited);
      },
      [post](const secure_answer& in) {
        post([&](auto& box, instant at) { return box.answer(in.call, in.word, at); });
      },
      [post](const decline_task& in) {
        post([&](auto& box, instant at) { return box.decline(in.round, in.reason, at); });
      },
      [self](const secure_word& in) { self->state.proof = in; },
      [self](const offer_update& in) { act(self, offer(self, in)); },
      [post](const evaluation_report& in) {
        post([&](auto& box, instant at) { return box.report(in, at); });
      },
      [self](const edge_status& in) {
        self->state.status = in;
        say_status(self);
      },
      [self](const fetch_model& in) { fetch(self, in); },
      [self](const forget_model& in) { forget(self, in); },
      [self](const send_update& in) {
        self->state.going.emplace(
            sending{in.round, transfer::emission(in.content, 0, in.content.size())});
        pump(self);
      },
      [self](const stop_sending&) { self->state.going.reset(); },
      [self](const std::shared_ptr<const edge_roles>& roles) { begin(self, roles); },
      [self](const store_trouble& in) {
        self->state.trouble = in.why;
        say_status(self);
      },
      [self](const token_alarm&) {
        // An alarm from before a reconnect, or before the last renewal, is none.
        if (self->state.is_enrolled && now(self) >= self->state.renews_at)
          say(self, token_renewal{});
      },
      [self](const mail_alarm&) { look_after_mail(self); },
      [self](const sync_alarm&) { turn_window(self); },
  };
}

} // namespace

} // namespace godwit::uplinks

namespace godwit {

uplink_actor spawn_uplink(caf::actor_system& system, uplink_setup setup) {
  return system.spawn(uplinks::uplink, std::move(setup));
}

} // namespace godwit
