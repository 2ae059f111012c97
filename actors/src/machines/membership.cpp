#include <godwit/actors/machines/membership.hpp>

#include <algorithm>

#include <godwit/messages/limits.hpp>

namespace godwit::membership {

machine::machine(plan rules, const std::vector<member>& known) : plan_(std::move(rules)) {
  for (const auto& x : known)
    entries_[x.client].fingerprint = x.fingerprint;
}

result<done> machine::enrol(const hello& in, const std::string& certificate_name,
                            const sha256_digest& fingerprint) {
  if (in.protocol != protocol_number)
    return refusal::protocol_mismatch;
  if (in.client.name != certificate_name)
    return refusal::identity_mismatch;
  auto known = entries_.find(in.client);
  if (known != entries_.end() && known->second.fingerprint != fingerprint)
    return refusal::identity_mismatch;
  if (in.model != plan_.model || in.parameter_count != plan_.parameter_count)
    return refusal::wrong_job;
  change(entries_[in.client],
         entry{.fingerprint = fingerprint,
               .is_present = true,
               .is_eligible = true,
               .ineligible_because = {},
               .power_mode = {},
               .example_count = std::min(in.example_count, limits::example_count_max),
               .is_spent = spent_.contains(in.client)});
  return done{};
}

void machine::change(entry& from, entry to) {
  present_count_ += std::size_t{to.is_present} - std::size_t{from.is_present};
  candidate_count_ += std::size_t{is_candidate(to)} - std::size_t{is_candidate(from)};
  spent_count_ +=
      std::size_t{is_able(to) && to.is_spent} - std::size_t{is_able(from) && from.is_spent};
  known_spent_count_ += std::size_t{to.is_spent} - std::size_t{from.is_spent};
  from = std::move(to);
}

bool machine::lose(const client_id& client) {
  auto who = entries_.find(client);
  if (who == entries_.end() || !who->second.is_present)
    return false;
  auto gone = who->second;
  gone.is_present = false;
  change(who->second, std::move(gone));
  return true;
}

bool machine::is_present(const client_id& client) const {
  auto who = entries_.find(client);
  return who != entries_.end() && who->second.is_present;
}

result<done> machine::update(const client_id& client, const edge_status& status) {
  auto who = entries_.find(client);
  if (who == entries_.end() || !who->second.is_present)
    return refusal::not_enrolled;
  auto now = who->second;
  now.is_eligible = status.eligible != 0;
  now.ineligible_because = status.reason;
  now.power_mode = status.power_mode;
  change(who->second, std::move(now));
  return done{};
}

void machine::spend(const client_id& client) {
  spent_.insert(client);
  auto who = entries_.find(client);
  if (who == entries_.end())
    return;
  auto now = who->second;
  now.is_spent = true;
  change(who->second, std::move(now));
}

std::vector<candidate> machine::candidates() const {
  std::vector<candidate> there;
  for (const auto& [client, who] : entries_)
    if (is_candidate(who))
      there.push_back({client, who.example_count});
  return there;
}

std::vector<member> machine::members() const {
  std::vector<member> known;
  known.reserve(entries_.size());
  for (const auto& [client, who] : entries_)
    known.push_back({client, who.fingerprint});
  return known;
}

} // namespace godwit::membership
