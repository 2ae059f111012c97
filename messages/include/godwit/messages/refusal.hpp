// Every way in which godwit says no to a peer: a number that never changes, a name and a sentence.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit {

/// Completes the sentence "refused because …". Numbers are wire format: append only, never reuse.
enum class refusal : std::uint8_t {
  wrong_phase = 1,         ///< the receiver is not in a phase where this input means anything
  wrong_round = 2,         ///< it names a round that is not the open one
  not_invited = 3,         ///< this client is not in the round's cohort
  duplicate = 4,           ///< the same thing was accepted before; the first one stands
  protocol_mismatch = 5,   ///< the peer speaks another protocol number
  wrong_role = 6,          ///< the certificate's role may not send this message
  identity_mismatch = 7,   ///< the name is bound to another certificate
  token_malformed = 8,     ///< not a token of ours
  token_forged = 9,        ///< the signature does not verify
  token_expired = 10,      ///< past its expiry
  token_not_yet = 11,      ///< before its start of validity
  token_audience = 12,     ///< made for another server
  token_subject = 13,      ///< made for another edge, or bound to another certificate
  wrong_shape = 14,        ///< the parameter count is not the model's
  value_not_finite = 15,   ///< NaN or infinity in an update
  value_out_of_range = 16, ///< a value outside the fixed-point range
  too_large = 17,          ///< longer than its limit
  malformed = 18,          ///< bytes that decode to no message
  unknown_model = 19,      ///< the asked-for model is not held here
  over_weight = 20,        ///< example counts would leave the fixed-point range
  not_enrolled = 21,       ///< a message before the handshake was complete
  wrong_checksum = 22,     ///< content does not match its SHA-256
  full = 23,               ///< as many peers as the limit allows are connected
  not_eligible = 24,       ///< the device may not work now (power, temperature, policy)
  wrong_job = 25,          ///< the edge was enrolled for another job or model
  wrong_terms = 26,        ///< a secure sum's terms are out of bounds, or not this round's
  wrong_signature = 27,    ///< a signature does not hold
  wrong_roster = 28,       ///< a roster, or a message about it, that is not the round's
  repeated_key = 29,       ///< two clients of a roster share a name or a key
  unproven_key = 30,       ///< nothing ties this key to the name it is said to be of
  weak_key = 31,           ///< a key whose agreements would be all zero
  wrong_share = 32,        ///< a sealed share that does not open, or is another's
  too_few = 33,            ///< fewer clients than a secret sum needs
  wrong_survivors = 34,    ///< dropped and alive are not what they can be
};

inline constexpr std::uint8_t refusal_first = 1;
inline constexpr std::uint8_t refusal_last = 34;

/// The refusal's name, as it stands above, e.g. "wrong_round". "unknown_refusal" for a foreign
/// number.
std::string_view name(refusal) noexcept;

/// One sentence for people, that says what was wrong and, where there is one, the next step.
std::string_view sentence(refusal) noexcept;

} // namespace godwit
