// How does the server that clients speak to have a shared sum opened, whoever of the trustees comes
// and goes? Pure. (privacy/SHARED_SUM.md, section 9)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include <godwit/actors/machines/shared_sum.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/trustee.hpp>
#include <godwit/privacy/shared_sealing.hpp>

namespace godwit::shared_sum {

/// No word of this step is longer, under these terms; `to`: the server that takes it.
std::uint64_t word_bytes_max(const terms&, sum_step, unsigned to);

/// Say this to a trustee.
struct tell {
  unsigned server = 0;
  sum_word word;
};
using leader_effect = std::variant<tell, opened, abandoned>;

/// One sum, from the complete collection on. A machine of shared_sum takes each message once, so
/// when a trustee comes back everybody begins anew, with the same bodies: the trustees have kept
/// which list they opened, and open no other one.
class leader {
public:
  using effects = std::vector<leader_effect>;

  /// Bodies that take_apart has looked at. `seed`: 32 fresh random bytes.
  leader(shared_round round, std::map<client_id, shared_bytes> bodies, secret seed);

  /// A trustee, 1 ..< server_count, is there (again). With the last one an attempt begins.
  effects arrive(unsigned server);
  /// It is gone, and with it what it has heard.
  void leave(unsigned server);
  /// What it says; a word of another attempt, or out of place, is passed over.
  effects hear(unsigned from, const sum_word&);
  /// The time is over.
  effects give_up();

  const shared_round& round() const noexcept { return round_; }
  bool is_over() const noexcept { return is_over_; }

private:
  struct attempt {
    std::uint64_t id = 0;
    std::map<unsigned, session_nonce> nonces;
    std::optional<machine> part; ///< this server's, once all are ready
  };

  void begin(effects& out);
  void hand_out(effects& out);
  void feed(effects& out, const input&);
  void say(effects& out, unsigned to, sum_step, unsigned about, shared_bytes content) const;
  void end(effects& out, leader_effect with);
  unsigned trustee_count() const { return round_.terms.server_count - 1; }

  shared_round round_;
  bytes encoded_;
  std::map<client_id, shared_bytes> bodies_;
  secret seed_;
  std::uint64_t attempt_count_ = 0;
  std::set<unsigned> there_;
  std::optional<attempt> now_;
  bool is_over_ = false;
};

} // namespace godwit::shared_sum
