#include "cohort.hpp"

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>

namespace godwit::round {

std::string terms_in(const gathering& here) {
  return here.secure ? as_text(here.secure->encoded_terms()) : here.shared_terms;
}

bool is_decided(progress at) noexcept {
  return at == progress::reported || at == progress::declined || at == progress::dropped;
}

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
  out.effects.push_back(invite{client, here.id, here.deadline - now, terms_in(here)});
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

void take_place_back(gathering& here, const client_id& client, participant& who, step& out) {
  GODWIT_CHECK(who.at == progress::uploading, "a place was taken back from a client that had none");
  who.at = progress::accepted;
  --here.uploading;
  out.effects.push_back(revoke{client, here.id});
}

void take_places_back(gathering& here, step& out) {
  for (auto& [client, who] : here.cohort)
    if (who.at == progress::uploading)
      take_place_back(here, client, who, out);
}

void drop(gathering& here, const client_id& client, participant& who, std::string reason,
          instant now, step& out) {
  if (who.at == progress::uploading)
    take_place_back(here, client, who, out);
  decide(here, client, who, progress::dropped, std::move(reason), now);
}

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
  const auto is_here = [&here](const client_id& client) { return !here.cohort.at(client).is_away; };
  while (here.uploading + here.adding < rules.upload_count_max) {
    const auto next = std::find_if(here.line.begin(), here.line.end(), is_here);
    if (next == here.line.end())
      return;
    const auto client = *next;
    here.line.erase(next);
    auto& who = here.cohort.at(client);
    GODWIT_CHECK(who.at == progress::offered, "a client waits in line without an offer");
    who.at = progress::uploading;
    ++here.uploading;
    out.effects.push_back(grant{client, here.id, who.update});
    watch_upload(rules, here, client, who, now, out);
  }
}

} // namespace godwit::round
