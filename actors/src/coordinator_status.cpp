// How does a server say how its run stands?
#include <algorithm>

#include "coordinator_state.hpp"

namespace godwit {

status_reply status_of(const coordinator_state& state, const traffic& total, instant now) {
  auto reply = state.shown;
  const auto milliseconds = [](duration x) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::milliseconds>(x).count()));
  };
  reply.job = state.setup.state.job;
  reply.round_limit = state.job.rules().round_count;
  reply.committed_count = state.job.committed_count();
  reply.edges_present = static_cast<std::uint32_t>(state.members.present_count());
  reply.edges_known = static_cast<std::uint32_t>(state.members.entries().size());
  reply.cohort = state.setup.cohort;
  reply.round = state.job.last_round().value;
  reply.elapsed_milliseconds = milliseconds(state.elapsed(now));
  reply.bytes_up = state.earlier.bytes_up + total.bytes_up;
  reply.bytes_down = state.earlier.bytes_down + total.bytes_down;
  reply.refused_count = total.refused_count;
  if (!state.trouble.empty()) {
    reply.phase = "suspended";
    reply.note = state.trouble;
  } else if (std::holds_alternative<job::finished>(state.job.current())) {
    reply.phase = "finished";
  } else if (std::holds_alternative<job::waiting>(state.job.current())) {
    reply.phase = "waiting";
    reply.note = state.trustees.complaint();
    if (reply.note.empty())
      reply.note = "waiting for " + std::to_string(state.job.rules().wait_for) + " edges";
  } else {
    reply.round += 1;
    if (state.progress.round.value !=
        reply.round) { // the scheduler has not begun, or is done and others are not
      reply.phase = state.end.report ? "evaluating" : "recruiting";
      return reply;
    }
    reply.phase = state.progress.phase;
    reply.invited = state.progress.invited;
    reply.accepted = state.progress.accepted;
    reply.reported = state.progress.reported;
    reply.milliseconds_to_deadline = milliseconds(state.progress.deadline - now);
  }
  return reply;
}

} // namespace godwit
