// The server's door: opening, applying, adverts, and who is there.
#include <godwit/actors/machines/secure_sum_server.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <godwit/privacy/key_agreement.hpp>

#include "server_steps.hpp"

namespace godwit::secure_sum::server {

using effects = std::vector<effect>;

result<machine> machine::open(opening given) {
  if (auto checked = check(given.terms); !checked)
    return checked.why();
  machine made;
  made.members_.insert(given.members.begin(), given.members.end());
  if (made.members_.size() != given.members.size())
    return refusal::not_invited;
  if (made.members_.size() < given.terms.clients_min)
    return refusal::too_few;
  made.terms_ = std::move(given.terms);
  made.encoded_terms_ = encode(made.terms_);
  made.terms_hash_ = hash_of_terms(made.encoded_terms_);
  made.rule_ = given.rule;
  return made;
}

result<effects> machine::apply(const input& in) {
  return std::visit([this](const auto& x) { return on(x); }, in);
}

result<effects> machine::on(const advert_received& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  auto* here = std::get_if<advertising>(&phase_);
  if (const auto* who = participant_in(phase_, in.client); who && encode(who->advert) == in.advert)
    return effects{};
  if (!here)
    return refusal::wrong_phase;
  auto given = decode_advert(in.advert);
  if (!given)
    return given.why();
  if (given->client != in.client)
    return refusal::identity_mismatch;
  if (const auto before = here->adverts.find(in.client); before != here->adverts.end()) {
    if (before->second == *given)
      return effects{};
    return refusal::duplicate;
  }
  if (!in.is_proven)
    return refusal::unproven_key;
  if (is_weak(given->channel) || is_weak(given->pairwise))
    return refusal::weak_key;
  for (const auto& [client, other] : here->adverts)
    if (other.identity == given->identity || other.channel == given->channel ||
        other.pairwise == given->pairwise)
      return refusal::repeated_key;
  if (!is_genuine(*given, terms_hash_))
    return refusal::wrong_signature;
  if (here->adverts.size() == terms_.clients_max)
    return refusal::full;
  here->adverts.emplace(in.client, std::move(*given));
  here->gone.erase(in.client);
  effects out;
  end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const client_gone& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  if (auto* here = std::get_if<advertising>(&phase_)) {
    here->adverts.erase(in.client);
    here->gone.insert(in.client);
  } else if (auto* who = participant_in(phase_, in.client)) {
    who->is_gone = true;
    if (std::holds_alternative<sharing>(phase_))
      who->sealed.reset(); // nobody has its boxes yet: it need not be unmasked
  }
  effects out;
  end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const client_back& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  if (auto* here = std::get_if<advertising>(&phase_)) {
    here->gone.erase(in.client);
    return effects{};
  }
  effects out;
  if (auto* who = participant_in(phase_, in.client))
    who->is_gone = false;
  say_again(phase_, in.client, out);
  return out;
}

result<effects> machine::on(const roster_closed&) {
  if (!std::holds_alternative<advertising>(phase_))
    return refusal::wrong_phase;
  effects out;
  close_roster(out);
  return out;
}

result<effects> machine::on(const deadline_passed&) {
  if (std::holds_alternative<opened>(phase_) || std::holds_alternative<abandoned>(phase_))
    return refusal::wrong_phase;
  effects out;
  if (std::holds_alternative<unmasking>(phase_))
    close_unmasking(out);
  else
    give_up(fmt::format("the deadline passed while it was {}", name(phase_)), out);
  return out;
}

/// Goes on where nothing more is waited for.
void machine::end_step_if_complete(effects& out) {
  const auto all = [](const joined& here, auto&& is_done) {
    return std::all_of(here.clients.begin(), here.clients.end(),
                       [&](const participant& x) { return x.is_gone || is_done(x); });
  };
  if (auto* roster = std::get_if<advertising>(&phase_)) {
    if (roster->adverts.size() + roster->gone.size() == members_.size())
      close_roster(out);
  } else if (auto* shares = std::get_if<sharing>(&phase_)) {
    if (all(*shares, [](const participant& x) { return x.sealed.has_value(); }))
      close_shares(out);
  } else if (auto* bodies = std::get_if<masking>(&phase_)) {
    if (all(*bodies, [](const participant& x) { return !x.sealed || x.body; }))
      close_bodies(out);
  } else if (auto* statements = std::get_if<agreeing>(&phase_)) {
    if (all(*statements, [](const participant& x) { return !x.body || x.statement; }))
      close_consistency(out);
  } else if (auto* answers = std::get_if<unmasking>(&phase_)) {
    if (all(*answers, [](const participant& x) { return !x.body || x.answer; }))
      close_unmasking(out);
  }
}

void machine::close_roster(effects& out) {
  auto adverts = std::move(std::get<advertising>(phase_).adverts);
  const auto n = static_cast<std::uint32_t>(adverts.size());
  const auto choice = rule_(n, terms_.fractions, terms_.profile);
  if (n < terms_.clients_min || !choice)
    return give_up(fmt::format("{} clients sent keys, too few for {}", n,
                               n < terms_.clients_min ? "the sum" : "any mask graph"),
                   out);
  joined made;
  made.threshold = choice->threshold;
  std::vector<sha256_digest> leaves;
  for (auto& [client, given] : adverts) {
    made.index_of.emplace(client, static_cast<std::uint32_t>(made.clients.size()));
    leaves.push_back(leaf_of(encode(given)));
    auto& who = made.clients.emplace_back();
    who.client = client;
    who.advert = std::move(given);
  }
  made.tree = std::make_shared<const roster_tree>(std::move(leaves));
  const mask_graph graph(terms_hash_, made.tree->root(), n, choice->degree);
  for (std::uint32_t u = 0; u < n; ++u)
    made.neighbours.push_back(graph.neighbours(u));
  for (const auto& client : members_)
    if (!made.index_of.contains(client))
      out.push_back(exclude{client, "its keys did not come in time"});
  for (std::uint32_t u = 0; u < n; ++u)
    out.push_back(roster_for(made, u));
  phase_ = sharing{std::move(made)};
}

void machine::give_up(std::string reason, effects& out) {
  phase_ = abandoned{reason};
  out.push_back(abandon{std::move(reason)});
}

std::string_view name(const phase& now) noexcept {
  constexpr std::string_view names[] = {"advertising", "sharing", "masking",  "agreeing",
                                        "unmasking",   "opened",  "abandoned"};
  static_assert(std::size(names) == std::variant_size_v<phase>);
  return names[now.index()];
}

} // namespace godwit::secure_sum::server
