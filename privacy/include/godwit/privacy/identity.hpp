// Who is at the other end of a link, as its certificate states it?
#pragma once

#include <string>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// What a certificate says about its holder.
struct peer_identity {
  godwit::role role = godwit::role::edge;
  std::string name;            ///< satisfies is_valid_name
  sha256_digest fingerprint{}; ///< SHA-256 of the whole certificate in DER form
  friend bool operator==(const peer_identity&, const peer_identity&) = default;
};

/// The URI that a certificate carries as a subject alternative name: "godwit:<role>:<name>".
std::string identity_uri(role, std::string_view name);

/// Reads the identity from a certificate in DER form. It does NOT check who signed it, for which
/// purpose, or when it is valid, nor whether key and signature are well-formed: that is the TLS
/// handshake's work, which comes first. Fails with bad_key where the bytes are not one DER
/// certificate of version 3, where it is an authority's, or where it does not carry exactly one
/// well-formed godwit URI. Other URIs are passed over.
attempt<peer_identity> identity_of(bytes_view certificate_der);

/// The same for the first certificate of a PEM file's content.
attempt<peer_identity> identity_of_pem(std::string_view certificate_pem);

} // namespace godwit
