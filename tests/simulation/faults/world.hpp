// What do all nodes of a simulated flock share?
#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/job.hpp>
#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/model.hpp>

#include "chance.hpp"
#include "ledger.hpp"
#include "network.hpp"
#include "scenario.hpp"
#include "timeline.hpp"

namespace godwit::faults {

/// A planted bug, by what the world does wrong.
enum class canary : std::uint8_t {
  none,
  ack_before_write, ///< the server's journal says done, and writes later
  lost_dedup,       ///< a server that starts again has forgotten which letters it has taken
  no_deadline,      ///< no deadline's alarm ever comes
};

/// The job that is flown.
struct job_rules {
  std::size_t parameter_count = 16;
  round::plan round;
  job::plan job;
  double over_selection = 1.3;
  std::uint32_t federated_evaluate_every = 0;
};

/// The server is killed at one of the records that it writes, counted from 1: lines of its journal
/// and checkpoints.
struct crash_point {
  std::uint64_t record = 0;
  bool is_behind = false; ///< right behind it, before anybody is told; else right before it
  bool loses_power = false;
};

struct world {
  timeline& time;
  network& net;
  ledger& books;
  scenario plan;
  job_rules rules;
  canary planted = canary::none;
  std::optional<crash_point> crash;
  chance draws;
  std::chrono::seconds clock_jump{}; ///< of the wall clock
  std::function<void(std::string)> complain;
  std::function<void(std::string_view)> note; ///< into the trace
  std::function<std::shared_ptr<event_log>(const std::string& node)> log_of;
};

/// Tokens without a signature: nobody here can forge one. They outlive the server's process, as
/// signed ones do.
class plain_tokens final : public token_authority {
public:
  explicit plain_tokens(world& in) : world_(in) {}
  std::string issue(const client_id& client, const sha256_digest&) override {
    return client.name + "/" + std::to_string((now() + lifetime()).count());
  }
  std::chrono::seconds lifetime() const override { return std::chrono::seconds(300); }
  result<std::chrono::seconds> verify(std::string_view token, const client_id& client,
                                      const sha256_digest&) override {
    const auto cut = token.find('/');
    if (cut == token.npos)
      return refusal::token_forged;
    if (token.substr(0, cut) != client.name)
      return refusal::token_subject;
    std::int64_t ends = 0;
    const auto digits = token.substr(cut + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), ends);
    if (now().count() >= ends)
      return refusal::token_expired;
    return std::chrono::seconds(ends);
  }
  std::chrono::seconds now() const override {
    return std::chrono::seconds(1'700'000'000) +
           std::chrono::duration_cast<std::chrono::seconds>(world_.time.now()) + world_.clock_jump;
  }

private:
  world& world_;
};

} // namespace godwit::faults
