// What an edge writes into its journal: what it has to say to its server, and what it works on,
// before anybody hears of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/secure_round.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

namespace noted {

/// The edge's letters bear this mailbox's id from here on.
struct mailbox_made {
  client_id client; ///< whose journal it is
  mailbox_id id = 0;
  std::uint64_t newest = 0; ///< no letter gets this number or one below it any more
  static auto fields(auto& self, auto&& visit) { return visit(self.client, self.id, self.newest); }
};
/// Has to be told to the server. An answer that declines says, too, that the task is over.
struct letter_put {
  std::uint64_t number = 0;
  std::uint16_t kind = 0;
  std::string head; ///< an edge_envelope without a token, encoded
  static auto fields(auto& self, auto&& visit) { return visit(self.number, self.kind, self.head); }
};
/// The server has all letters up to this number.
struct letters_taken {
  std::uint64_t number = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.number); }
};
/// The server's letters up to this number have had their effect.
struct letters_heard {
  mailbox_id mailbox = 0; ///< the server's
  std::uint64_t number = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.mailbox, self.number); }
};
/// A letter was given up.
struct letter_dropped {
  std::uint64_t number = 0;
  std::string why;
  static auto fields(auto& self, auto&& visit) { return visit(self.number, self.why); }
};
/// Takes the place of any other task, and of its update.
struct task_taken {
  invitation task;
  static auto fields(auto& self, auto&& visit) { return visit(self.task); }
};
/// The task is done. The record's body is the update; the offer's stamp has the number of the
/// letter that offers it, which is written behind this record.
struct update_trained {
  update_offer offer;
  static auto fields(auto& self, auto&& visit) { return visit(self.offer); }
};
/// The task of this round, and its update, are wanted no more.
struct task_over {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};

/// In the place of task_taken, where the update goes masked. The line holds a secret: the file is
/// the owner's alone, and begins anew without it once the round is over.
struct secure_task_taken {
  invitation task;
  std::string terms;
  std::string seed;     ///< all that is random of this edge in this round comes from it
  std::string evidence; ///< that went beside its advert: a signature that is not made again
  static auto fields(auto& self, auto&& visit) {
    return visit(self.task, self.terms, self.seed, self.evidence);
  }
};
/// The server's call was taken; the answer to it, if there is one, is the letter behind it.
struct secure_call_taken {
  round_id round;
  std::uint8_t step = 0;
  std::string content;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.step, self.content);
  }
};
/// The masked vector is made, and may leave: from now on there is no other one.
struct secure_body_made {
  round_id round;
  sha256_digest body{};
  static auto fields(auto& self, auto&& visit) { return visit(self.round, self.body); }
};
/// Nothing is asked of this edge any more for this round's sum.
struct secure_over {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};

/// So much of the edge's examples was given away, behind all that was before: steps of DP-SGD, each
/// with noise of this deviation in units of the clip norm, with each example in a step by this
/// chance. Written in one breath with the update that it went into.
struct examples_told {
  double noise_multiplier = 0;
  double rate = 1; ///< 0 < rate <= 1
  std::uint64_t step_count = 0;
  friend bool operator==(const examples_told&, const examples_told&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.noise_multiplier, self.rate, self.step_count);
  }
};

/// So many updates, each with noise of its own, were given away, behind all that was before.
/// Written like examples_told.
struct updates_told {
  std::uint8_t law = 0; ///< as in update_noise; not none
  double noise_multiplier = 0;
  std::uint64_t count = 0;
  friend bool operator==(const updates_told&, const updates_told&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.law, self.noise_multiplier, self.count);
  }
};

} // namespace noted

/// What a line says. The order is the format's: append only.
using edge_record =
    std::variant<noted::mailbox_made, noted::letter_put, noted::letters_taken, noted::letters_heard,
                 noted::letter_dropped, noted::task_taken, noted::update_trained, noted::task_over,
                 noted::secure_task_taken, noted::secure_call_taken, noted::secure_body_made,
                 noted::secure_over, noted::examples_told, noted::updates_told>;

/// One line: when, by the edge's own time, which goes on where the last line left off: what lies
/// between two processes does not count.
struct edge_line {
  static constexpr std::uint16_t schema = 2; ///< 1: tasks without noise
  instant at{};
  edge_record what;
};

bytes encode(const edge_line&);
/// Fails with corrupt, or with unsupported for a line of a newer schema.
attempt<edge_line> decode_edge_line(bytes_view);

/// The record's name, e.g. "task_taken".
std::string_view name(const edge_record&) noexcept;

} // namespace godwit
