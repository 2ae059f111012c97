// Which names does a certificate's subject have besides its distinguished name (RFC 5280
// section 4.2.1.6)?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

/// The kinds of name that our certificates carry. Botan's own AlternativeName neither writes nor
/// reads IPv6 addresses, and folds equal names into one, so both directions are done here.
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

/// Every URI in the extension's value, in order; other kinds of name are passed over. nullopt where
/// it is no SEQUENCE of GeneralName.
std::optional<std::vector<std::string>> uris_of(const std::vector<std::uint8_t>& encoded);

} // namespace godwit
