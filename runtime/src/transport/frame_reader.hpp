// How does a stream of bytes become frames? Says where the next bytes belong, so that a body is
// read into its own buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <godwit/messages/block_pool.hpp>

#include "transport/frame.hpp"

namespace godwit::transport {

/// Puts one direction of a link together, without a socket. Memory is taken for one frame at a
/// time, and only after its header has passed decode_header.
class frame_reader {
public:
  /// Bodies are read into blocks of `bodies`, which outlives the reader.
  explicit frame_reader(block_pool& bodies) : bodies_(bodies) {}

  /// Where the next bytes belong; never empty unless `complete()`.
  std::span<std::byte> space() noexcept;
  /// The first `count` bytes of space() have been filled. A fault is final: do not go on.
  std::optional<frame_fault> filled(std::size_t count);
  /// A whole frame is there; take() it before more is read.
  bool complete() const noexcept { return part_ == part::whole; }
  incoming take();

private:
  enum class part : std::uint8_t { header, head, body, whole };
  std::optional<frame_fault> begin();
  void skip_what_is_full() noexcept;

  part part_ = part::header;
  std::size_t filled_ = 0; ///< bytes of the current part
  std::uint32_t sequence_ = 0;
  std::array<std::byte, frame_header_bytes> header_{};
  block_pool& bodies_;
  incoming frame_;
  block body_; ///< frame_'s, while it is read
};

} // namespace godwit::transport
