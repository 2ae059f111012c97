// How do words, some of them as long as a model, go over a link in pieces? Pure. A Piece says with
// byte_count and offset which part of the word the frame's body is; what more it says, `piece_of`
// takes from a word and `word_of` gives back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/messages/result.hpp>

namespace godwit::pieces {

/// A piece and the frame's body.
template <class Piece>
struct spoken {
  Piece piece;
  shared_bytes body;
};

/// One end's words, in the order in which they were said.
template <class Word, class Piece>
class speaker {
public:
  /// A word has content: frames without a body would overtake the others.
  void say(Word word) {
    GODWIT_CHECK(!word.content.empty(), "a word that goes in pieces says nothing");
    words_.push_back(std::move(word));
  }

  /// The next piece, of at most limits::chunk_bytes; nothing where all is said.
  std::optional<spoken<Piece>> next() {
    if (words_.empty())
      return {};
    const auto& word = words_.front();
    Piece piece = piece_of(word);
    piece.byte_count = word.content.size();
    piece.offset = offset_;
    const auto count = std::min<std::uint64_t>(limits::chunk_bytes, piece.byte_count - offset_);
    spoken<Piece> made{piece, word.content.part(offset_, count)};
    offset_ += count;
    if (offset_ == piece.byte_count) {
      words_.pop_front();
      offset_ = 0;
    }
    return made;
  }

private:
  std::deque<Word> words_;
  std::uint64_t offset_ = 0; ///< of the first of them
};

/// The other end. One word is on its way at a time.
template <class Word, class Piece>
class listener {
public:
  /// Takes the next piece; with the last one, the word. Memory is taken as the pieces come, and for
  /// no more than `word_bytes_max`. Refuses a longer word (too_large), a piece that is not the next
  /// one (wrong_phase), and an empty one (malformed); then the word is dropped.
  result<std::optional<Word>> take(const Piece& in, bytes_view body, std::uint64_t word_bytes_max) {
    auto due = std::exchange(coming_, {});
    if (due)
      due->offset = content_.size();
    if (due ? !(in == *due) : in.offset != 0)
      return refusal::wrong_phase;
    if (!due)
      content_.clear();
    if (in.byte_count > word_bytes_max || body.size() > in.byte_count - in.offset)
      return refusal::too_large;
    if (body.empty())
      return refusal::malformed;
    content_.insert(content_.end(), body.begin(), body.end());
    if (content_.size() < in.byte_count) {
      coming_ = in;
      return std::optional<Word>{};
    }
    return std::optional(word_of(in, shared_bytes(std::exchange(content_, {}))));
  }

private:
  std::optional<Piece> coming_; ///< the word's newest piece
  bytes content_;
};

} // namespace godwit::pieces
