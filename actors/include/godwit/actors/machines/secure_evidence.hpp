// How is it shown in a secure sum that a key is an edge's, to a server and to the other edges?
// (privacy/SECURE_SUM.md, sections 4 and 5.)
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit::secure_sum {

/// What an edge's certificate says of a key: that it is the edge's, in the sense of this domain.
inline constexpr std::string_view identity_domain = "FLSA1/identity";

/// Makes evidence that the key is one's own (privacy/attestation.hpp). The same key gives the same
/// bytes.
using attest_key = std::function<bytes(const verifying_key&)>;

/// Whether evidence shows, now, that the key is this edge's.
using check_evidence =
    std::function<bool(const client_id&, const verifying_key&, bytes_view evidence)>;

/// Whether the evidence is the one that the advert names, and holds. Without a `check` none does.
bool is_proven(const advert&, bytes_view evidence, const check_evidence& check);

/// evidence_list = u32 count || count times lp(evidence), of all clients of a roster, by index.
bytes encode_evidence(std::span<const std::string> all);

/// For which neighbours of the roster the list's evidence holds: their indices, ascending. Of a
/// malformed list for none.
std::vector<std::uint32_t> proven_in(const roster&, bytes_view evidence_list,
                                     const check_evidence& check);

} // namespace godwit::secure_sum
