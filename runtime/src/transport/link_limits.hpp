// How long may a link be quiet, and how much may wait to be sent on it?
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace godwit::transport {

/// Names one link of one listener or dialler. Never reused; 0 names none.
using link_id = std::uint64_t;

/// The bounds of one link, the same at both ends.
struct link_limits {
  std::chrono::milliseconds handshake_timeout{
      10'000}; ///< from the TCP connection to the first frame
  std::chrono::milliseconds heartbeat_every{
      5'000}; ///< a ping is sent when nothing else was for so long
  std::chrono::milliseconds silent_after{
      15'000}; ///< a link on which nothing came for so long is closed
  std::size_t queue_bytes_max = 8 * 1024 * 1024; ///< waiting to be sent; more closes the link
};

/// Bodies of frames that a listener has read and its user is not done with; at it, no link reads
/// on, so that many fast peers wait in their sockets and not in our memory.
inline constexpr std::size_t unread_bodies_bytes_max = 4 * 1024 * 1024;

/// Memory of frames' bodies that one listener or dialler keeps for the next ones.
inline constexpr std::size_t idle_bodies_bytes_max = 4 * 1024 * 1024;

/// What a listener or dialler has seen since it began, but for the two that say "now".
struct transport_counters {
  std::uint64_t links_now = 0;      ///< open
  std::uint64_t handshakes_now = 0; ///< connections that have not shown yet who they are
  std::uint64_t links = 0;          ///< that were ever opened
  std::uint64_t rejected = 0;       ///< connections that never became a link
  std::uint64_t faults = 0;         ///< links closed because of a frame that breaks the rules
  std::uint64_t silent = 0;         ///< links closed because nothing came
  std::uint64_t overflows = 0;      ///< links closed because the peer did not read
  std::uint64_t resumed = 0; ///< links opened with a session ticket instead of a full handshake
  std::uint64_t frames_in = 0, frames_out = 0; ///< heartbeats included
  std::uint64_t bytes_in = 0, bytes_out = 0;   ///< of frames, before encryption
};

} // namespace godwit::transport
