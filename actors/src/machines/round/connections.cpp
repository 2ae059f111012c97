// Connections that are lost and come back, and a server that was down, while updates are gathered.
#include "settling.hpp"

namespace godwit::round {
namespace {

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

/// What it had said and trained is gone with its store: as on the first day.
void forget(gathering& here, const client_id& client, participant& who, step& out) {
  if (who.at == progress::uploading)
    take_place_back(here, client, who, out);
  if (who.at == progress::offered)
    std::erase(here.line, client);
  if (who.at == progress::accepted || who.at == progress::offered) {
    who.at = progress::invited;
    ++here.unanswered;
  }
  who.has_accepted = false;
  who.update = {};
}

/// It was dropped for its lost connection only: it stands where it stood.
void take_back_in(gathering& here, const client_id& client, participant& who) {
  ++here.undecided;
  who.reason.clear();
  who.done_at = {};
  if (who.update.byte_count > 0) {
    who.at = progress::offered;
    here.line.push_back(client);
  } else if (who.has_accepted) {
    who.at = progress::accepted;
  } else {
    who.at = progress::invited;
    ++here.unanswered;
  }
}

template <class Phase>
result<step> come_back(const plan& rules, Phase& here, const edge_back& in, instant now) {
  auto found = find(here, here.id, in.client);
  if (!found)
    return found.why();
  auto& who = **found;
  step out;
  const bool was_lost = who.at == progress::dropped && who.is_away;
  who.is_away = false;
  if (now >= here.deadline)
    return out;
  if (was_lost)
    take_back_in(here, in.client, who);
  if (here.secure && in.is_fresh && who.has_accepted && !is_decided(who.at)) {
    const std::string reason = "its secrets of the secure sum are gone with its store";
    drop(here, in.client, who, reason, now, out);
    out.effects.push_back(tell{in.client, {here.id, 0, reason}});
    return settle(rules, here, now, std::move(out));
  }
  if (here.secure && who.at == progress::reported) // its shares are needed yet
    return follow_sum(rules, here, say_again(here, in.client), now, std::move(out));
  if (is_decided(who.at) || who.at == progress::adding)
    return out;
  if (in.is_fresh)
    forget(here, in.client, who, out);
  if (who.at == progress::uploading) { // over a connection that is no more
    take_place_back(here, in.client, who, out);
    who.at = progress::offered;
    here.line.push_back(in.client);
  }
  if (who.at == progress::invited || who.at == progress::accepted)
    out.effects.push_back(invite{in.client, here.id, here.deadline - now, terms_in(here)});
  if (here.secure)
    return follow_sum(rules, here, say_again(here, in.client), now, std::move(out));
  return settle(rules, here, now, std::move(out));
}

/// No connection is left, and what was not kept of an upload is gone. Nobody is dropped for it:
/// those who still owe something come back, or the deadline ends it.
template <class Phase>
result<step> restart(const plan&, Phase& here, const restarted&, instant now) {
  step out;
  for (auto& [client, who] : here.cohort) {
    if (who.at == progress::uploading || who.at == progress::adding) {
      who.at == progress::uploading ? --here.uploading : --here.adding;
      who.at = progress::offered;
      here.line.push_back(client);
    }
    if (!is_decided(who.at))
      who.is_away = true;
  }
  out.effects.push_back(wake_at{next_alarm(here, now), here.id});
  return out;
}

} // namespace

GODWIT_IN_BOTH(edge_lost, lose)
GODWIT_IN_BOTH(edge_back, come_back)
GODWIT_IN_BOTH(restarted, restart)

} // namespace godwit::round
