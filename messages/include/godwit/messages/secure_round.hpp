// What is said besides in a round whose sum the server cannot look into: steps of
// privacy/SECURE_SUM.md, each a string of bytes that the two secure_sum machines write and read.
#pragma once

#include <cstdint>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/round.hpp>

namespace godwit {

/// What the bytes of a word or a call are. The numbers are the wire's.
enum class secure_step : std::uint8_t {
  advert = 1,           ///< edge -> server: public keys
  roster = 2,           ///< server -> edge: who takes part, and the neighbours' keys
  sealed_shares = 3,    ///< edge -> server: shares of its secrets, sealed for its neighbours
  delivered_shares = 4, ///< server -> edge: those that its neighbours sealed for it
  survivors = 5,        ///< server -> edge: whose vectors have arrived
  consistent = 6,       ///< edge -> server: its signature of that
  unmask_request = 7,   ///< server -> edge: which shares are needed to open the sum
  unmask_shares = 8,    ///< edge -> server: those shares
  evidence = 9,         ///< server -> edge, before a roster: that the keys in it are the edges'
  body_proof = 10,      ///< edge -> server, before an offer: its signature of the masked vector
};

/// The step's name, as it stands above.
std::string_view name(secure_step) noexcept;

/// server -> edge: take part in this round; the update goes masked, by these terms
/// (privacy/SECURE_SUM.md, section 2).
struct secure_invitation {
  invitation task;
  std::string terms;
  static auto fields(auto& self, auto&& visit) { return visit(self.task, self.terms); }
};

/// edge -> server, a letter: advert, sealed_shares, body_proof, consistent or unmask_shares.
struct secure_word {
  round_id round;
  std::uint8_t step = 0;
  std::string content;
  std::string evidence; ///< beside an advert: that its key is this edge's; may be empty
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.step, self.content, self.evidence, self.letter);
  }
};

/// server -> edge: evidence, roster, delivered_shares, survivors or unmask_request. Said again on
/// each connection, as long as an answer is awaited. Within a node it is in one piece.
struct secure_call {
  round_id round;
  std::uint8_t step = 0;
  shared_bytes content;
};

/// server -> edge: a piece of one call, which is the frame's body. Calls go one after the other,
/// each in as many pieces as it takes.
struct secure_piece {
  round_id round;
  std::uint8_t step = 0;
  std::uint64_t byte_count = 0; ///< of the whole call
  std::uint64_t offset = 0;     ///< of this piece in it
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.step, self.byte_count, self.offset);
  }
  friend bool operator==(const secure_piece&, const secure_piece&) = default;
};

} // namespace godwit
