#include <godwit/actors/machines/transfer.hpp>

#include <cstring>

#include <godwit/messages/check.hpp>

namespace godwit::transfer {
namespace {

// A megabyte on its way keeps a link busy across a round trip of 80 ms at 100 Mbit/s.
constexpr std::uint64_t credit_bytes = 8 * limits::chunk_bytes;

} // namespace

reception::reception(const model_id& what, block_pool& from)
    : what_(what), content_(from.take(what.byte_count)) {}

result<done> reception::take(std::uint64_t offset, bytes_view chunk) {
  if (offset != received_ || chunk.empty())
    return refusal::wrong_phase;
  if (chunk.size() > content_.size() - received_)
    return refusal::too_large;
  std::memcpy(content_.space().data() + received_, chunk.data(), chunk.size());
  digest_.add(chunk);
  received_ += chunk.size();
  if (is_complete() && digest_.finish() != what_.sha256)
    return refusal::wrong_checksum;
  return done{};
}

std::optional<model_request> reception::next_request() {
  credited_ = std::max(credited_, received_); // a peer may send more than it was asked for
  if (credited_ >= content_.size() || credited_ - received_ > credit_bytes / 2)
    return {};
  const auto goal = std::min<std::uint64_t>(received_ + credit_bytes, content_.size());
  const auto count = (goal - credited_ + limits::chunk_bytes - 1) / limits::chunk_bytes;
  model_request ask{
      .model = what_, .offset = credited_, .chunk_count = static_cast<std::uint32_t>(count)};
  credited_ = std::min<std::uint64_t>(credited_ + count * limits::chunk_bytes, content_.size());
  return ask;
}

shared_bytes reception::finish() {
  GODWIT_CHECK(is_complete(), "an incomplete transfer was finished");
  return std::move(content_).share();
}

std::optional<emission::chunk> emission::next() {
  if (is_at_end())
    return {};
  const auto count = std::min<std::uint64_t>(limits::chunk_bytes, end_ - next_);
  chunk made{next_, content_.part(next_, count)};
  next_ += count;
  return made;
}

} // namespace godwit::transfer
