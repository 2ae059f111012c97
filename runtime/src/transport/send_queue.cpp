// In which order do frames leave a link, and how much may wait? Control before bulk, one bulk frame
// at a time.
#include "transport/send_queue.hpp"

#include <utility>

namespace godwit::transport {
namespace {

constexpr std::size_t gather_bytes = 16 * 1024; // the plaintext of one TLS record (RFC 8446, 5.1)
constexpr std::size_t keep_bytes = 512;         // what an idle link may keep

std::size_t size_of(const outgoing& frame) noexcept {
  return frame_header_bytes + frame.head.size() + frame.body.size();
}

} // namespace

bool send_queue::push(outgoing frame) {
  if (size_of(frame) > bytes_max_ || waiting_bytes_ > bytes_max_ - size_of(frame))
    return false;
  push_anyway(std::move(frame));
  return true;
}

void send_queue::push_anyway(outgoing frame) {
  GODWIT_CHECK(frame.head.size() <= limits::frame_head_bytes_max, "a frame's head is too long");
  GODWIT_CHECK(frame.body.size() <= limits::frame_body_bytes_max, "a frame's body is too long");
  waiting_bytes_ += size_of(frame);
  (frame.body.empty() ? control_ : bulk_).push_back(std::move(frame));
}

bool send_queue::empty() const noexcept {
  return waiting_bytes_ == 0;
}

bytes_view send_queue::next() {
  if (staged_at_ < staged_.size())
    return bytes_view(staged_).subspan(staged_at_);
  if (body_at_ < body_.size())
    return body_.view().subspan(body_at_);
  staged_.clear();
  staged_at_ = 0;
  body_ = {};
  body_at_ = 0;
  while (!control_.empty() &&
         (staged_.empty() || staged_.size() + size_of(control_.front()) <= gather_bytes)) {
    stage(control_.front());
    control_.pop_front();
  }
  if (staged_.empty() && !bulk_.empty()) {
    stage(bulk_.front());
    body_ = std::move(bulk_.front().body);
    bulk_.pop_front();
  }
  if (staged_.empty() && staged_.capacity() > keep_bytes)
    staged_ = {};
  return staged_;
}

void send_queue::stage(const outgoing& frame) {
  const auto header = encode_header({.kind = frame.kind,
                                     .head_bytes = static_cast<std::uint32_t>(frame.head.size()),
                                     .body_bytes = static_cast<std::uint32_t>(frame.body.size()),
                                     .sequence = static_cast<std::uint32_t>(frame_count_)});
  staged_.insert(staged_.end(), header.begin(), header.end());
  staged_.insert(staged_.end(), frame.head.begin(), frame.head.end());
  ++frame_count_;
}

void send_queue::sent(std::size_t count) noexcept {
  auto& at = staged_at_ < staged_.size() ? staged_at_ : body_at_;
  const auto end = staged_at_ < staged_.size() ? staged_.size() : body_.size();
  GODWIT_CHECK(count <= end - at, "more was sent than was there");
  at += count;
  waiting_bytes_ -= count;
}

void send_queue::drop_bulk() noexcept {
  for (const auto& frame : bulk_)
    waiting_bytes_ -= size_of(frame);
  bulk_.clear();
}

} // namespace godwit::transport
