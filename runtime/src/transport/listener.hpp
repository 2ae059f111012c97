// How does a server take in links? Accepts TLS 1.3 connections, verifies who they are, and carries
// frames both ways.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/limits.hpp>
#include <godwit/messages/result.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"
#include "transport/peer.hpp"

namespace godwit::transport {

struct listen_options {
  std::string host =
      "127.0.0.1";        ///< a name or an address of this machine; "0.0.0.0" or "::" for all
  std::uint16_t port = 0; ///< 0: any free one, see listener::port()
  std::filesystem::path certificate{}; ///< PEM; the node's own certificate first, then what lies
                                       ///< between it and the authority
  std::filesystem::path key{};         ///< PEM, without a passphrase
  std::filesystem::path authority{};   ///< PEM; the only authority whose certificates are accepted
  identify_function identify{};
  std::vector<role> accept{role::edge, role::person}; ///< roles that may open a link
  link_limits limits{};
  std::size_t link_count_max = limits::link_count_max;
  std::size_t handshake_count_max =
      limits::handshake_count_max; ///< at it, newcomers wait in the kernel's queue, and the
                                   ///< oldest handshake is dropped if it is slow
};

/// All are called on the listener's own thread, one at a time; they must be cheap, must not throw
/// and must not destroy the listener. Any may be left empty. Each link: one `opened`, any number of
/// `received` and `drained`, one `closed`.
struct listener_events {
  std::function<void(link_id, const peer&)> opened{};
  std::function<void(link_id, incoming&&)> received{};
  /// No bulk frame waits any more (the last may still be on its way out): time to send the next
  /// ones.
  std::function<void(link_id)> drained{};
  std::function<void(link_id, std::string_view reason)> closed{};
  /// A connection that never became a link. `reason` is one of a few short, stable phrases (see
  /// rejection.hpp).
  std::function<void(std::string_view address, std::string_view reason)> rejected{};
};

/// A listening server. All members may be called from any thread, from its events too (the
/// destructor excepted).
class listener {
public:
  /// Listens at once. Fails with bad_key (which file, and what is wrong with it), or with io or
  /// not_found where the address cannot be had.
  static attempt<std::unique_ptr<listener>> open(listen_options, listener_events);
  /// Says goodbye to all, closes, and waits for the thread to end. No event is called after it has
  /// returned.
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Queues a frame. Dropped without a word where the link is gone (`closed` was called, or is
  /// about to be).
  void send(link_id, outgoing);
  /// Sends the control frames that wait, then a goodbye with the reason, and closes; `closed` is
  /// called with `reason`.
  void close(link_id, std::string reason);

  std::uint16_t port() const noexcept;
  transport_counters counters() const noexcept;

private:
  class engine;
  explicit listener(std::unique_ptr<engine>);
  std::unique_ptr<engine> engine_;
};

} // namespace godwit::transport
