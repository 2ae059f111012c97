// Recruiting and collecting: from the first invitation to the last update that counts.
#include <algorithm>
#include <type_traits>

#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/check.hpp>

#include "closing.hpp"

namespace godwit::round {
namespace {

bool is_decided(progress at) {
  return at == progress::reported || at == progress::declined || at == progress::dropped;
}

/// Whether this client may still do something for the round. The reason why not, otherwise.
result<participant*> find(gathering& here, round_id round, const client_id& client) {
  if (round != here.id)
    return refusal::wrong_round;
  auto i = here.cohort.find(client);
  if (i == here.cohort.end())
    return refusal::not_invited;
  return &i->second;
}

void invite_one(gathering& here, const client_id& client, instant now, step& out) {
  auto [who, is_new] = here.cohort.try_emplace(client);
  if (!is_new)
    return;
  who->second.invited_at = now;
  ++here.unanswered;
  ++here.undecided;
  out.effects.push_back(invite{client, here.id, here.deadline - now});
}

void decide(gathering& here, const client_id& client, participant& who, progress how,
            std::string reason, instant now) {
  GODWIT_CHECK(!is_decided(who.at), "a client of the cohort was decided twice");
  if (who.at == progress::invited)
    --here.unanswered;
  if (who.at == progress::offered)
    std::erase(here.line, client);
  if (who.at == progress::uploading)
    --here.uploading;
  if (who.at == progress::adding)
    --here.adding;
  who.at = how;
  who.reason = std::move(reason);
  who.done_at = now;
  --here.undecided;
}

/// An upload loses its place: what has arrived of it is worth nothing any more.
void take_place_back(gathering& here, const client_id& client, participant& who, step& out) {
  GODWIT_CHECK(who.at == progress::uploading, "a place was taken back from a client that had none");
  who.at = progress::accepted;
  --here.uploading;
  out.effects.push_back(revoke{client, here.id});
}

/// Drops a client that can still report, with whatever it was doing.
void drop(gathering& here, const client_id& client, participant& who, std::string reason,
          instant now, step& out) {
  if (who.at == progress::uploading)
    take_place_back(here, client, who, out);
  decide(here, client, who, progress::dropped, std::move(reason), now);
}

/// Somebody is out: the next of the reserve takes the place, while there is time enough to train.
void replace(gathering& here, instant now, step& out) {
  const bool is_early = now - here.opened_at < (here.deadline - here.opened_at) / 2;
  if (here.reserve.empty() || !is_early)
    return;
  auto next = here.reserve.front();
  here.reserve.pop_front();
  invite_one(here, next, now, out);
}

void watch_upload(const plan& rules, const gathering& here, const client_id& client,
                  participant& who, instant now, step& out) {
  who.upload_ends = std::min(now + rules.upload_lasts_for, here.deadline);
  out.effects.push_back(watch{client, here.id, who.upload_ends});
}

void grant_next(const plan& rules, gathering& here, instant now, step& out) {
  while (here.uploading + here.adding < rules.upload_count_max && !here.line.empty()) {
    auto client = here.line.front();
    here.line.pop_front();
    auto& who = here.cohort.at(client);
    GODWIT_CHECK(who.at == progress::offered, "a client waits in line without an offer");
    who.at = progress::uploading;
    ++here.uploading;
    out.effects.push_back(grant{client, here.id, who.update});
    watch_upload(rules, here, client, who, now, out);
  }
}

template <class Phase>
instant recruited_at(const Phase& here, instant now) {
  if constexpr (std::is_same_v<Phase, collecting>)
    return here.recruited_at;
  else
    return now;
}

/// Nobody is waiting for an upload any more.
void take_places_back(gathering& here, step& out) {
  for (auto& [client, who] : here.cohort)
    if (who.at == progress::uploading)
      take_place_back(here, client, who, out);
}

template <class Phase>
step start_release(Phase& here, instant now, step out) {
  take_places_back(here, out);
  out.effects.push_back(release{here.id});
  releasing next;
  static_cast<gathering&>(next) = std::move(static_cast<gathering&>(here));
  next.recruited_at = recruited_at(here, now);
  next.collected_at = now;
  out.next = std::move(next);
  return out;
}

template <class Phase>
step give_up(Phase& here, instant now, std::string reason, step out) {
  take_places_back(here, out);
  const timeline times{recruited_at(here, now), now, now};
  close(here, times, now, false, std::move(reason), out);
  return out;
}

/// An empty sum makes no model, whatever the plan says.
std::uint32_t needed(const plan& rules) {
  return std::max(rules.cohort_min, 1U);
}

std::string too_few(const plan& rules, const gathering& here) {
  return "too few updates: " + std::to_string(here.counted) + " of at least " +
         std::to_string(needed(rules));
}

/// What follows from where everybody stands now.
template <class Phase>
step settle(const plan& rules, Phase& here, instant now, step out) {
  const bool is_full = here.counted >= rules.cohort;
  const bool is_enough = here.counted >= needed(rules);
  if (here.adding == 0 && is_enough && (is_full || here.undecided == 0))
    return start_release(here, now, std::move(out));
  if (here.counted + here.undecided + here.reserve.size() < needed(rules) ||
      (here.undecided == 0 && !is_enough))
    return give_up(here, now, too_few(rules, here), std::move(out));
  if (!is_full)
    grant_next(rules, here, now, out);
  if constexpr (std::is_same_v<Phase, recruiting>) {
    if (here.accepted() >= std::min<std::size_t>(rules.cohort, here.cohort.size()) ||
        here.unanswered == 0) {
      collecting next;
      static_cast<gathering&>(next) = std::move(static_cast<gathering&>(here));
      next.recruited_at = now;
      out.next = std::move(next);
    }
  }
  return out;
}

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
  who.loss = in.offer.loss;
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
  }
  return settle(rules, here, now, std::move(out));
}

