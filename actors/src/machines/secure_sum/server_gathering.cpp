// Sealed shares, bodies and statements come in; each step ends once.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <godwit/actors/machines/secure_sum_server.hpp>

#include "server_steps.hpp"

namespace godwit::secure_sum::server {
namespace {

using effects = std::vector<effect>;

/// The clients that are so, ascending.
template <class Is>
std::vector<std::uint32_t> all_that(const joined& here, const Is& is) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t u = 0; u < here.clients.size(); ++u)
    if (is(here.clients[u]))
      found.push_back(u);
  return found;
}

/// Whether each of `some` has as many neighbours that are so as it takes to open its secret.
template <class Is>
bool are_covered(const joined& here, const std::vector<std::uint32_t>& some, const Is& is) {
  return std::all_of(some.begin(), some.end(), [&](std::uint32_t u) {
    return count_of(here, here.neighbours[u], is) >= here.threshold;
  });
}

} // namespace

result<effects> machine::on(const shares_received& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  auto* who = participant_in(phase_, in.client);
  if (!who)
    return refusal::wrong_phase;
  if (who->sealed && encode(*who->sealed) == in.content)
    return effects{};
  auto* here = std::get_if<sharing>(&phase_);
  if (!here)
    return refusal::wrong_phase;
  if (who->sealed)
    return refusal::duplicate;
  auto given = decode_sealed_shares(in.content);
  if (!given)
    return given.why();
  if (given->root != here->tree->root())
    return refusal::wrong_roster;
  const auto& due = here->neighbours[here->index_of.at(in.client)];
  const auto is_for = [](const labelled_box& x, std::uint32_t v) { return x.client == v; };
  if (!std::equal(given->boxes.begin(), given->boxes.end(), due.begin(), due.end(), is_for))
    return refusal::wrong_share;
  who->sealed = std::move(*given);
  who->is_gone = false;
  effects out;
  end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const shares_closed&) {
  if (!std::holds_alternative<sharing>(phase_))
    return refusal::wrong_phase;
  effects out;
  close_shares(out);
  return out;
}

void machine::close_shares(effects& out) {
  joined here = std::move(std::get<sharing>(phase_));
  const auto masked = all_that(here, has_shared);
  if (masked.size() < terms_.clients_min || !are_covered(here, masked, has_shared))
    return give_up(fmt::format("{} of {} clients shared their secrets, too few to open any",
                               masked.size(), here.clients.size()),
                   out);
  for (std::uint32_t u = 0; u < here.clients.size(); ++u)
    if (!has_shared(here.clients[u]))
      out.push_back(exclude{here.clients[u].client, "its shares did not come in time"});
  for (const auto u : masked)
    out.push_back(shares_for(here, u));
  phase_ = masking{std::move(here)};
}

result<effects> machine::on(const body_arrived& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  auto* who = participant_in(phase_, in.client);
  if (!who || !who->sealed)
    return refusal::wrong_phase;
  if (who->body && *who->body == in.body)
    return effects{};
  auto* here = std::get_if<masking>(&phase_);
  if (!here)
    return refusal::wrong_phase;
  if (who->body)
    return refusal::duplicate;
  if (terms_.profile == profile::malicious) {
    const auto index = here->index_of.at(in.client);
    if (!in.proof || !is_signed_by(who->advert.identity,
                                   body_statement(here->tree->root(), index, in.body), *in.proof))
      return refusal::wrong_signature;
  }
  who->body = in.body;
  who->is_gone = false;
  effects out;
  out.push_back(add_body{in.client});
  end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const bodies_closed&) {
  if (!std::holds_alternative<masking>(phase_))
    return refusal::wrong_phase;
  effects out;
  close_bodies(out);
  return out;
}

void machine::close_bodies(effects& out) {
  joined here = std::move(std::get<masking>(phase_));
  auto surviving = all_that(here, has_survived);
  if (surviving.size() < terms_.clients_min ||
      !are_covered(here, all_that(here, has_shared), has_survived))
    return give_up(fmt::format("{} of {} masked vectors came, too few to open their sum",
                               surviving.size(), all_that(here, has_shared).size()),
                   out);
  for (const auto& x : here.clients)
    if (has_shared(x) && !has_survived(x))
      out.push_back(exclude{x.client, "its masked vector did not come in time"});
  if (terms_.profile == profile::semi_honest)
    return ask_survivors(std::move(here), std::move(surviving), out);
  const auto told = encode(survivors{here.tree->root(), surviving});
  for (const auto u : surviving)
    out.push_back(tell_survivors{here.clients[u].client, told});
  phase_ = agreeing{std::move(here), std::move(surviving)};
}

result<effects> machine::on(const consistency_received& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  auto* who = participant_in(phase_, in.client);
  auto* here = std::get_if<agreeing>(&phase_);
  auto* later = std::get_if<unmasking>(&phase_);
  if (!who || !who->body || (!here && !later) || terms_.profile != profile::malicious)
    return refusal::wrong_phase;
  if (who->statement) {
    if (*who->statement == in.statement)
      return effects{};
    return refusal::duplicate;
  }
  const auto& surviving = here ? here->survivors : later->survivors;
  const auto root = roster_in(phase_)->tree->root();
  const auto told = hash_of_survivors(encode(survivors{root, surviving}));
  if (!is_signed_by(who->advert.identity, consistency_statement(told), in.statement))
    return refusal::wrong_signature;
  who->statement = in.statement;
  who->is_gone = false;
  effects out;
  if (later) // too late to be shown to the others, but it may answer now
    out.push_back(
        ask_unmask{in.client, encode(request_for(*later, later->index_of.at(in.client)))});
  else
    end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const consistency_closed&) {
  if (!std::holds_alternative<agreeing>(phase_))
    return refusal::wrong_phase;
  effects out;
  close_consistency(out);
  return out;
}

void machine::close_consistency(effects& out) {
  auto& here = std::get<agreeing>(phase_);
  const auto statements =
      count_of(here, here.survivors, [](const participant& x) { return x.statement.has_value(); });
  if (statements < here.threshold)
    return give_up(fmt::format("{} of {} survivors said who survived, too few", statements,
                               here.survivors.size()),
                   out);
  auto surviving = std::move(here.survivors);
  joined stays = std::move(here);
  ask_survivors(std::move(stays), std::move(surviving), out);
}

void machine::ask_survivors(joined&& here, std::vector<std::uint32_t> surviving, effects& out) {
  unmasking next{std::move(here), std::move(surviving), {}, false};
  for (const auto u : next.survivors)
    if (next.clients[u].statement)
      next.statements.emplace_back(u, *next.clients[u].statement);
  for (const auto u : next.survivors)
    if (terms_.profile == profile::semi_honest || next.clients[u].statement)
      out.push_back(ask_unmask{next.clients[u].client, encode(request_for(next, u))});
  phase_ = std::move(next);
}

} // namespace godwit::secure_sum::server
