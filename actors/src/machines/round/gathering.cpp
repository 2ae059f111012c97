// Recruiting and collecting: from the first invitation to the last update that counts.
#include <limits>

#include "settling.hpp"

namespace godwit::round {
namespace {

// -- one function an input, the same in both phases

template <class Phase>
result<step> answer(const plan& rules, Phase& here, const answered& in, instant now) {
  auto who = find(here, in.answer.round, in.client);
  if (!who)
    return who.why();
  // One that has accepted may still find that it cannot: its trainer failed, its battery is low.
  const bool takes_it_back = (*who)->at == progress::accepted && !in.answer.accepts;
  if ((*who)->at != progress::invited && !takes_it_back)
    return refusal::duplicate;
  step out;
  if (in.answer.accepts) {
    --here.unanswered;
    (*who)->at = progress::accepted;
    (*who)->has_accepted = true;
  } else {
    decide(here, in.client, **who, progress::declined, in.answer.reason, now);
    replace(here, now, out);
  }
  return settle(rules, here, now, std::move(out));
}

template <class Phase>
result<step> offer(const plan& rules, Phase& here, const offered& in, instant now) {
  auto found = find(here, in.offer.round, in.client);
  if (!found)
    return found.why();
  auto& who = **found;
  if (now >= here.deadline)
    return refusal::wrong_round;
  const bool comes_back = who.at == progress::dropped && who.is_away;
  if (who.at == progress::adding || who.at == progress::reported)
    return refusal::duplicate;
  if (is_decided(who.at) && !comes_back)
    return refusal::not_invited;
  if (in.offer.update.byte_count != rules.update_bytes)
    return refusal::wrong_shape;
  if (here.secure && !may_send_body(here, in.client))
    return refusal::wrong_phase;
  if (here.secure && !is_proven(here, in.client, in.offer.update.sha256))
    return refusal::wrong_signature;
  step out;
  if (comes_back)
    ++here.undecided;
  if (who.at == progress::uploading) // the edge lost its connection and starts over
    take_place_back(here, in.client, who, out);
  if (who.at == progress::invited)
    --here.unanswered;
  if (who.at != progress::offered)
    here.line.push_back(in.client);
  who.at = progress::offered;
  who.is_away = false;
  who.reason.clear();
  who.example_count = in.offer.example_count;
  who.step_count = in.offer.step_count;
  who.loss = rules.hides_losses ? std::numeric_limits<double>::quiet_NaN() : in.offer.loss;
  who.update = in.offer.update;
  return settle(rules, here, now, std::move(out));
}

template <class Phase>
result<step> arrive(const plan&, Phase& here, const arrived& in, instant) {
  auto who = find(here, in.round, in.client);
  if (!who)
    return who.why();
  if ((*who)->at != progress::uploading)
    return refusal::not_invited;
  (*who)->at = progress::adding;
  --here.uploading;
  ++here.adding;
  step out;
  out.effects.push_back(add{in.client, here.id, (*who)->example_count});
  return out;
}

template <class Phase>
result<step> spoil(const plan& rules, Phase& here, const spoiled& in, instant now) {
  auto who = find(here, in.round, in.client);
  if (!who)
    return who.why();
  if ((*who)->at != progress::uploading)
    return refusal::not_invited;
  step out; // the gateway has dropped it already
  decide(here, in.client, **who, progress::dropped, std::string(name(in.why)), now);
  out.effects.push_back(refuse{in.client, here.id, in.why});
  return settle(rules, here, now, std::move(out));
}

template <class Phase>
result<step> sum(const plan& rules, Phase& here, const summed& in, instant now) {
  auto who = find(here, in.round, in.client);
  if (!who)
    return who.why();
  if ((*who)->at != progress::adding)
    return refusal::wrong_phase;
  step out;
  if (in.why_not) {
    decide(here, in.client, **who, progress::dropped, std::string(name(*in.why_not)), now);
    out.effects.push_back(refuse{in.client, here.id, *in.why_not});
  } else {
    decide(here, in.client, **who, progress::reported, {}, now);
    ++here.counted;
    out.effects.push_back(acknowledge{in.client, here.id});
    if (here.secure) {
      const auto proof = here.proofs.find(in.client);
      auto effects = here.secure->apply(secure_sum::server::body_arrived{
          in.client, (*who)->update.sha256,
          proof == here.proofs.end() ? std::nullopt : std::optional(proof->second)});
      GODWIT_CHECK(effects, "an update was added that the secure sum does not take");
      return follow_sum(rules, here, std::move(*effects), now, std::move(out));
    }
  }
  return settle(rules, here, now, std::move(out));
}

template <class Phase>
result<step> upload_takes_too_long(const plan& rules, Phase& here, const upload_due& in,
                                   instant now) {
  auto who = find(here, in.round, in.client);
  if (!who)
    return who.why();
  if ((*who)->at != progress::uploading)
    return refusal::wrong_phase;
  step out;
  if (now < (*who)->upload_ends)
    return out; // the alarm of an earlier upload; this one has its own
  if (here.line.empty()) {
    if (now < here.deadline)
      watch_upload(rules, here, in.client, **who, now, out);
    return out;
  }
  take_place_back(here, in.client, **who, out);
  (*who)->at = progress::offered;
  here.line.push_back(in.client);
  return settle(rules, here, now, std::move(out));
}

/// A step of the secure sum has had its time.
template <class Phase>
step step_due(const plan& rules, Phase& here, instant now, step out) {
  namespace sums = secure_sum::server;
  const auto quarter = (here.deadline - here.opened_at) / 4;
  const auto spent = now - here.opened_at;
  const auto& sum = here.secure->current();
  std::optional<sums::input> due;
  if (std::holds_alternative<sums::advertising>(sum) && spent >= quarter)
    due = sums::roster_closed{};
  else if (std::holds_alternative<sums::sharing>(sum) && spent >= 2 * quarter)
    due = sums::shares_closed{};
  if (due) {
    auto effects = here.secure->apply(*due);
    GODWIT_CHECK(effects, "a step of the secure sum could not be closed");
    return follow_sum(rules, here, std::move(*effects), now, std::move(out));
  }
  if (std::holds_alternative<sums::masking>(sum) && spent >= 3 * quarter) {
    for (auto& [client, who] : here.cohort)
      if (!is_decided(who.at) && who.at != progress::adding)
        drop(here, client, who, "too late for the secure sum to be opened", now, out);
    return settle(rules, here, now, std::move(out));
  }
  return out;
}

template <class Phase>
result<step> end(const plan& rules, Phase& here, const deadline_passed& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  if (now < here.deadline) { // a timer that fired early, or is of a step of the secure sum
    out.effects.push_back(wake_at{next_alarm(here, now), here.id});
    if (here.secure)
      return step_due(rules, here, now, std::move(out));
    if (here.shared_terms.empty() || now < shared_until(here))
      return out;
  }
  here.reserve.clear();
  for (auto& [client, who] : here.cohort)
    if (!is_decided(who.at) && who.at != progress::adding)
      drop(here, client, who, "deadline passed", now, out);
  if (here.adding > 0) // complete, and being added this moment: it counts
    return out;
  return settle(rules, here, now, std::move(out));
}

} // namespace

result<step> on(const plan& rules, idle& here, const open& in, instant now) {
  if (in.id <= here.last)
    return refusal::wrong_round;
  recruiting next;
  next.id = in.id;
  next.evaluates = in.evaluates;
  next.opened_at = now;
  next.deadline = now + rules.lasts_for;
  next.reserve.assign(in.reserve.begin(), in.reserve.end());
  if (rules.secure) {
    auto terms = secure_sum::decode_terms(as_bytes(in.terms));
    if (!terms)
      return terms.why();
    auto sum =
        secure_sum::server::machine::open({.terms = std::move(*terms), .members = in.invited});
    if (!sum)
      return sum.why();
    next.secure = std::move(*sum);
    next.reserve.clear(); // nobody can join once the roster is closed
  }
  if (rules.shared) {
    if (const auto stated = shared_sum::decode_shared_round(as_bytes(in.terms)); !stated)
      return stated.why();
    next.shared_terms = in.terms;
  }
  step out;
  for (const auto& client : in.invited)
    invite_one(next, client, now, out);
  out.effects.push_back(wake_at{next_alarm(next, now), next.id});
  if (next.cohort.size() + next.reserve.size() < needed(rules) || next.cohort.empty())
    return give_up(next, now, "too few edges: " + std::to_string(next.cohort.size()),
                   std::move(out));
  out.next = std::move(next);
  return out;
}

GODWIT_IN_BOTH(answered, answer)
GODWIT_IN_BOTH(offered, offer)
GODWIT_IN_BOTH(arrived, arrive)
GODWIT_IN_BOTH(spoiled, spoil)
GODWIT_IN_BOTH(summed, sum)
GODWIT_IN_BOTH(upload_due, upload_takes_too_long)
GODWIT_IN_BOTH(deadline_passed, end)

} // namespace godwit::round
