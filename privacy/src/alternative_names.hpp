// Which names does a certificate's subject have besides its distinguished name (RFC 5280
// section 4.2.1.6)?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

/// The kinds of name that our certificates carry. Botan's own AlternativeName does not write IPv6
/// addresses, so it is done here.
struct alternative_names {
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::vector<std::vector<std::uint8_t>> addresses; ///< 4 or 16 bytes each, network byte order
};

/// Adds `host` as what it is, an IPv4 or IPv6 address or a DNS name (lower-cased). False where it
/// is neither.
bool add_host(alternative_names& names, std::string_view host);

/// The DER of the extension's value, a SEQUENCE of GeneralName.
std::vector<std::uint8_t> encode(const alternative_names& names);

} // namespace godwit
