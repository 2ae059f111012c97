// How an edge and a server get to know each other: hello, welcome, token renewal, farewell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/refusal.hpp>

namespace godwit {

/// The one number that both sides must share. Any change to a message's fields raises it.
inline constexpr std::uint32_t protocol_number = 4;

/// edge -> server, first on every connection.
struct hello {
  std::uint32_t protocol = protocol_number;
  client_id client;  ///< must be the certificate's name
  std::string model; ///< what its trainer trains
  std::uint64_t parameter_count = 0;
  std::uint64_t example_count = 0;   ///< local training examples; self-reported
  std::vector<std::string> features; ///< optional abilities, by name
  mailbox_id mailbox = 0;            ///< of the edge's letters
  mailbox_id server_mailbox = 0;     ///< whose letters it has heard last; 0: none yet
  std::uint64_t heard = 0;           ///< the newest of them that it has taken
  static auto fields(auto& self, auto&& visit) {
    return visit(self.protocol, self.client, self.model, self.parameter_count, self.example_count,
                 self.features, self.mailbox, self.server_mailbox, self.heard);
  }
};

/// server -> edge: enrolled. The token goes with everything the edge sends from now on.
struct welcome {
  std::uint32_t protocol = protocol_number;
  std::string server;
  std::string job;
  std::string token;
  std::uint32_t token_seconds = 0; ///< its lifetime from now; renew before it ends
  mailbox_id mailbox = 0;          ///< of the server's letters to this edge
  std::uint64_t heard = 0;         ///< the newest of the edge's letters that it has taken
  static auto fields(auto& self, auto&& visit) {
    return visit(self.protocol, self.server, self.job, self.token, self.token_seconds, self.mailbox,
                 self.heard);
  }
};

/// edge -> server: a fresh token, please. The old one is in the envelope.
struct token_renewal {
  std::uint8_t reserved = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.reserved); }
};

/// server -> edge: the fresh token.
struct token_grant {
  std::string token;
  std::uint32_t token_seconds = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.token, self.token_seconds); }
};

/// server -> edge or person: what was refused, and why. The connection stays open unless `closes`.
/// A letter where it is about an edge's update.
struct refused {
  std::uint64_t round = 0; ///< the round it was about; 0: none
  refusal why = refusal::malformed;
  std::uint8_t closes = 0; ///< 1: the server closes the connection now
  std::string detail;      ///< for people
  stamp letter{};
  static auto fields(auto& self, auto&& visit) {
    return visit(self.round, self.why, self.closes, self.detail, self.letter);
  }
};

/// edge -> server: all of the server's letters up to this number have had their effect, and need
/// not be kept.
struct letters_heard {
  std::uint64_t number = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.number); }
};

/// server -> edge: the same of the edge's letters.
struct letters_taken {
  std::uint64_t number = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.number); }
};

/// edge -> server: whether it can be asked to work.
struct edge_status {
  std::uint8_t eligible = 1;
  std::string reason;     ///< why not; empty when eligible
  std::string power_mode; ///< performance, balanced, low_power, critical
  static auto fields(auto& self, auto&& visit) {
    return visit(self.eligible, self.reason, self.power_mode);
  }
};

/// person -> server: how do things stand?
struct status_request {
  std::uint8_t reserved = 0;
  static auto fields(auto& self, auto&& visit) { return visit(self.reserved); }
};

/// server -> person: the state of the run now.
struct status_reply {
  std::string job;
  std::string phase;       ///< waiting, recruiting, collecting, releasing, evaluating, finished
  std::string note;        ///< why it waits or finished
  std::uint64_t round = 0; ///< the open one, or the last
  std::uint64_t committed_count = 0;
  std::uint64_t round_limit = 0; ///< committed rounds after which the job is done
  std::uint32_t edges_present = 0, edges_known = 0;
  std::uint32_t invited = 0, accepted = 0, reported = 0, cohort = 0;
  std::uint64_t milliseconds_to_deadline = 0;
  std::uint64_t elapsed_milliseconds = 0;
  std::uint8_t has_loss = 0, has_accuracy = 0;
  double loss = 0, accuracy = 0; ///< newest known: training loss, central test accuracy
  std::uint64_t bytes_up = 0, bytes_down = 0, refused_count = 0;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.job, self.phase, self.note, self.round, self.committed_count,
                 self.round_limit, self.edges_present, self.edges_known, self.invited,
                 self.accepted, self.reported, self.cohort, self.milliseconds_to_deadline,
                 self.elapsed_milliseconds, self.has_loss, self.has_accuracy, self.loss,
                 self.accuracy, self.bytes_up, self.bytes_down, self.refused_count);
  }
};

} // namespace godwit
