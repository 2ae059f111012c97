// What does a server look up and put together for one client, without moving on?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <godwit/actors/machines/secure_sum_server.hpp>

namespace godwit::secure_sum::server {

/// The phase's clients, or null before the roster and after the end.
joined* roster_in(phase&);
/// This client there, or null where it is not in the roster.
participant* participant_in(phase&, const client_id&);

send_roster roster_for(const joined&, std::uint32_t index);
deliver_shares shares_for(const joined&, std::uint32_t index);
unmask_request request_for(const unmasking&, std::uint32_t index);

/// What this client must hear, if anything, now that it is connected again.
void say_again(phase&, const client_id&, std::vector<effect>& out);

/// How many of these clients are so.
template <class Is>
std::size_t count_of(const joined& here, std::span<const std::uint32_t> some, const Is& is) {
  std::size_t count = 0;
  for (const auto index : some)
    if (is(here.clients[index]))
      ++count;
  return count;
}

inline bool has_shared(const participant& x) {
  return x.sealed.has_value();
}
inline bool has_survived(const participant& x) {
  return x.body.has_value();
}

} // namespace godwit::secure_sum::server
