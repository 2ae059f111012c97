// What a server keeps on its disk between rounds, so that it can go on from the last finished one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/model.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// An edge that was enrolled once, and the certificate that its name is bound to.
struct member {
  client_id client;
  sha256_digest fingerprint{};
  static auto fields(auto& self, auto&& visit) { return visit(self.client, self.fingerprint); }
};

/// A letter to an edge that it has not acknowledged yet: a server_message, encoded.
struct kept_letter {
  std::uint64_t number = 0;
  std::uint16_t kind = 0;
  std::string head;
  static auto fields(auto& self, auto&& visit) { return visit(self.number, self.kind, self.head); }
};

/// The letters between a server and one edge.
struct client_mail {
  client_id client;
  mailbox_id edge_mailbox = 0;   ///< whose letters were taken last
  std::uint64_t taken = 0;       ///< the newest of them
  std::uint64_t newest = 0;      ///< number of the newest letter to the edge
  std::vector<kept_letter> kept; ///< the unacknowledged ones, the oldest first
  static auto fields(auto& self, auto&& visit) {
    return visit(self.client, self.edge_mailbox, self.taken, self.newest, self.kept);
  }
};

/// The server's state after a finished round.
struct checkpoint {
  static constexpr std::uint16_t schema = 3;
  std::string job;
  std::string model;
  std::uint64_t seed = 0;
  round_id round;                    ///< the last finished one, committed or abandoned
  std::uint64_t committed_count = 0; ///< rounds that changed the model
  std::uint64_t elapsed_ns = 0;      ///< the run's length so far
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::uint64_t server_time_ns = 0;     ///< the server's monotonic time, over all of its processes
  std::uint32_t abandoned_in_a_row = 0; ///< rounds that ended so since the last committed one
  std::uint32_t present_count = 0;      ///< edges that were there
  /// Where it adapts itself: the norm that the next round's updates are cut to; 0: the configured
  /// one.
  double clip_norm = 0;
  mailbox_id mailbox = 0;        ///< of this server's letters
  std::vector<client_mail> mail; ///< of the edges with which there were letters
  std::vector<member> members;
  model_layout layout;
  std::vector<float> parameters;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.job, self.model, self.seed, self.round, self.committed_count, self.elapsed_ns,
                 self.bytes_up, self.bytes_down, self.server_time_ns, self.abandoned_in_a_row,
                 self.present_count, self.clip_norm, self.mailbox, self.mail, self.members,
                 self.layout, self.parameters);
  }
};

/// The framed bytes of a checkpoint, one part behind the other: magic, kind, schema, length, body,
/// checksum. The parameters are most of it and stay where they are.
struct checkpoint_parts {
  bytes before;
  bytes_view parameters;
  bytes after;
};

/// Encodes `state` with `parameters` in the place of its own, which are not looked at.
checkpoint_parts encode_in_parts(const checkpoint& state, std::span<const float> parameters);

/// Fails with failure_code::corrupt (and says what is wrong) unless every byte is as it was
/// written.
attempt<checkpoint> decode_checkpoint(bytes_view);

} // namespace godwit
