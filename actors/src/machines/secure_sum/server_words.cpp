// What each client is told, from the state: so it can be said again.
#include <algorithm>
#include <type_traits>
#include <utility>

#include <godwit/messages/check.hpp>

#include "server_steps.hpp"

namespace godwit::secure_sum::server {

joined* roster_in(phase& now) {
  return std::visit(
      [](auto& here) -> joined* {
        if constexpr (std::is_base_of_v<joined, std::remove_cvref_t<decltype(here)>>)
          return &here;
        else
          return nullptr;
      },
      now);
}

participant* participant_in(phase& now, const client_id& client) {
  auto* here = roster_in(now);
  if (!here)
    return nullptr;
  const auto at = here->index_of.find(client);
  return at == here->index_of.end() ? nullptr : &here->clients[at->second];
}

send_roster roster_for(const joined& here, std::uint32_t index) {
  roster told;
  told.root = here.tree->root();
  told.size = static_cast<std::uint32_t>(here.clients.size());
  told.own_index = index;
  told.own_path = here.tree->path(index);
  send_roster out{here.clients[index].client, {}, {}};
  for (const auto v : here.neighbours[index]) {
    told.neighbours.push_back({v, here.clients[v].advert, here.tree->path(v)});
    out.neighbours.push_back(here.clients[v].client);
  }
  out.content = encode(told);
  return out;
}

deliver_shares shares_for(const joined& here, std::uint32_t index) {
  delivered_shares due{here.tree->root(), {}};
  for (const auto u : here.neighbours[index]) {
    const auto& from = here.clients[u];
    if (!has_shared(from))
      continue;
    const auto& boxes = from.sealed->boxes;
    const auto at = std::lower_bound(
        boxes.begin(), boxes.end(), index,
        [](const labelled_box& x, std::uint32_t wanted) { return x.client < wanted; });
    GODWIT_CHECK(at != boxes.end() && at->client == index, "shares come for every neighbour");
    due.boxes.push_back({u, at->box});
  }
  return {here.clients[index].client, encode(due)};
}

unmask_request request_for(const unmasking& here, std::uint32_t index) {
  unmask_request due;
  due.root = here.tree->root();
  due.survivor_count = static_cast<std::uint32_t>(here.survivors.size());
  for (const auto v : here.neighbours[index])
    if (has_shared(here.clients[v]))
      (has_survived(here.clients[v]) ? due.alive : due.dropped).push_back(v);
  due.signatures = here.statements;
  return due;
}

void say_again(phase& now, const client_id& client, std::vector<effect>& out) {
  const auto* who = participant_in(now, client);
  const auto* here = roster_in(now);
  if (!here)
    return; // not begun, or over: the round says so itself
  if (!who || (!has_shared(*who) && !std::holds_alternative<sharing>(now)) ||
      (!has_survived(*who) && !std::holds_alternative<sharing>(now) &&
       !std::holds_alternative<masking>(now))) {
    out.push_back(exclude{client, "the round went on without it"});
    return;
  }
  const auto index = here->index_of.at(client);
  if (std::holds_alternative<sharing>(now)) {
    if (!has_shared(*who))
      out.push_back(roster_for(*here, index));
  } else if (std::holds_alternative<masking>(now)) {
    if (!has_survived(*who))
      out.push_back(shares_for(*here, index));
  } else if (const auto* told = std::get_if<agreeing>(&now)) {
    if (!who->statement)
      out.push_back(tell_survivors{client, encode(survivors{told->tree->root(), told->survivors})});
  } else if (const auto* asked = std::get_if<unmasking>(&now)) {
    if (!who->answer && (asked->statements.empty() || who->statement))
      out.push_back(ask_unmask{client, encode(request_for(*asked, index))});
    else if (!who->answer)
      out.push_back(
          tell_survivors{client, encode(survivors{asked->tree->root(), asked->survivors})});
  }
}

} // namespace godwit::secure_sum::server
