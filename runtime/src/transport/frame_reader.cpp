// How does a stream of bytes become frames? Says where the next bytes belong, so that a body is
// read into its own buffer.
#include "transport/frame_reader.hpp"

#include <utility>

namespace godwit::transport {

std::span<std::byte> frame_reader::space() noexcept {
  switch (part_) {
  case part::header:
    return std::span(header_).subspan(filled_);
  case part::head:
    return std::span(frame_.head).subspan(filled_);
  case part::body:
    return body_.space().subspan(filled_);
  case part::whole:
    break;
  }
  return {};
}

std::optional<frame_fault> frame_reader::filled(std::size_t count) {
  GODWIT_CHECK(count <= space().size(), "more was read than there was room for");
  filled_ += count;
  if (part_ == part::header && filled_ == frame_header_bytes) {
    if (auto fault = begin())
      return fault;
  }
  skip_what_is_full();
  return std::nullopt;
}

std::optional<frame_fault> frame_reader::begin() {
  auto header = decode_header(header_, sequence_);
  if (!header)
    return header.why();
  ++sequence_;
  frame_.kind = header->kind;
  frame_.head.resize(header->head_bytes);
  body_ = header->body_bytes > 0 ? bodies_.take(header->body_bytes) : block();
  part_ = part::head;
  filled_ = 0;
  return std::nullopt;
}

void frame_reader::skip_what_is_full() noexcept {
  if (part_ == part::head && filled_ == frame_.head.size()) {
    part_ = part::body;
    filled_ = 0;
  }
  if (part_ == part::body && filled_ == body_.size()) {
    part_ = part::whole;
    filled_ = 0;
  }
}

incoming frame_reader::take() {
  GODWIT_CHECK(complete(), "a frame was taken before it was whole");
  part_ = part::header;
  frame_.body = std::move(body_).share();
  return std::exchange(frame_, {});
}

} // namespace godwit::transport
