// What do listener and dialler agree on about time, addresses and frames? Private to the transport:
// this header knows Asio.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include <asio/ip/tcp.hpp>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"

namespace godwit::transport {

/// How often the links are looked after, so that each limit is kept to a quarter of itself.
inline std::chrono::milliseconds tick_of(const link_limits& limits) {
  const auto shortest =
      std::min({limits.heartbeat_every, limits.silent_after, limits.handshake_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds{5}, std::chrono::milliseconds{500});
}

/// "10.0.0.5:51234", "[::1]:51234"; an IPv4 address stays one when it comes through an IPv6 socket.
inline std::string address_of(const asio::ip::tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  const auto text = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return text + ":" + std::to_string(endpoint.port());
}

/// A frame that breaks the bounds is a bug of the caller's: it is stopped where he can be seen.
inline void check_sendable(const outgoing& frame) {
  GODWIT_CHECK(frame.kind >= kind_application_min, "this kind of frame belongs to the transport");
  GODWIT_CHECK(frame.head.size() <= limits::frame_head_bytes_max, "a frame's head is too long");
  GODWIT_CHECK(frame.body.size() <= limits::frame_body_bytes_max, "a frame's body is too long");
}

} // namespace godwit::transport
