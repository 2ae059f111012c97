// Who is at the other end of a link?
#pragma once

#include <functional>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>

namespace godwit::transport {

/// The other end of a link, as its verified certificate states it.
struct peer {
  godwit::role role = godwit::role::edge;
  std::string name{};          ///< the node's name
  sha256_digest fingerprint{}; ///< SHA-256 of the certificate (DER)
  std::string address{};       ///< "10.0.0.5:51234"; filled in by the transport
};

/// Reads a peer from the DER of a certificate whose chain is already verified. Called on the
/// transport's thread; must not throw. Fails where the certificate names no role of godwit's.
using identify_function = std::function<attempt<peer>(bytes_view certificate_der)>;

} // namespace godwit::transport
