// How do words about a shared sum go over a link in pieces?
#pragma once

#include <utility>

#include <godwit/actors/machines/pieces.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/messages/trustee.hpp>

namespace godwit {

inline sum_piece piece_of(const sum_word& word) {
  return {.round = word.round,
          .attempt = word.attempt,
          .step = static_cast<std::uint8_t>(word.step),
          .server = static_cast<std::uint8_t>(word.server)};
}

inline sum_word word_of(const sum_piece& piece, shared_bytes content) {
  return {.round = piece.round,
          .attempt = piece.attempt,
          .step = static_cast<sum_step>(piece.step),
          .server = piece.server,
          .content = std::move(content)};
}

namespace sum_words {

using speaker = pieces::speaker<sum_word, sum_piece>;
using listener = pieces::listener<sum_word, sum_piece>;

} // namespace sum_words

} // namespace godwit
