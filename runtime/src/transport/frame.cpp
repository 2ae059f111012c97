// What does a message look like on the wire, and which headers are refused before any memory is
// taken?
#include "transport/frame.hpp"

namespace godwit::transport {
namespace {

template <class Word>
void put(std::byte* to, Word value) noexcept {
  for (std::size_t i = 0; i < sizeof(Word); ++i)
    to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
}

template <class Word>
Word get(const std::byte* from) noexcept {
  Word value = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i)
    value = static_cast<Word>(value | (static_cast<Word>(from[i]) << (8 * i)));
  return value;
}

} // namespace

std::string_view phrase(frame_fault fault) noexcept {
  switch (fault) {
  case frame_fault::wrong_version:
    return "frame of another protocol";
  case frame_fault::unknown_flags:
    return "frame flags unknown";
  case frame_fault::reserved_kind:
    return "frame kind reserved";
  case frame_fault::head_too_long:
    return "frame head too long";
  case frame_fault::body_too_long:
    return "frame body too long";
  case frame_fault::wrong_sequence:
    return "frame out of sequence";
  }
  return "frame fault unknown";
}

std::array<std::byte, frame_header_bytes> encode_header(const frame_header& header) noexcept {
  std::array<std::byte, frame_header_bytes> raw{};
  raw[0] = frame_version;
  put(raw.data() + 2, header.kind);
  put(raw.data() + 4, header.head_bytes);
  put(raw.data() + 8, header.body_bytes);
  put(raw.data() + 12, header.sequence);
  return raw;
}

value_or<frame_header, frame_fault>
decode_header(std::span<const std::byte, frame_header_bytes> raw, std::uint32_t sequence) noexcept {
  if (raw[0] != frame_version)
    return frame_fault::wrong_version;
  if (raw[1] != std::byte{0})
    return frame_fault::unknown_flags;
  frame_header header{.kind = get<std::uint16_t>(raw.data() + 2),
                      .head_bytes = get<std::uint32_t>(raw.data() + 4),
                      .body_bytes = get<std::uint32_t>(raw.data() + 8),
                      .sequence = get<std::uint32_t>(raw.data() + 12)};
  if (header.kind < kind_application_min && header.kind != kind_ping && header.kind != kind_pong &&
      header.kind != kind_goodbye)
    return frame_fault::reserved_kind;
  const bool ours = header.kind < kind_application_min;
  if (header.head_bytes > (ours ? limits::text_length_max : limits::frame_head_bytes_max))
    return frame_fault::head_too_long;
  if (header.body_bytes > (ours ? 0 : limits::frame_body_bytes_max))
    return frame_fault::body_too_long;
  if (header.sequence != sequence)
    return frame_fault::wrong_sequence;
  return header;
}

} // namespace godwit::transport
