// Who takes part in a secure sum, and how does a client know that all were told the same?
// (privacy/SECURE_SUM.md, sections 4 and 5.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit::secure_sum {

/// One client's keys for one round, signed.
struct advert {
  client_id client;
  verifying_key identity{};
  sha256_digest evidence{}; ///< SHA-256 of what ties `identity` to the name
  agreement_key channel{};
  agreement_key pairwise{};
  std::array<std::byte, 32> nonce{};
  signature proof{};
  friend bool operator==(const advert&, const advert&) = default;
};

inline constexpr std::size_t advert_bytes_max = 4 + 64 + 5 * 32 + 64;

bytes encode(const advert&);
/// Refuses malformed; the signature is looked at by `is_genuine`.
result<advert> decode_advert(bytes_view encoded);

/// An advert of one's own.
advert make_advert(client_id client, const signing_key& identity, const sha256_digest& evidence,
                   const client_draws& drawn, const sha256_digest& terms_hash);

/// Whether its signature holds for these terms.
bool is_genuine(const advert&, const sha256_digest& terms_hash);

// -- the tree over all adverts (RFC 6962 section 2.1 with prefixes of our own)

/// leaf = H("FLSA1/leaf", advert).
sha256_digest leaf_of(bytes_view encoded_advert);

/// A tree of 1 or more leaves, kept whole: a path costs no hashing.
class roster_tree {
public:
  explicit roster_tree(std::vector<sha256_digest> leaves);
  const sha256_digest& root() const noexcept { return levels_.back().front(); }
  /// The siblings from the leaf up.
  std::vector<sha256_digest> path(std::size_t index) const;

private:
  std::vector<std::vector<sha256_digest>> levels_; ///< the leaves first; one without sibling rises
};

inline constexpr std::size_t path_length_max = 20; ///< of graph_count_max leaves

/// The root that a leaf at `index` of `n` and its path lead to; malformed where the path's length
/// is not what it is there.
result<sha256_digest> root_over(const sha256_digest& leaf, std::size_t index, std::size_t n,
                                std::span<const sha256_digest> path);

// -- what one client is told of it

struct roster_entry {
  std::uint32_t index = 0;
  secure_sum::advert advert;
  std::vector<sha256_digest> path;
};

struct roster {
  sha256_digest root{};
  std::uint32_t size = 0; ///< n
  std::uint32_t own_index = 0;
  std::vector<sha256_digest> own_path;
  std::vector<roster_entry> neighbours; ///< ascending index
};

bytes encode(const roster&);
/// Refuses malformed. That it belongs together is what `check` says.
result<roster> decode_roster(bytes_view encoded);

/// Whether the roster belongs together and to these terms: own advert at own_index, all paths lead
/// to its root, names ascend with the index, names and keys are distinct, signatures hold. Refuses
/// wrong_roster, repeated_key or wrong_signature. Who the neighbours have to be, and the evidence,
/// are the caller's to check.
result<done> check(const roster&, const advert& own, const sha256_digest& terms_hash);

} // namespace godwit::secure_sum
