// The steps of a secure sum that the edges speak of, and its last phase: until it can be opened.
#include <algorithm>

#include "settling.hpp"

namespace godwit::round {
namespace {

namespace sums = secure_sum::server;

bytes bytes_of(const std::string& text) {
  const auto view = as_bytes(text);
  return bytes(view.begin(), view.end());
}

/// The word as the sum takes it. Who speaks is known from the link, so where the edges trust the
/// server it need not be shown more. Else evidence has been looked at before: what holds not is not
/// here.
result<sums::input> input_of(const gathering& here, const spoke& in) {
  auto content = bytes_of(in.word.content);
  switch (secure_step{in.word.step}) {
  case secure_step::advert:
    return sums::input(sums::advert_received{in.client, std::move(content),
                                             !is_malicious(here) || !in.word.evidence.empty()});
  case secure_step::sealed_shares:
    return sums::input(sums::shares_received{in.client, std::move(content)});
  case secure_step::unmask_shares:
    return sums::input(sums::unmask_received{in.client, std::move(content)});
  case secure_step::consistent: {
    sums::consistency_received made{in.client, {}};
    if (content.size() != made.statement.size())
      return refusal::malformed;
    std::ranges::copy(content, made.statement.begin());
    return sums::input(std::move(made));
  }
  default:
    return refusal::malformed;
  }
}

/// The proof of a masked vector that will be offered; of two the second.
result<step> keep_proof(gathering& here, const spoke& in) {
  signature proof{};
  const auto content = as_bytes(in.word.content);
  if (!is_malicious(here) || content.size() != proof.size())
    return refusal::malformed;
  std::ranges::copy(content, proof.begin());
  here.proofs[in.client] = proof;
  return step{};
}

template <class Phase>
result<step> listen(const plan& rules, Phase& here, const spoke& in, instant now) {
  if (in.word.round < here.id)
    return step{};
  auto found = find(here, in.word.round, in.client);
  if (!found)
    return found.why();
  if (!here.secure)
    return refusal::wrong_phase;
  auto& who = **found;
  if (is_decided(who.at))
    return refusal::not_invited;
  if (secure_step{in.word.step} == secure_step::body_proof)
    return keep_proof(here, in);
  const auto said = input_of(here, in);
  if (!said)
    return said.why();
  step out;
  auto effects = here.secure->apply(*said);
  if (effects) {
    if (!in.word.evidence.empty())
      here.evidence[in.client] = in.word.evidence;
    return follow_sum(rules, here, std::move(*effects), now, std::move(out));
  }
  if (effects.why() == refusal::duplicate)
    return refusal::duplicate;
  // Its part cannot be made good: the others need not wait for it.
  drop(here, in.client, who, std::string(name(effects.why())), now, out);
  out.effects.push_back(refuse{in.client, here.id, effects.why()});
  return settle(rules, here, now, std::move(out));
}

/// Where the sum can be opened, or never will be, the phase is over.
step settle(unmasking& here, sum_effects effects, instant now, step out) {
  pass_on(here, effects, out);
  auto end = end_in(effects);
  if (end.abandoned) {
    close(here, {here.recruited_at, here.collected_at, now}, now, false, std::move(*end.abandoned),
          out);
  } else if (end.opening) {
    out.effects.push_back(release{here.id, end.opening});
    auto next = moved_from<releasing>(here, here.recruited_at, here.collected_at);
    next.opening = std::move(end.opening);
    out.next = std::move(next);
  }
  return out;
}

result<step> settle(unmasking& here, const sums::input& in, instant now, step out) {
  auto effects = here.secure->apply(in);
  if (!effects)
    return effects.why();
  return settle(here, std::move(*effects), now, std::move(out));
}

} // namespace

GODWIT_IN_BOTH(spoke, listen)

result<step> on(const plan&, unmasking& here, const spoke& in, instant now) {
  if (in.word.round < here.id)
    return step{};
  if (auto found = find(here, in.word.round, in.client); !found)
    return found.why();
  const auto said = input_of(here, in);
  if (!said)
    return said.why();
  return settle(here, *said, now, {});
}

result<step> on(const plan&, unmasking& here, const edge_lost& in, instant) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end())
    return refusal::not_invited;
  who->second.is_away = true; // its shares are waited for until the deadline, if they are needed
  return step{};
}

result<step> on(const plan&, unmasking& here, const edge_back& in, instant now) {
  auto who = here.cohort.find(in.client);
  if (who == here.cohort.end())
    return refusal::not_invited;
  who->second.is_away = false;
  return settle(here, say_again(here, in.client), now, {});
}

result<step> on(const plan&, unmasking& here, const deadline_passed& in, instant now) {
  if (in.round != here.id)
    return refusal::wrong_round;
  step out;
  if (now >= here.deadline)
    return settle(here, sums::deadline_passed{}, now, std::move(out));
  out.effects.push_back(wake_at{next_alarm(here, now), here.id});
  if (std::holds_alternative<sums::agreeing>(here.secure->current()) && now >= statements_due(here))
    return settle(here, sums::consistency_closed{}, now, std::move(out));
  return out;
}

/// Those who still owe shares come back, or the deadline ends it.
result<step> on(const plan&, unmasking& here, const restarted&, instant now) {
  step out;
  out.effects.push_back(wake_at{next_alarm(here, now), here.id});
  return out;
}

} // namespace godwit::round
