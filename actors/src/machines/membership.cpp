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
  auto& who = entries_[in.client];
  if (!who.is_present)
    ++present_count_;
  who = entry{.fingerprint = fingerprint,
              .is_present = true,
              .is_eligible = true,
              .ineligible_because = {},
              .power_mode = {},
              .example_count = std::min(in.example_count, limits::example_count_max)};
  return done{};
}

bool machine::lose(const client_id& client) {
  auto who = entries_.find(client);
  if (who == entries_.end() || !who->second.is_present)
    return false;
  who->second.is_present = false;
  --present_count_;
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
  who->second.is_eligible = status.eligible != 0;
  who->second.ineligible_because = status.reason;
  who->second.power_mode = status.power_mode;
  return done{};
}

std::vector<candidate> machine::candidates() const {
  std::vector<candidate> there;
  for (const auto& [client, who] : entries_)
    if (who.is_present && who.is_eligible)
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
