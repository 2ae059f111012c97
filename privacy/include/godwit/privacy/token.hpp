// What does an edge show with each message to prove that this server enrolled it, and when is it
// refused?
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/time.hpp>
#include <godwit/privacy/identity.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit {

/// What a token states (RFC 7519 section 4.1; RFC 8705 section 3.1 for the bound certificate).
struct token_claims {
  std::string issuer;   ///< iss: the name of the server that issued it, satisfies is_valid_name
  std::string audience; ///< aud: the id of the server it is for, 1 to 64 printable ASCII characters
  peer_identity subject;     ///< sub, role and cnf."x5t#S256": whom it names, and its certificate
  unix_seconds issued_at{};  ///< iat
  unix_seconds valid_from{}; ///< nbf
  unix_seconds expires_at{}; ///< exp: the first second in which it is refused
  std::string id;            ///< jti: 1 to 64 printable ASCII characters, `make_token_id()`
  friend bool operator==(const token_claims&, const token_claims&) = default;
};

/// What must be true of a token that comes over a link.
struct token_expectation {
  std::string audience;    ///< the id of the server that asks
  peer_identity presenter; ///< who is at the link's other end, by its certificate
  unix_seconds now;
};

/// How far a token's beginning may lie ahead of the clock, e.g. after the server's clock was set
/// back. Expiry has no leeway: the server that made the token is the one that reads it, and an edge
/// renews well before.
inline constexpr std::chrono::seconds token_leeway{30};

/// A fresh token id: 128 random bits as base64url.
std::string make_token_id();

/// Issues and verifies tokens: JSON Web Tokens in compact form (RFC 7519, RFC 7515 section 3.1),
/// signed with EdDSA (RFC 8037 section 3.1), and with nothing else. Const members may be called
/// from many threads.
class token_signer {
public:
  /// From a seed of `signing_seed_bytes`; fails with bad_key at any other length.
  static attempt<token_signer> create(const secret& seed);
  explicit token_signer(signing_key key);

  /// The token for `claims`, shorter than limits::token_length_max. The claims are the caller's
  /// own: a name, id or time out of range is a bug and ends the process.
  std::string issue(const token_claims& claims) const;

  /// Reads `token`. Checked in this order, the first that fails is the answer: length and structure
  /// (token_malformed; the header must be, byte for byte, the one we write), signature
  /// (token_forged), the claims' form (token_malformed; claims that we do not know are passed
  /// over), audience (token_audience), times (token_expired, token_not_yet), subject, role and
  /// certificate (token_subject). Nothing in the token is parsed as JSON before its signature
  /// holds.
  result<token_claims> verify(std::string_view token, const token_expectation& expected) const;

private:
  signing_key key_;
};

} // namespace godwit
