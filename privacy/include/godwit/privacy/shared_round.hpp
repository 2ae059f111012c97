// What is stated of a round whose sum several servers open, to the clients that take part and to
// the trustees? (privacy/SHARED_SUM.md, section 9)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/shared_sum.hpp>

namespace godwit::shared_sum {

/// What a trustee's evidence for its sealing key is of.
inline constexpr std::string_view sealing_domain = "FLSS1/sealing";

/// One server of a sum. The last is the one that clients speak to, and has no key.
struct sum_server {
  std::string name;
  agreement_key key{};  ///< what is sealed for it, it alone can read
  std::string evidence; ///< that the key is its own: an attestation in sealing_domain
};

struct shared_round {
  shared_sum::terms terms; ///< all but length and meaning, which follow from the rest
  sha256_digest model{};
  std::uint32_t weight_max = 1;
  std::vector<secure_sum::stream_terms> streams; ///< the update, and the training loss
  std::vector<sum_server> servers;               ///< [server_count]
};

/// Entries of a vector: the weight, then the streams' values one after the other.
std::uint64_t entry_count(const std::vector<secure_sum::stream_terms>& streams) noexcept;

/// Sets length and meaning of the terms.
void settle_terms(shared_round&);

/// Canonical.
bytes encode(const shared_round&);

/// Whether these bytes begin as those of a shared round, and not as the terms of a masked sum.
bool is_shared_round(bytes_view encoded) noexcept;

/// Refuses malformed (no such statement), wrong_terms (terms out of bounds, of another meaning or
/// length; a sum that could wrap; another number of servers), repeated_key (two servers share a
/// name or a key), weak_key. Who attests the keys is for the reader to check.
result<shared_round> decode_shared_round(bytes_view encoded);

} // namespace godwit::shared_sum
