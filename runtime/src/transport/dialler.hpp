// How does an edge reach its server? Keeps one TLS 1.3 link up, dialling again with growing pauses
// when it is lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <godwit/messages/result.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"
#include "transport/peer.hpp"

namespace godwit::transport {

struct dial_options {
  std::string host = "127.0.0.1"; ///< a name or an address
  std::uint16_t port = 0;
  std::filesystem::path certificate{}; ///< PEM; the node's own certificate first, then what lies
                                       ///< between it and the authority
  std::filesystem::path key{};         ///< PEM, without a passphrase
  std::filesystem::path
      authority;             ///< PEM; the only authority whose server certificates are accepted
  std::string server_name{}; ///< what the server's certificate must be for (DNS name or address);
                             ///< empty: `host`
  identify_function identify{}; ///< must say role::server
  link_limits limits{};
  std::chrono::milliseconds backoff_min{200}; ///< the first pause
  std::chrono::milliseconds backoff_max{
      10'000}; ///< pauses double up to it; each is then shortened by up to a half, by chance
  std::chrono::milliseconds settled_after{
      3'000};             ///< a link that was up for so long makes the next pause the first again
  std::uint64_t seed = 0; ///< of the pauses' jitter; give each node another one
  bool rests_at_first = false; ///< nothing is dialled before `dial`
};

/// A link that ended, or an attempt that led to none.
struct disconnection {
  link_id link = 0;     ///< the one that `connected` named; 0 for an attempt that failed
  std::string reason{}; ///< for people: what happened, and the next step where there is one
  std::chrono::milliseconds next_try{}; ///< from now; the dialler never gives up by itself
};

/// All are called on the dialler's own thread, one at a time; they must be cheap, must not throw
/// and must not destroy the dialler. Any may be left empty.
struct dialler_events {
  /// The server has accepted us. Frames for this link are sent under its id, so none can slip into
  /// a later link.
  std::function<void(link_id, const peer&)> connected{};
  std::function<void(link_id, incoming&&)> received{};
  /// No bulk frame waits any more (the last may still be on its way out): time to send the next
  /// ones.
  std::function<void(link_id)> drained{};
  std::function<void(const disconnection&)> disconnected{};
};

/// A link that is kept up until this object is destroyed. All members may be called from any
/// thread, from its events too (the destructor excepted).
class dialler {
public:
  /// Starts dialling in its own thread. Fails only with bad_key: which file, and what is wrong with
  /// it.
  static attempt<std::unique_ptr<dialler>> start(dial_options, dialler_events);
  /// Says goodbye, closes, and waits for the thread to end. No event is called after it has
  /// returned.
  ~dialler();
  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;

  /// Queues a frame. Dropped without a word unless `link` is the link that is up now.
  void send(link_id link, outgoing);
  /// Ends a pause, or a rest, at once. Nothing if a link is up or being made.
  void reconnect_now();
  /// Says goodbye on a link that is up, and dials no more until `reconnect_now`.
  void rest();
  /// Says goodbye on the link that is up and closes it; the dialler then dials again.
  void close_current(std::string reason);

  transport_counters counters() const noexcept;

private:
  class engine;
  explicit dialler(std::unique_ptr<engine>);
  std::unique_ptr<engine> engine_;
};

} // namespace godwit::transport
