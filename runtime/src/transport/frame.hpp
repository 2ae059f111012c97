// What does a message look like on the wire, and which headers are refused before any memory is
// taken?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/messages/result.hpp>

namespace godwit::transport {

/// A frame to be sent. Without a body it is a control frame, which overtakes every bulk frame (one
/// with a body) that waits on the same link; so what has to arrive after a bulk frame needs a body,
/// or a count that the receiver checks. Order is kept among control frames and among bulk frames.
struct outgoing {
  std::uint16_t kind = 0; ///< kind_application_min or more
  bytes head{};           ///< the message's fields, at most limits::frame_head_bytes_max
  shared_bytes body{}; ///< a slice of a model or an update, at most limits::frame_body_bytes_max;
                       ///< shared, not copied
};

/// A frame that has arrived.
struct incoming {
  std::uint16_t kind = 0;
  bytes head{};
  shared_bytes body{};
};

/// Kinds below kind_application_min belong to the transport; of these, only the three here may
/// arrive.
inline constexpr std::uint16_t kind_ping =
    1; ///< asks for a pong. A listener's first frame: the peer is accepted
inline constexpr std::uint16_t kind_pong = 2;
inline constexpr std::uint16_t kind_goodbye =
    3; ///< its head is the reason, as text; nothing follows
inline constexpr std::uint16_t kind_application_min = 16;

/// The fixed header, little endian:
///   0 version (0xF1) · 1 flags (0) · 2 kind u16 · 4 head length u32 · 8 body length u32 · 12
///   sequence u32
/// followed by the head and the body. The sequence is 0 for the first frame of each direction and
/// grows by one a frame (mod 2^32).
inline constexpr std::size_t frame_header_bytes = 16;
inline constexpr std::byte frame_version{0xF1};

struct frame_header {
  std::uint16_t kind = 0;
  std::uint32_t head_bytes = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t sequence = 0;
  friend bool operator==(const frame_header&, const frame_header&) = default;
};

/// Why a header is refused; the link it came on is closed.
enum class frame_fault : std::uint8_t {
  wrong_version,  ///< not 0xF1: another protocol, or the stream is out of step
  unknown_flags,  ///< a flag that this version does not know
  reserved_kind,  ///< below kind_application_min, and none of the transport's
  head_too_long,  ///< more than limits::frame_head_bytes_max, or than a transport frame may have
  body_too_long,  ///< more than limits::frame_body_bytes_max, or than a transport frame may have
  wrong_sequence, ///< lost, repeated or reordered
};

/// A short phrase for logs, e.g. "frame body too long".
std::string_view phrase(frame_fault) noexcept;

std::array<std::byte, frame_header_bytes> encode_header(const frame_header&) noexcept;

/// Reads and checks a header; `sequence` is the one that must come next. Takes no memory.
value_or<frame_header, frame_fault>
decode_header(std::span<const std::byte, frame_header_bytes> raw, std::uint32_t sequence) noexcept;

} // namespace godwit::transport
