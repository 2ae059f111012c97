// What a server and a trustee say to each other: a node under another owner, without whose part
// nothing of a shared sum is opened (privacy/SHARED_SUM.md).
#pragma once

#include <cstdint>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>

namespace godwit {

/// trustee -> server, first on every connection. Answered with welcome.
struct trustee_hello {
  std::uint32_t protocol = protocol_number;
  client_id trustee;           ///< must be the certificate's name
  sha256_digest sealing_key{}; ///< X25519: clients seal for it what only this trustee may read
  std::string evidence;        ///< that the key is this certificate's holder's
  static auto fields(auto& self, auto&& visit) {
    return visit(self.protocol, self.trustee, self.sealing_key, self.evidence);
  }
};

/// What the words are by which a sum is opened. The numbers are the wire's.
enum class sum_step : std::uint8_t {
  terms = 1,     ///< server -> trustee: this round's terms; whatever went before is dropped
  ready = 2,     ///< trustee -> server, which passes it on to the others: a fresh nonce
  part = 3,      ///< server -> trustee: what one client has sealed for it
  collected = 4, ///< server -> trustee: that was all
  said = 5,      ///< either way: what servers of the sum say to each other
  over = 6,      ///< server -> trustee: nothing more is wanted of these terms
  gave_up = 7,   ///< trustee -> server: and why
};

/// The step's name, as it stands above.
std::string_view name(sum_step) noexcept;

/// Either way: a piece of one word, which is the frame's body. Words go one after the other, each
/// in as many pieces as it takes.
struct sum_piece {
  round_id round;
  std::uint64_t attempt = 0; ///< words of another attempt to open this sum mean nothing
  std::uint8_t step = 0;
  std::uint8_t server = 0;      ///< of `ready` and `said`: whose word it is, or for whom
  std::uint64_t byte_count = 0; ///< of the whole word
  std::uint64_t offset = 0;     ///< of this piece in it
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.attempt, self.step, self.server, self.byte_count, self.offset);
  }
  friend bool operator==(const sum_piece&, const sum_piece&) = default;
};

} // namespace godwit
