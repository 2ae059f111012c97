// What do the servers of a shared sum say to each other? (privacy/SHARED_SUM.md, sections 5 to 7)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/prime_field.hpp>
#include <godwit/privacy/shared_sum.hpp>

namespace godwit::shared_sum {

/// A client, and which of its uploads is meant.
struct holding {
  client_id client;
  sha256_digest upload{};
  friend auto operator<=>(const holding&, const holding&) = default;
};

/// Whose uploads a server has, in ascending byte order of name.
struct holdings {
  std::vector<holding> held;
};
/// The list that it found, and in `replicated` what binds it to its coin.
struct agreement {
  sha256_digest list{};
  std::optional<sha256_digest> coin_commitment;
};
/// Drawn before anything was listed; shown when all have agreed.
struct coin {
  sha256_digest drawn{};
};
/// Of the share that sender and receiver both hold, for each client of the list.
struct fingerprint_list {
  std::vector<field_element> of_clients;
};
/// Which clients of the list gave two servers different copies: ascending indices.
struct verdict {
  std::vector<std::uint32_t> excluded;
};
/// The list without them.
struct confirmation {
  sha256_digest list{};
};
/// The sum of its share, and in `replicated` the digest of the one behind it.
struct opening {
  bytes lanes;
  std::optional<sha256_digest> next;
};

/// The kind of a message on the wire is its place here, from 1.
using message =
    std::variant<holdings, agreement, coin, fingerprint_list, verdict, confirmation, opening>;

/// As server `from` says it. What the scheme does not say is our own bug.
bytes encode(const terms&, unsigned from, const message&);

/// Reads what came from server `from`. Refuses wrong_terms (another H_o), identity_mismatch
/// (another sender), malformed (anything that `encode` would not have written under these terms).
result<message> decode(const terms&, unsigned from, bytes_view);

/// What the servers agree on: H("FLSS1/list", ...).
sha256_digest list_hash(const terms&, std::span<const holding> list);

/// What binds server `from` to a coin that it has not shown yet.
sha256_digest commitment_to(const terms&, unsigned from, const coin&);

/// The coins of all servers, in their order, made into one that none of them chose.
sha256_digest joint_coins(const sha256_digest& list, std::span<const coin> coins);

} // namespace godwit::shared_sum
