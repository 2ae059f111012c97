// What a server writes into its journal: each input that changed its round, before anybody is told
// that it did.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/secure_round.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

namespace written {

/// The line's client is bound to this certificate.
struct member_bound {
  sha256_digest fingerprint{};
  static auto fields(auto& self, auto&& visit) { return visit(self.fingerprint); }
};
struct round_opened {
  round_id round;
  std::vector<client_id> invited, reserve;
  std::uint8_t evaluates = 0;
  model_id model;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.invited, self.reserve, self.evaluates, self.model);
  }
};
struct update_arrived {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};
struct update_spoiled {
  round_id round;
  refusal why = refusal::wrong_checksum;
  static auto fields(auto& self, auto&& visit) { return visit(self.round, self.why); }
};
/// The aggregator's verdict. The body of a counted one's record is the update.
struct update_summed {
  round_id round;
  std::uint64_t weight = 0;
  std::uint8_t why_not = 0; ///< a refusal's number; 0: counted
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.weight, self.why_not);
  }
};
struct model_released {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};
struct edge_lost {
  std::uint8_t reserved = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.reserved); }
};
struct edge_back {
  std::uint8_t is_fresh = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.is_fresh); }
};
struct deadline_passed {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};
struct upload_due {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};
/// A process began here.
struct restarted {
  std::uint8_t reserved = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.reserved); }
};
/// A letter of the line's client changed nothing but that it was heard.
struct letter_refused {
  stamp letter{};
  refusal why = refusal::wrong_phase;
  std::uint64_t round = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.letter, self.why, self.round); }
};
/// The first line of a journal that lies behind the checkpoint of this round. A journal without one
/// lies behind none.
struct journal_began {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};

/// Nothing else was written for a second, and a round is open.
struct time_passed {
  std::uint8_t reserved = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.reserved); }
};

/// In the place of round_opened, where the sum is secure. The edges' part in it are their letters.
struct secure_round_opened {
  round_opened opened;
  std::string terms;
  static auto fields(auto& self, auto&& visit) { return visit(self.opened, self.terms); }
};

} // namespace written

/// What a line says. The order is the format's: append only.
using server_record =
    std::variant<written::member_bound, written::round_opened, invitation_answer, update_offer,
                 written::update_arrived, written::update_spoiled, written::update_summed,
                 written::model_released, evaluation_report, written::edge_lost, written::edge_back,
                 written::deadline_passed, written::upload_due, written::restarted,
                 written::letter_refused, written::journal_began, written::time_passed,
                 written::secure_round_opened, secure_word>;

/// One line: when, by the server's own time; of which client, where it is about one, and which of
/// its mailboxes, where it came by letter.
struct server_line {
  static constexpr std::uint16_t schema = 1;
  instant at{};
  client_id client;
  mailbox_id mailbox = 0;
  server_record what;
};

bytes encode(const server_line&);
/// Fails with corrupt, or with unsupported for a line of a newer schema.
attempt<server_line> decode_server_line(bytes_view);

/// The record's name, e.g. "round_opened".
std::string_view name(const server_record&) noexcept;

} // namespace godwit
