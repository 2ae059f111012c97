// How do words about a shared sum, some as long as a model, go over a link in pieces? Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/trustee.hpp>

namespace godwit::sum_words {

/// A piece and the frame's body.
struct spoken {
  sum_piece piece;
  shared_bytes body;
};

/// One end's words, in the order in which they were said.
class speaker {
public:
  /// A word has content: frames without a body would overtake the others.
  void say(sum_word word);
  /// The next piece, of at most limits::chunk_bytes; nothing where all is said.
  std::optional<spoken> next();

private:
  std::deque<sum_word> words_;
  std::uint64_t offset_ = 0; ///< of the first of them
};

/// The other end. One word is on its way at a time.
class listener {
public:
  /// Takes the next piece; with the last one, the word. Memory is taken as the pieces come, and for
  /// no more than `word_bytes_max`. Refuses a longer word (too_large), a piece that is not the next
  /// one (wrong_phase), and an empty one (malformed); then the word is dropped.
  result<std::optional<sum_word>> take(const sum_piece&, bytes_view body,
                                       std::uint64_t word_bytes_max);

private:
  std::optional<sum_piece> coming_; ///< the word's first piece
  bytes content_;
};

} // namespace godwit::sum_words
