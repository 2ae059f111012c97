// How do a server's calls for a secure sum go over a link in pieces?
#pragma once

#include <utility>

#include <godwit/actors/machines/pieces.hpp>
#include <godwit/messages/secure_round.hpp>

namespace godwit {

inline secure_piece piece_of(const secure_call& call) {
  return {.round = call.round, .step = call.step};
}

inline secure_call word_of(const secure_piece& piece, shared_bytes content) {
  return {.round = piece.round, .step = piece.step, .content = std::move(content)};
}

namespace secure_calls {

using speaker = pieces::speaker<secure_call, secure_piece>;
using listener = pieces::listener<secure_call, secure_piece>;

} // namespace secure_calls

} // namespace godwit
