// How do the actors' link_port and the transport's listener and dialler meet?
#pragma once

#include <atomic>
#include <memory>

#include <godwit/actors/link_port.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/privacy/identity.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"
#include "transport/peer.hpp"

namespace godwit {

/// A link_port over anything with send(link_id, outgoing) and a way to close, which is there before the actors are and
/// gets its transport later.
template <class Transport>
class link_adapter final : public link_port {
public:
  void attach(Transport* transport) { transport_ = transport; }
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    if (auto* x = transport_.load())
      x->send(link, transport::outgoing{message.kind, std::move(message.head), std::move(body)});
  }
  void close(std::uint64_t link, std::string reason) override {
    auto* x = transport_.load();
    if (!x)
      return;
    if constexpr (requires { x->close(link, reason); })
      x->close(link, std::move(reason));
    else
      x->close_current(std::move(reason));
  }

private:
  std::atomic<Transport*> transport_{nullptr};
};

inline link_opened opened(transport::link_id link, const transport::peer& peer) {
  return {link, peer.role, peer.name, peer.fingerprint, peer.address};
}

inline link_frame framed(transport::link_id link, transport::incoming&& frame) {
  return {link, frame.kind, std::move(frame.head), std::move(frame.body)};
}

/// Reads a peer's role and name from its certificate.
inline attempt<transport::peer> identify(bytes_view certificate_der) {
  auto identity = identity_of(certificate_der);
  if (!identity)
    return identity.why();
  return transport::peer{.role = identity->role,
                         .name = std::move(identity->name),
                         .fingerprint = identity->fingerprint,
                         .address = {}};
}

} // namespace godwit
