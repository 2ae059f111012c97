// What went wrong with TLS, in words? Private to the transport: this header knows OpenSSL through
// tls_stream.hpp.
#pragma once

#include <string>
#include <string_view>

#include "transport/tls_stream.hpp"

namespace godwit::transport {

/// Why a server's handshake with a client failed: one of rejection.hpp's phrases.
std::string_view rejection_reason(const tls_trouble&) noexcept;

/// Why a client's handshake with a server failed, for people, with the next step.
std::string dial_reason(const tls_trouble&);

/// Why a link that was up failed. A client learns only here that the server does not accept its
/// certificate: in TLS 1.3 its own handshake is over before the server has read the certificate
/// (RFC 8446, 2).
std::string link_reason(const tls_trouble&, side our_side);

} // namespace godwit::transport
