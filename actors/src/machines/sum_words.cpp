#include <godwit/actors/machines/sum_words.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

namespace godwit::sum_words {

void speaker::say(sum_word word) {
  GODWIT_CHECK(!word.content.empty(), "a word about a sum that says nothing");
  words_.push_back(std::move(word));
}

std::optional<spoken> speaker::next() {
  if (words_.empty())
    return {};
  const auto& word = words_.front();
  const std::uint64_t size = word.content.size();
  const auto count = std::min<std::uint64_t>(limits::chunk_bytes, size - offset_);
  spoken made{.piece = {.round = word.round,
                        .attempt = word.attempt,
                        .step = static_cast<std::uint8_t>(word.step),
                        .server = static_cast<std::uint8_t>(word.server),
                        .byte_count = size,
                        .offset = offset_},
              .body = word.content.part(offset_, count)};
  offset_ += count;
  if (offset_ == size) {
    words_.pop_front();
    offset_ = 0;
  }
  return made;
}

result<std::optional<sum_word>> listener::take(const sum_piece& in, bytes_view body,
                                               std::uint64_t word_bytes_max) {
  const auto first = std::exchange(coming_, {});
  const bool is_next = first ? in.offset == content_.size() && in.round == first->round &&
                                   in.attempt == first->attempt && in.step == first->step &&
                                   in.server == first->server && in.byte_count == first->byte_count
                             : in.offset == 0;
  if (!is_next)
    return refusal::wrong_phase;
  if (!first)
    content_.clear();
  if (in.byte_count > word_bytes_max || body.size() > in.byte_count - in.offset)
    return refusal::too_large;
  if (body.empty())
    return refusal::malformed;
  content_.insert(content_.end(), body.begin(), body.end());
  if (content_.size() < in.byte_count) {
    coming_ = in;
    return std::optional<sum_word>{};
  }
  return std::optional(sum_word{.round = in.round,
                                .attempt = in.attempt,
                                .step = static_cast<sum_step>(in.step),
                                .server = in.server,
                                .content = shared_bytes(std::exchange(content_, {}))});
}

} // namespace godwit::sum_words
