#include "securing.hpp"

#include <algorithm>

#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/privacy/sum_messages.hpp>

namespace godwit::round {
namespace {

namespace sums = secure_sum::server;

const sums::joined* joined_in(const gathering& here) {
  return std::visit(
      [](const auto& x) -> const sums::joined* {
        if constexpr (std::is_base_of_v<sums::joined, std::remove_cvref_t<decltype(x)>>)
          return &x;
        else
          return nullptr;
      },
      here.secure->current());
}

const sums::participant* find_in(const sums::joined& sum, const client_id& client) {
  const auto index = sum.index_of.find(client);
  return index == sum.index_of.end() ? nullptr : &sum.clients[index->second];
}

bool is_out(const participant& who) {
  return who.at == progress::declined || who.at == progress::dropped;
}

secure_call call_of(round_id round, secure_step step, bytes content) {
  return {round, static_cast<std::uint8_t>(step), shared_bytes(std::move(content))};
}

/// Of all clients in the roster.
bytes evidence_in(const gathering& here) {
  std::vector<std::string> all;
  for (const auto& who : joined_in(here)->clients) {
    const auto there = here.evidence.find(who.client);
    all.push_back(there == here.evidence.end() ? std::string() : there->second);
  }
  return secure_sum::encode_evidence(all);
}

struct to_call {
  const gathering& here;
  step& out;
  shared_bytes evidence{}; ///< one for all

  void say(const client_id& client, secure_call what) const {
    out.effects.push_back(call{client, std::move(what)});
  }
  void operator()(const sums::send_roster& x) {
    if (is_malicious(here)) {
      if (evidence.empty())
        evidence = shared_bytes(evidence_in(here));
      say(x.client, {here.id, static_cast<std::uint8_t>(secure_step::evidence), evidence});
    }
    say(x.client, call_of(here.id, secure_step::roster, x.content));
  }
  void operator()(const sums::deliver_shares& x) const {
    say(x.client, call_of(here.id, secure_step::delivered_shares, x.content));
  }
  void operator()(const sums::tell_survivors& x) const {
    say(x.client, call_of(here.id, secure_step::survivors, x.content));
  }
  void operator()(const sums::ask_unmask& x) const {
    say(x.client, call_of(here.id, secure_step::unmask_request, x.content));
  }
  void operator()(const auto&) const {}
};

} // namespace

bool is_malicious(const gathering& here) {
  return here.secure && here.secure->rules().profile == secure_sum::profile::malicious;
}

instant shared_until(const gathering& here) {
  return here.opened_at + 3 * ((here.deadline - here.opened_at) / 4);
}

instant next_alarm(const gathering& here, instant now) {
  if (!here.shared_terms.empty() && now < shared_until(here))
    return shared_until(here);
  if (here.secure)
    for (int quarter = 1; quarter < 4; ++quarter)
      if (const auto due = here.opened_at + quarter * ((here.deadline - here.opened_at) / 4);
          due > now)
        return due;
  const auto due = statements_due(here);
  return is_malicious(here) && due > now ? due : here.deadline;
}

instant statements_due(const gathering& here) {
  return here.deadline - (here.deadline - here.opened_at) / 8;
}

bool is_proven(const gathering& here, const client_id& client, const sha256_digest& body) {
  if (!is_malicious(here))
    return true;
  const auto proof = here.proofs.find(client);
  const auto* sum = joined_in(here);
  if (proof == here.proofs.end() || !sum || !sum->index_of.contains(client))
    return false;
  const auto index = sum->index_of.at(client);
  return is_signed_by(sum->clients[index].advert.identity,
                      secure_sum::body_statement(sum->tree->root(), index, body), proof->second);
}

bool may_send_body(const gathering& here, const client_id& client) {
  if (!std::holds_alternative<sums::masking>(here.secure->current()))
    return false;
  const auto* who = find_in(*joined_in(here), client);
  return who && who->sealed;
}

bool could_be_opened(const gathering& here) {
  const auto* sum = joined_in(here);
  if (!sum)
    return false;
  for (std::size_t i = 0; i < sum->clients.size(); ++i) {
    if (!sum->clients[i].sealed)
      continue;
    const auto& neighbours = sum->neighbours[i];
    const auto alive = std::count_if(neighbours.begin(), neighbours.end(),
                                     [sum](auto v) { return sum->clients[v].body.has_value(); });
    if (alive < static_cast<std::ptrdiff_t>(sum->threshold))
      return false;
  }
  return true;
}

sum_effects stop_waiting(gathering& here) {
  sum_effects all;
  const auto* roster = std::get_if<sums::advertising>(&here.secure->current());
  for (auto& [client, who] : here.cohort) {
    const bool may_be_back = who.at == progress::dropped && who.is_away;
    if (!is_out(who) || (may_be_back && roster && roster->adverts.contains(client)))
      continue;
    if (!std::exchange(who.is_awaited, false))
      continue;
    if (auto effects = here.secure->apply(sums::client_gone{client}))
      std::move(effects->begin(), effects->end(), std::back_inserter(all));
    roster = std::get_if<sums::advertising>(&here.secure->current());
  }
  return all;
}

sum_effects say_again(gathering& here, const client_id& client) {
  here.cohort.at(client).is_awaited = true;
  auto effects = here.secure->apply(sums::client_back{client});
  return effects ? std::move(*effects) : sum_effects{};
}

void pass_on(const gathering& here, const sum_effects& effects, step& out) {
  to_call calls{here, out};
  for (const auto& each : effects)
    std::visit(calls, each);
}

void drop_excluded(gathering& here, const sum_effects& effects, instant now, step& out) {
  for (const auto& each : effects) {
    const auto* x = std::get_if<sums::exclude>(&each);
    const auto there = x ? here.cohort.find(x->client) : here.cohort.end();
    if (there == here.cohort.end() || is_decided(there->second.at))
      continue;
    drop(here, x->client, there->second, x->reason, now, out);
    out.effects.push_back(tell{x->client, {here.id, 0, x->reason, {}}});
  }
}

sum_end end_in(sum_effects& effects) {
  sum_end made;
  for (auto& each : effects) {
    if (auto* x = std::get_if<sums::open_sum>(&each))
      made.opening = std::make_shared<const sum_opening>(
          sum_opening{std::move(x->masks), std::move(x->survivors), std::move(x->liars), x->root});
    else if (auto* y = std::get_if<sums::abandon>(&each))
      made.abandoned = y->reason;
  }
  return made;
}

bool is_unmasking(const gathering& here) {
  const auto& now = here.secure->current();
  return std::holds_alternative<sums::agreeing>(now) ||
         std::holds_alternative<sums::unmasking>(now) || std::holds_alternative<sums::opened>(now);
}

} // namespace godwit::round
