// What does a trustee do with a server's words, and what must it have written down before it says
// more? Pure. (privacy/SHARED_SUM.md, section 9)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <godwit/actors/machines/sum_leader.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/shared_sealing.hpp>

namespace godwit::trustee {

/// The newest sum of a job that was opened: no other list of it, and none of an earlier round, ever
/// is. So a trustee remembers one line for each job.
struct opened_list {
  std::string job;
  round_id round;
  sha256_digest terms{};
  sha256_digest list{};
};

struct plan {
  std::string self;              ///< this trustee's name
  std::uint32_t clients_min = 2; ///< it opens no sum of fewer, whatever the terms say
  /// Whether a key is shown to be that of the trustee of this name.
  std::function<bool(const shared_sum::sum_server&)> is_proven;
};

/// Say this to the server.
struct say {
  sum_word word;
};
/// Make this durable, before what comes behind it is performed.
struct keep {
  opened_list what;
};
/// For the log: this client's part does not open, or is none, so it will not be in the sum.
struct passed_over {
  client_id client;
  refusal why;
};
/// For the log: how it ended.
struct ended {
  round_id round;
  std::optional<shared_sum::reason> why_not; ///< nothing: this part was given to the server
};
using effect = std::variant<say, keep, passed_over, ended>;

inline constexpr std::size_t fresh_bytes = 64;

/// One link's life with one server. It holds what it was sent for one sum at a time.
class machine {
public:
  using effects = std::vector<effect>;

  /// `key`: the secret of the sealing key. `opened_before`: what earlier processes kept.
  machine(plan rules, secret key, std::vector<opened_list> opened_before);

  const agreement_key& public_key() const noexcept { return public_key_; }

  /// No word of this step may be longer now.
  std::uint64_t word_bytes_max(sum_step) const;
  /// A word of the server of this name. `fresh`: fresh_bytes random bytes. What does not belong to
  /// the current attempt is passed over.
  effects hear(const std::string& server, const sum_word&, const secret& fresh);
  /// The link is gone, and with it the attempt.
  void drop() { now_.reset(); }

private:
  struct session {
    round_id round;
    std::uint64_t attempt = 0;
    shared_sum::shared_round stated;
    unsigned number = 0; ///< of this trustee among the servers
    shared_sum::session_nonce nonce{};
    std::map<unsigned, shared_sum::sealed_talk> talks; ///< with other trustees
    std::uint32_t part_count = 0;
    std::optional<shared_sum::machine> part;
  };

  void begin(const std::string& server, const sum_word&, const secret& fresh, effects& out);
  void meet(const sum_word&);
  void take_part(const sum_word&, effects& out);
  void close_collection(const sum_word&, effects& out);
  void listen(const sum_word&, effects& out);
  void feed(const shared_sum::input&, effects& out);
  void give_up(shared_sum::reason, unsigned server, effects& out);
  void answer(sum_step, unsigned to, bytes content, effects& out) const;
  std::optional<unsigned> number_in(const shared_sum::shared_round&,
                                    const std::string& server) const;
  const opened_list* kept_of(const std::string& job) const;

  plan plan_;
  secret key_;
  agreement_key public_key_;
  std::map<std::string, opened_list> kept_; ///< by job
  std::optional<session> now_;
};

} // namespace godwit::trustee
