// How does a long vector travel under a key of its own, so that the sum of all keys, which a secure
// sum opens, opens the sum of all vectors? (privacy/SECURE_SUM.md, section 12.)
//
// The code behind this header is cryptography that nobody outside this project has reviewed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/encrypted_sum.hpp>
#include <godwit/privacy/secure_terms.hpp>

namespace godwit::secure_sum {

/// What one client has made of its entries.
struct carried_vector {
  secret key;       ///< its terms plus 1: N bytes of 0, 1 or 2, to be masked and summed
  bytes ciphertext; ///< carried_bytes
};

/// `entries`: value_count of them, below 2^value_bits each. A client's draws encrypt one vector: of
/// two ciphertexts with the same key the difference is one of entries, so one of them leaves the
/// client at most. `root` is that of the one roster that the client has taken.
carried_vector carry(const carried_terms& terms, const client_draws& drawn,
                     const sha256_digest& root, round_id round,
                     std::span<const std::uint32_t> entries);

/// Whether this can be a client's ciphertext. Refuses what carried_sum::add refuses of one alone.
result<done> check_carried(const carried_terms& terms, bytes_view ciphertext);

/// The sum of carried vectors. Its memory does not depend on how many they are.
class carried_sum {
public:
  /// `terms` are part of ones that `check` accepts.
  explicit carried_sum(const carried_terms& terms);

  /// Adds a client's. Refuses, with nothing changed: wrong_shape (its length), malformed (a
  /// coefficient that is not below its modulus), full (more clients than the terms' set bears).
  result<done> add(bytes_view ciphertext);
  /// Back to the empty sum.
  void clear();

  /// The sums of the entries, opened with the sum of the clients' keys, as they are in
  /// carried_vector. Nothing where there is no sum to be had with this key and these terms: a
  /// client encrypted under another key or roster, or more than its bits.
  std::optional<std::vector<std::uint32_t>> open(const sha256_digest& root,
                                                 std::span<const std::uint64_t> key_sums) const;

private:
  carried_terms terms_;
  std::unique_ptr<additive_scheme> adder_; ///< under no key: adding needs none
  std::unique_ptr<sum_accumulator> sum_;
};

} // namespace godwit::secure_sum
