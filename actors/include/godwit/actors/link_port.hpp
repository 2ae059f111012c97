// How the shells at the two ends of a link hand frames to the transport: a port, so that tests need
// no socket.
#pragma once

#include <cstdint>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/link.hpp>

namespace godwit {

/// Sends are asynchronous and may be called from any thread; a link that is gone swallows them.
class link_port {
public:
  virtual ~link_port() = default;
  virtual void send(std::uint64_t link, encoded message, shared_bytes body) = 0;
  /// Sends what is queued, then closes.
  virtual void close(std::uint64_t link, std::string reason) = 0;
};

} // namespace godwit
