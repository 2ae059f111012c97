// Where does a server go on that was stopped, or killed, at any moment? Reads its checkpoint and
// what its journal holds behind it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include <godwit/actors/journal_port.hpp>
#include <godwit/actors/machines/durable_round.hpp>
#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Bodies of a shared sum: it is only added up when it is opened.
using shared_bodies = std::map<client_id, shared_bytes>;

/// A server as it was when it was last heard of.
struct resumed_server {
  std::shared_ptr<durable::machine> machine;
  std::variant<fixed_point_sum, secure_sum::body_sum, shared_bodies, private_sum> sum{
      fixed_point_sum(0)};  ///< of the open round's counted updates
  std::string open_terms{}; ///< of a shared sum, encoded
  round_id open;            ///< the open round; 0: none
  instant at{};             ///< the server's time
  std::vector<member> members;
  bool begins_anew = false; ///< nothing in the journal lies behind the checkpoint: say so in it
};

/// Replays what was found. Lines that lie behind an older checkpoint are passed over. Fails with
/// corrupt or unsupported where a line cannot be what was written, or where the journal lies behind
/// a newer checkpoint than this one; with bad_config where the rules of a private mean cannot be
/// kept to.
attempt<resumed_server> resume(const checkpoint&, const round::plan& rules,
                               std::span<const found_record>, journal_port&,
                               const std::optional<private_mean>& privacy = {});

} // namespace godwit
