// What a network address looks like in a configuration: host:port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::config {

/// A host name or IP address, and a port.
struct host_port {
  std::string host; ///< without the brackets of IPv6
  std::uint16_t port = 0;
  friend bool operator==(const host_port&, const host_port&) = default;
};

/// Reads `name:7443`, `192.0.2.1:7443` or `[2001:db8::1]:7443`. Refuses a missing port, a port
/// above 65535, and hosts that are neither a name (RFC 1123, section 2.1) nor an address. Looks
/// nothing up.
std::optional<host_port> parse_address(std::string_view text);

} // namespace godwit::config
