// What does a client check and compute at each step, without moving on?
#pragma once

#include <cstdint>
#include <map>

#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/privacy/sum_messages.hpp>

namespace godwit::secure_sum::client {

/// What a roster is held against.
struct roster_expectation {
  const secure_sum::terms& terms;
  const sha256_digest& terms_hash;
  const advert& own;
  graph_rule rule;
};

/// A roster that holds together, with section 11's answer for it.
struct accepted_roster {
  secure_sum::roster roster;
  graph_choice choice;
};

/// Everything that section 5 of privacy/SECURE_SUM.md wants, but for keys that agree upon zero.
result<accepted_roster> check_roster(const roster_told&, const roster_expectation&);

/// Agrees with each neighbour and seals its shares (section 6); `roster` is left empty. Refuses
/// weak_key.
result<joined> join_roster(const accepted_roster&, const client_draws&, const terms&);

/// The shares inside delivered_shares (section 6), by neighbour.
result<std::map<std::uint32_t, secret>> open_delivered(const joined&, bytes_view content,
                                                       round_id round);

/// Whether these survivors may be signed (section 8).
result<done> check_survivors(const masked&, bytes_view content, std::uint32_t clients_min);

/// Whether this may be answered (section 9); `sworn` in profile malicious, else null.
result<unmask_request> check_request(const masked&, const consistent* sworn, bytes_view content,
                                     std::uint32_t clients_min, const advert& own);

/// unmask_shares. The request has been checked against the same shares.
bytes answer_to(const unmask_request&, const std::map<std::uint32_t, secret>& shares);

} // namespace godwit::secure_sum::client
