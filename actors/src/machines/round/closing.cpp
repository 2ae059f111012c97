// Releasing, evaluating and closing: from the complete sum to the end of the round.
#include "closing.hpp"

#include <utility>

namespace godwit::round {
namespace {

bool is_there(const participant& who) {
  return who.at == progress::reported && !who.is_away;
}

void close_committed(evaluating& here, instant now, step& out) {
  close(here, {here.recruited_at, here.collected_at, here.released_at}, now, true, {}, out);
}

} // namespace

void close(gathering& here, const timeline& times, instant now, bool committed, std::string reason,
           step& out) {
  for (auto& [client, who] : here.cohort) {
    if (who.at < progress::reported) {
      who.at = progress::dropped;
      who.reason = committed ? "the cohort was complete" : "the round was abandoned";
      who.done_at = now;
    }
    out.effects.push_back(tell{
        client, {here.id, static_cast<std::uint8_t>(committed), committed ? who.reason : reason}});
  }
  out.effects.push_back(finish{.round = here.id,
                               .committed = committed,
                               .reason = std::move(reason),
                               .opened_at = here.opened_at,
                               .recruited_at = times.recruited_at,
                               .collected_at = times.collected_at,
                               .released_at = times.released_at,
                               .closed_at = now,
                               .cohort = std::move(here.cohort),
                               .loss = {}});
  out.next = idle{here.id};
}

result<step> on(const plan& rules, releasing& here, const released& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  evaluating next;
  static_cast<gathering&>(next) = std::move(static_cast<gathering&>(here));
  next.recruited_at = here.recruited_at;
  next.collected_at = here.collected_at;
  next.released_at = now;
  next.opening = here.opening;
  if (next.evaluates && now < next.deadline)
    for (const auto& [client, who] : next.cohort)
      if (is_there(who) && !who.evaluated) {
        out.effects.push_back(ask_to_evaluate{client, next.id});
        ++next.awaited;
      }
  if (next.awaited == 0) {
    close_committed(next, now, out);
    if (!rules.hides_losses)
      std::get<finish>(out.effects.back()).loss = in.loss;
  } else {
    out.effects.push_back(
        wake_at{next.deadline, next.id}); // the first alarm may have come while releasing
    out.next = std::move(next);
  }
  return out;
}

result<step> on(const plan&, releasing& here, const edge_lost& in, instant) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end())
    return refusal::not_invited;
  who->second.is_away = true;
  return step{};
}

result<step> on(const plan&, releasing& here, const edge_back& in, instant) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end())
    return refusal::not_invited;
  who->second.is_away = false;
  return step{};
}

/// The model that was being made is gone with the process; the sum is there again.
result<step> on(const plan&, releasing& here, const restarted&, instant) {
  step out;
  out.effects.push_back(release{here.id, here.opening});
  return out;
}

result<step> on(const plan&, releasing& here, const spoiled_sum& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  close(here, {here.recruited_at, here.collected_at, now}, now, false,
        in.why.empty() ? "the sum was opened, and is none of these updates" : in.why, out);
  return out;
}

result<step> on(const plan&, evaluating& here, const evaluated& in, instant now) {
  if (in.report.round != here.id)
    return refusal::wrong_round;
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end() || who->second.at != progress::reported)
    return refusal::not_invited;
  if (who->second.evaluated)
    return refusal::duplicate;
  who->second.evaluated =
      evaluation{in.report.example_count, in.report.correct_count, in.report.loss_sum};
  step out;
  if (who->second.is_away) // nobody waits for it any more, but what it says is welcome
    return out;
  if (--here.awaited == 0)
    close_committed(here, now, out);
  return out;
}

result<step> on(const plan&, evaluating& here, const edge_lost& in, instant now) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end())
    return refusal::not_invited;
  step out;
  const bool was_awaited = is_there(who->second) && !who->second.evaluated;
  who->second.is_away = true;
  if (was_awaited && --here.awaited == 0)
    close_committed(here, now, out);
  return out;
}

result<step> on(const plan&, evaluating& here, const edge_back& in, instant) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end() || who->second.at != progress::reported)
    return refusal::not_invited;
  step out;
  if (who->second.evaluated)
    return out;
  if (who->second.is_away)
    ++here.awaited;
  who->second.is_away = false;
  out.effects.push_back(ask_to_evaluate{in.client, here.id});
  return out;
}

/// The same model is made once more: it was not kept. Who has evaluated it, has.
result<step> on(const plan&, evaluating& here, const restarted&, instant) {
  step out;
  releasing again;
  static_cast<gathering&>(again) = std::move(static_cast<gathering&>(here));
  again.recruited_at = here.recruited_at;
  again.collected_at = here.collected_at;
  again.opening = here.opening;
  out.effects.push_back(release{again.id, again.opening});
  out.next = std::move(again);
  return out;
}

result<step> on(const plan&, evaluating& here, const deadline_passed& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  if (now < here.deadline)
    out.effects.push_back(wake_at{here.deadline, here.id});
  else
    close_committed(here, now, out);
  return out;
}

} // namespace godwit::round
