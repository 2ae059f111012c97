#include "hostile_edge.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::faults {

hostile_edge::hostile_edge(world& in, std::string name)
    : world_(in), name_(std::move(name)), draws_(in.draws.number(), name_),
      mailbox_(draws_.number() | 1), is_mute_(draws_.is(0.4)) {}

void hostile_edge::start() {
  world_.net.edge_is_up(
      name_, [this](const link_event& what) { hear(what); }, draws_.number());
  babble();
}

void hostile_edge::stop() {
  is_stopped_ = true;
  world_.net.edge_is_gone(name_, exit_kind::reset);
}

void hostile_edge::hear(const link_event& what) {
  if (const auto* opened = std::get_if<link_opened>(&what)) {
    link_ = opened->link;
    token_.clear();
    if (draws_.is(0.1))
      mailbox_ = draws_.number() | 1;
    say(hello{.client = {draws_.is(0.05) ? "edge-1" : name_},
              .model = "toy",
              .parameter_count = world_.rules.parameter_count,
              .example_count = draws_.is(0.1) ? draws_.number() : 10,
              .features = {},
              .mailbox = draws_.is(0.02) ? 0 : mailbox_,
              .server_mailbox = draws_.number(),
              .heard = draws_.below(4)});
  } else if (const auto* frame = std::get_if<link_frame>(&what)) {
    if (const auto message = decode_server_message(frame->kind, frame->head))
      hear(*message);
  } else if (std::holds_alternative<link_closed>(what)) {
    link_ = 0;
  }
}

void hostile_edge::hear(const server_message& message) {
  if (const auto* in = std::get_if<welcome>(&message))
    token_ = in->token;
  else if (const auto* task = std::get_if<invitation>(&message))
    accept(*task);
  else if (const auto* go = std::get_if<update_grant>(&message))
    upload(go->round);
  else if (draws_.is(0.2))
    say(letters_heard{draws_.below(100)});
}

stamp hostile_edge::next_letter() {
  if (draws_.is(0.1))
    return {draws_.below(10), draws_.below(10)};
  if (draws_.is(0.3) && letters_ > 0)
    return {letters_, letters_ - 1};
  ++letters_;
  return {letters_, draws_.below(letters_)};
}

bytes hostile_edge::content() {
  const auto kind = draws_.below(6);
  std::vector<float> values(world_.rules.parameter_count + (kind == 0 ? 3 : 0), 0.01F);
  if (kind == 1)
    values[draws_.below(values.size())] = std::numeric_limits<float>::quiet_NaN();
  if (kind == 2)
    values[draws_.below(values.size())] = 1e30F;
  if (kind == 3)
    values.assign(values.size(), -127.9F);
  const auto view = std::as_bytes(std::span(values));
  return {view.begin(), view.end()};
}

void hostile_edge::accept(const invitation& task) {
  say(invitation_answer{task.round, static_cast<std::uint8_t>(draws_.is(0.9) ? 1 : 0), "why not",
                        next_letter()});
  if (is_mute_ || draws_.is(0.2))
    return;
  const round_id round{task.round.value + (draws_.is(0.15) ? draws_.below(3) : 0)};
  const auto update = content();
  offered_[round] = update;
  const std::uint64_t counts[] = {10, 10, 10, 0, limits::example_count_max, draws_.number()};
  offer(round, update, counts[draws_.below(6)]);
  if (draws_.is(0.4))
    offer(round, content(), 10);
}

void hostile_edge::offer(round_id round, const bytes& update, std::uint64_t example_count) {
  say(update_offer{.round = round,
                   .example_count = example_count,
                   .step_count = 1,
                   .loss = draws_.is(0.1) ? std::numeric_limits<double>::infinity() : 0.5,
                   .update = {draws_.is(0.2) ? sha256_digest{} : sha256(update), update.size()},
                   .letter = next_letter()});
}

void hostile_edge::upload(round_id round) {
  auto update = offered_[round];
  if (draws_.is(0.2))
    update.resize(draws_.below(update.size() + 1));
  const auto times = draws_.is(0.3) ? 2 : 1;
  for (int i = 0; i < times; ++i)
    say(update_chunk{draws_.is(0.1) ? round_id{round.value + 1} : round,
                     draws_.is(0.1) ? draws_.below(100) : 0},
        update);
}

/// Says things that nobody asked for, as long as it lives.
void hostile_edge::babble() {
  if (is_stopped_)
    return;
  if (is_mute_)
    return;
  if (link_ != 0 && draws_.is(0.3)) {
    bytes noise(draws_.below(80));
    for (auto& each : noise)
      each = static_cast<std::byte>(draws_.below(256));
    world_.net.send(side::edge, link_,
                    {static_cast<std::uint16_t>(draws_.below(128)), std::move(noise)}, {});
  } else if (link_ != 0) {
    const round_id round{draws_.below(6)};
    switch (draws_.below(5)) {
    case 0:
      say(edge_status{0, "tired", "critical"});
      break;
    case 1:
      say(token_renewal{});
      break;
    case 2:
      say(evaluation_report{round, 10, 20, -1, next_letter()});
      break;
    case 3:
      say(update_chunk{round, 0}, content());
      break;
    default:
      offer(round, content(), 10);
      break;
    }
  }
  world_.time.after(draws_.span({1, 15}), [this] { babble(); });
}

void hostile_edge::say(edge_message message, bytes body) {
  world_.net.send(side::edge, link_, encode(edge_envelope{token_, std::move(message)}),
                  shared_bytes(std::move(body)));
}

} // namespace godwit::faults
