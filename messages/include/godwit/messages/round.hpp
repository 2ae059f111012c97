// What is said during one round, between the server and the edges of its cohort.
#pragma once

#include <cstdint>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/refusal.hpp>
#include <godwit/messages/training.hpp>

namespace godwit {

/// Names a model's parameters by content.
struct model_id {
  sha256_digest sha256{};
  std::uint64_t byte_count = 0; ///< float32, little endian: 4 x parameter_count
  friend bool operator==(const model_id&, const model_id&) = default;
  static auto fields(auto& self, auto&& visit) { return visit(self.sha256, self.byte_count); }
};

/// server -> edge: take part in this round.
struct invitation {
  round_id round;
  model_id model;
  training_plan plan;
  std::uint64_t milliseconds_left = 0;  ///< until the round's deadline, when this was sent
  std::uint64_t milliseconds_lease = 0; ///< for so long the task may be worked on without a word
                                        ///< from the server
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.model, self.plan, self.milliseconds_left,
                 self.milliseconds_lease);
  }
};

/// edge -> server, a letter: I will, or I will not.
struct invitation_answer {
  round_id round;
  std::uint8_t accepts = 0;
  std::string reason; ///< why not
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.accepts, self.reason, self.letter);
  }
};

/// edge -> server: send me `chunk_count` chunks of this model, from this byte on (a credit, in
/// chunks).
struct model_request {
  model_id model;
  std::uint64_t offset = 0;
  std::uint32_t chunk_count = 0;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.model, self.offset, self.chunk_count);
  }
};

/// server -> edge: a part of a model; the bytes are the frame's body.
struct model_chunk {
  sha256_digest model{};
  std::uint64_t offset = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.model, self.offset); }
};

/// edge -> server, a letter: trained; here is what I have. The bytes follow when granted.
struct update_offer {
  round_id round;
  std::uint64_t example_count = 0; ///< 1 ..= limits::example_count_max
  std::uint64_t step_count = 0;
  double loss = 0; ///< mean training loss of the last epoch
  model_id update; ///< digest and length of the update: trained minus received parameters as
                   ///< float32; or, where the sum is secure, of the masked vector
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.example_count, self.step_count, self.loss, self.update,
                 self.letter);
  }
};

/// server -> edge: send the update's bytes now.
struct update_grant {
  round_id round;
  static auto fields(auto& self, auto&& visit) { return visit(self.round); }
};

/// edge -> server: a part of the update; the bytes are the frame's body. Parts come in order.
struct update_chunk {
  round_id round;
  std::uint64_t offset = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.round, self.offset); }
};

/// server -> edge, a letter: counted, and kept; the edge may forget its update.
struct receipt {
  round_id round;
  stamp letter{};
  static auto fields(auto& self, auto&& visit) { return visit(self.round, self.letter); }
};

/// server -> edge, a letter: this round is over for you, whatever you were doing for it.
struct round_closed {
  round_id round;
  std::uint8_t committed = 0;
  std::string reason; ///< why it was abandoned, or why you are not needed any more
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.committed, self.reason, self.letter);
  }
};

/// server -> edge: evaluate this model on your held-out examples.
struct evaluation_request {
  round_id round;
  model_id model;
  static auto fields(auto& self, auto&& visit) { return visit(self.round, self.model); }
};

/// edge -> server, a letter: how the model did.
struct evaluation_report {
  round_id round;
  std::uint64_t example_count = 0;
  std::uint64_t correct_count = 0;
  double loss_sum = 0;
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.example_count, self.correct_count, self.loss_sum, self.letter);
  }
};

} // namespace godwit
