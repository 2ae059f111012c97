// How does a deployment get its own certificate authority and a certificate for each node?
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

/// A certificate and its private key, as they are written to files.
struct certificate_files {
  std::string certificate_pem;
  secret key_pem; ///< PKCS #8, not encrypted: the file's permissions are its protection
};

/// Validity begins this long before `now`, for nodes whose clocks are behind.
inline constexpr std::chrono::hours certificate_backdating{1};

/// Makes a certificate authority: ECDSA P-256 with SHA-256, X.509 version 3, CA:TRUE with path
/// length 0, for signing certificates only (RFC 5280 sections 4.2.1.3 and 4.2.1.9). Valid from
/// `now` less `certificate_backdating` to `now` + `lifetime`; `lifetime` is at least one hour.
/// Fails with bad_config where a parameter is out of range.
attempt<certificate_files> make_authority(std::string_view name, std::chrono::hours lifetime,
                                          unix_seconds now);

/// Makes a key and lets `authority` sign a certificate for it: ECDSA P-256, CA:FALSE,
/// digitalSignature, serverAuth for a server and clientAuth for an edge and a person, with the
/// identity_uri of `who` and `name`. `hosts`: how edges reach a server, DNS names or IPv4 or IPv6
/// addresses, at least one; empty for other roles. It may not outlive the authority. With a `now`
/// in the past it makes a certificate that has expired. Fails with bad_config where a parameter is
/// out of range, with bad_key where the authority's files cannot be used or do not belong together.
attempt<certificate_files> issue(const certificate_files& authority, role who,
                                 std::string_view name, const std::vector<std::string>& hosts,
                                 std::chrono::hours lifetime, unix_seconds now);

} // namespace godwit
