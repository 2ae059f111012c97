// How does the server of a simulation say how things stand, to those who watch it?
#include "simulation/server_side.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

namespace godwit::simulated {
namespace {

constexpr auto show_every = std::chrono::milliseconds(100);

} // namespace

void server_side::show_round() {
  if (last_.reporters > 0 && std::isfinite(last_.train_loss)) {
    shown_.has_loss = 1;
    shown_.loss = last_.train_loss;
  }
  if (last_.test_accuracy) {
    shown_.has_accuracy = 1;
    shown_.accuracy = *last_.test_accuracy;
  }
  if (setup_.options.progress)
    setup_.options.progress(status(), &last_);
  shown_at_ = std::chrono::steady_clock::now();
}

void server_side::show_now_and_then() {
  if (!setup_.options.progress)
    return;
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_at_ < show_every)
    return;
  shown_at_ = now;
  setup_.options.progress(status(), nullptr);
}

status_reply server_side::status() const {
  const auto milliseconds = [](auto x) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::milliseconds>(x).count()));
  };
  auto reply = shown_;
  reply.committed_count = job_.committed_count();
  reply.edges_present = static_cast<std::uint32_t>(members_.present_count());
  reply.edges_known = static_cast<std::uint32_t>(members_.entries().size());
  reply.round = job_.last_round().value;
  reply.elapsed_milliseconds = milliseconds(std::chrono::steady_clock::now() - started_);
  reply.bytes_up = clients_.bytes_up();
  reply.bytes_down = clients_.bytes_down();
  if (std::holds_alternative<job::finished>(job_.current())) {
    reply.phase = "finished";
  } else if (const auto* open = round_.open_round()) {
    reply.phase = std::string(round::name(round_.current()));
    reply.round = open->id.value;
    reply.invited = static_cast<std::uint32_t>(open->cohort.size());
    reply.accepted = open->accepted();
    reply.reported = open->counted;
    reply.milliseconds_to_deadline = milliseconds(open->deadline - time_.now());
  } else {
    reply.phase = "waiting";
  }
  return reply;
}

} // namespace godwit::simulated
