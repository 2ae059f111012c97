// How do the actors' link_port and the transport's listener and dialler meet?
#pragma once

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <string_view>

#include <godwit/actors/link_port.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/privacy/identity.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"
#include "transport/peer.hpp"

namespace godwit {

/// A link_port over anything with send(link_id, outgoing) and a way to close, which is there before
/// the actors are and gets its transport later. A word that comes before its transport waits for
/// it: the first connection may be faster than we are.
template <class Transport>
class link_adapter : public link_port {
public:
  /// Words go to `transport` from now on; null: nowhere, and no call into the one before it goes on
  /// any more.
  void attach(Transport* transport) {
    {
      std::scoped_lock lock(mutex_);
      transport_ = transport;
      is_attached_ = true;
    }
    attached_.notify_all();
  }
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    with_transport([&](Transport& x) {
      x.send(link, transport::outgoing{message.kind, std::move(message.head), std::move(body)});
    });
  }
  void close(std::uint64_t link, std::string reason) override {
    with_transport([&](Transport& x) {
      if constexpr (requires { x.close(link, reason); })
        x.close(link, std::move(reason));
      else
        x.close_current(std::move(reason));
    });
  }

protected:
  void with_transport(auto&& use) {
    std::unique_lock lock(mutex_);
    attached_.wait(lock, [this] { return is_attached_; });
    if (transport_)
      use(*transport_);
  }

private:
  std::mutex mutex_;
  std::condition_variable attached_;
  Transport* transport_ = nullptr;
  bool is_attached_ = false;
};

inline link_opened opened(transport::link_id link, const transport::peer& peer) {
  return {link, peer.role, peer.name, peer.fingerprint, peer.address};
}

inline link_frame framed(transport::link_id link, transport::incoming&& frame) {
  return {link, frame.kind, std::move(frame.head), std::move(frame.body)};
}

/// Whether `reason` says that the transport closed a link because of a frame that breaks the rules.
inline bool is_fault(std::string_view reason) {
  using enum transport::frame_fault;
  constexpr transport::frame_fault all[] = {wrong_version, unknown_flags, reserved_kind,
                                            head_too_long, body_too_long, wrong_sequence};
  return std::any_of(std::begin(all), std::end(all),
                     [reason](auto fault) { return reason == transport::phrase(fault); });
}

inline link_closed closed(transport::link_id link, std::string_view reason) {
  return {link, std::string(reason), is_fault(reason)};
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
