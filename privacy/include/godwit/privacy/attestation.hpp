// How does the holder of a certificate say something to those who have no link to it?
// (privacy/SECURE_SUM.md, section 4, has the bytes.)
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/time.hpp>
#include <godwit/privacy/identity.hpp>

namespace godwit {

/// Completes the sentence "not proven because …".
enum class attestation_refusal {
  malformed,         ///< the evidence, or its certificate, is not well-formed
  too_large,         ///< longer than limits::evidence_bytes_max
  foreign_authority, ///< the certificate is not signed by a trusted authority itself
  not_valid_now,     ///< the certificate's or its authority's time is over, or yet to come
  unusable_key,      ///< neither ECDSA P-256 nor Ed25519, or not for signatures
  wrong_role,        ///< its holder has another role
  wrong_name,        ///< its holder has another name
  wrong_signature,   ///< its holder did not say this
};

std::string_view name(attestation_refusal) noexcept;

/// A node that can say something by its certificate: with the key it uses for TLS. Const members
/// may be called from many threads at once.
class attestor {
public:
  /// The first certificate of a PEM, and its private key as an unencrypted PKCS #8 PEM: ECDSA over
  /// P-256, or Ed25519. Fails with bad_key where they are none, do not belong together, or are too
  /// long to leave room for a signature in `limits::evidence_bytes_max`.
  static attempt<attestor> from_pem(std::string_view certificate_pem, const secret& key_pem);

  attestor(attestor&&) noexcept;
  attestor& operator=(attestor&&) noexcept;
  ~attestor();

  const peer_identity& identity() const noexcept;

  /// Evidence that the certificate's holder says `content`, in the sense of `domain` (ASCII without
  /// a zero): at most limits::evidence_bytes_max. Of an ECDSA key it is another one each time.
  bytes attest(std::string_view domain, bytes_view content) const;

private:
  struct state;
  explicit attestor(std::unique_ptr<state>);
  std::unique_ptr<state> state_;
};

/// What evidence has to show.
struct attested_claim {
  role who = role::edge;
  std::string_view name;
  std::string_view domain;
  bytes_view content;
};

/// The authorities whose word counts for who somebody is.
class trusted_authorities {
public:
  /// Every certificate of a PEM, 1 to 16 of them, each an authority's with a key for ECDSA over
  /// P-256 or Ed25519. Fails with bad_key where there is another one.
  static attempt<trusted_authorities> from_pem(std::string_view authorities_pem);

  /// Whether `evidence` shows the claim at this time: a certificate signed by one of these
  /// authorities itself, both valid, of this role and name (identity.hpp), not an authority's,
  /// without critical extensions that we do not know; and its key's signature.
  value_or<peer_identity, attestation_refusal> check(const attested_claim&, bytes_view evidence,
                                                     unix_seconds now) const;

private:
  explicit trusted_authorities(std::vector<bytes> certificates);
  std::vector<bytes> certificates_; ///< DER
};

} // namespace godwit
