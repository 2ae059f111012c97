// In which order do frames leave a link, and how much may wait? Control before bulk, one bulk frame
// at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "transport/frame.hpp"

namespace godwit::transport {

/// What waits to be sent on one link, without a socket. Small control frames are gathered into one
/// write of up to a TLS record; a bulk frame's body is handed on as it lies in memory.
class send_queue {
public:
  explicit send_queue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Adds a frame. False, and nothing is added, where more than `bytes_max` would wait.
  bool push(outgoing);
  /// Adds a frame of the transport's own, whatever waits.
  void push_anyway(outgoing);

  /// The next bytes to send; empty when there are none. They stay where they are until sent() is
  /// called.
  bytes_view next();
  /// The first `count` bytes of next() have left.
  void sent(std::size_t count) noexcept;

  /// No bulk frame waits (one may be on its way).
  bool bulk_is_empty() const noexcept { return bulk_.empty(); }
  bool empty() const noexcept;
  /// Bytes that wait, headers included.
  std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }
  std::uint64_t frame_count() const noexcept { return frame_count_; } ///< that were begun
  /// Forgets the bulk frames that were not begun.
  void drop_bulk() noexcept;

private:
  void stage(const outgoing&);

  std::deque<outgoing> control_;
  std::deque<outgoing> bulk_;
  bytes staged_;              ///< headers and heads on their way
  std::size_t staged_at_ = 0; ///< of which so many have left
  shared_bytes body_;         ///< the bulk frame's body on its way, after what is staged
  std::size_t body_at_ = 0;
  std::size_t bytes_max_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t frame_count_ = 0;
};

} // namespace godwit::transport