template <class Phase>
result<step> lose(const plan& rules, Phase& here, const edge_lost& in, instant now) {
  if (std::erase(here.reserve, in.client) > 0) // it cannot be invited any more
    return settle(rules, here, now, {});
  auto found = find(here, here.id, in.client);
  if (!found)
    return found.why();
  auto& who = **found;
  step out;
  if (who.at == progress::declined || who.at == progress::dropped)
    return out; // no reconnecting makes good what it was dropped for
  who.is_away = true;
  if (who.at == progress::adding || who.at == progress::reported)
    return out;
  drop(here, in.client, who, "connection lost", now, out);
  replace(here, now, out);
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

template <class Phase>
result<step> end(const plan& rules, Phase& here, const deadline_passed& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  if (now < here.deadline) { // a timer that fired early: the deadline stands
    out.effects.push_back(wake_at{here.deadline, here.id});
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
  step out;
  for (const auto& client : in.invited)
    invite_one(next, client, now, out);
  out.effects.push_back(wake_at{next.deadline, next.id});
  if (next.cohort.size() + next.reserve.size() < needed(rules) || next.cohort.empty())
    return give_up(next, now, "too few edges: " + std::to_string(next.cohort.size()),
                   std::move(out));
  out.next = std::move(next);
  return out;
}

#define GODWIT_IN_BOTH(message, function)                                                          \
  result<step> on(const plan& p, recruiting& here, const message& in, instant now) {               \
    return function(p, here, in, now);                                                             \
  }                                                                                                \
  result<step> on(const plan& p, collecting& here, const message& in, instant now) {               \
    return function(p, here, in, now);                                                             \
  }
GODWIT_IN_BOTH(answered, answer)
GODWIT_IN_BOTH(offered, offer)
GODWIT_IN_BOTH(arrived, arrive)
GODWIT_IN_BOTH(spoiled, spoil)
GODWIT_IN_BOTH(summed, sum)
GODWIT_IN_BOTH(edge_lost, lose)
GODWIT_IN_BOTH(upload_due, upload_takes_too_long)
GODWIT_IN_BOTH(deadline_passed, end)
#undef GODWIT_IN_BOTH

} // namespace godwit::round
