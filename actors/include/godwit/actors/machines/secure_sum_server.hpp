// How does a server bring a secure sum to its end: roster, shares, bodies, survivors, unmasking,
// opening? Pure; to the byte as privacy/SECURE_SUM.md says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <godwit/actors/machines/secure_sum.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/shamir.hpp>
#include <godwit/privacy/signature.hpp>
#include <godwit/privacy/sum_messages.hpp>

namespace godwit::secure_sum::server {

/// What is settled before the first message.
struct opening {
  secure_sum::terms terms;
  std::vector<client_id> members; ///< who was invited: distinct
  graph_rule rule = choose_graph;
};

// -- phases

/// A client that is in the roster, by index.
struct participant {
  client_id client;
  secure_sum::advert advert;
  std::optional<sealed_shares> sealed; ///< U2 are those who have them
  std::optional<sha256_digest> body;   ///< U3 are those who have one
  std::optional<signature> statement;  ///< that it was told the survivors
  std::optional<bytes> answer;         ///< its unmask_shares, as they came
  /// What others gave back of its b, if it is in U3, or of its s_sk, if it is not: never both.
  std::vector<shamir::held_share> returned;
  bool is_gone = false; ///< nothing is waited for from it
};

/// What is true from the roster on. Ranges over indices are ascending.
struct joined {
  std::vector<participant> clients;
  std::map<client_id, std::uint32_t> index_of;
  std::shared_ptr<const roster_tree> tree;
  std::vector<std::vector<std::uint32_t>> neighbours;
  std::uint32_t threshold = 0;
};

/// Adverts come in.
struct advertising {
  std::map<client_id, secure_sum::advert> adverts;
  std::set<client_id> gone;
};
/// The roster is out; sealed shares come in.
struct sharing : joined {};
/// The shares are out; masked vectors come in.
struct masking : joined {};
/// The survivors are told; their statements come in (profile malicious).
struct agreeing : joined {
  std::vector<std::uint32_t> survivors;
};
/// The survivors are asked for shares.
struct unmasking : joined {
  std::vector<std::uint32_t> survivors;
  std::vector<std::pair<std::uint32_t, signature>> statements; ///< the same in every request
  bool was_tried = false; ///< with as few shares as can be enough
};
struct opened {
  std::vector<client_id> survivors;
};
struct abandoned {
  std::string reason;
};
using phase = std::variant<advertising, sharing, masking, agreeing, unmasking, opened, abandoned>;

// -- inputs

/// `is_proven`: the evidence beside it ties its key to the client's name.
struct advert_received {
  client_id client;
  bytes advert;
  bool is_proven = false;
};
/// It declined, or is lost for good: nothing more is waited for from it. One whose connection broke
/// is not gone.
struct client_gone {
  client_id client;
};
/// It is connected again: what it must hear is said again.
struct client_back {
  client_id client;
};
/// No more adverts are waited for.
struct roster_closed {};
struct shares_received {
  client_id client;
  bytes content;
};
struct shares_closed {};
/// A whole body of the right length and padding is here, not added yet.
struct body_arrived {
  client_id client;
  sha256_digest body{};
  std::optional<signature> proof; ///< profile malicious
};
struct bodies_closed {};
struct consistency_received {
  client_id client;
  signature statement{};
};
struct consistency_closed {};
struct unmask_received {
  client_id client;
  bytes content;
};
struct unmasking_closed {};
/// The round's time is over: it opens with what is there, or is abandoned.
struct deadline_passed {};
using input =
    std::variant<advert_received, client_gone, client_back, roster_closed, shares_received,
                 shares_closed, body_arrived, bodies_closed, consistency_received,
                 consistency_closed, unmask_received, unmasking_closed, deadline_passed>;

// -- effects

struct send_roster {
  client_id client;
  bytes content;
  std::vector<client_id> neighbours; ///< in the roster's order: their evidence travels beside it
};
struct deliver_shares {
  client_id client;
  bytes content;
};
/// Add this client's body to the sum.
struct add_body {
  client_id client;
};
struct tell_survivors {
  client_id client;
  bytes content;
};
struct ask_unmask {
  client_id client;
  bytes content;
};
/// It has no part in the sum any more; the reason is for people.
struct exclude {
  client_id client;
  std::string reason;
};
/// The sum can be opened: add these masks (their signs are for the sum) to the sum of the bodies.
struct open_sum {
  sha256_digest root{}; ///< the roster's
  std::vector<mask_part> masks;
  std::vector<client_id> survivors; ///< whose bodies are in it
  std::vector<client_id> liars;     ///< gave shares that were wrong, and were left out
};
/// Nothing is opened.
struct abandon {
  std::string reason;
};
using effect = std::variant<send_roster, deliver_shares, add_body, tell_survivors, ask_unmask,
                            exclude, open_sum, abandon>;

/// The server's side of one round. A step ends when nothing more is waited for, or when it is
/// closed from outside. The same inputs in the same order give the same phase and effects, so a
/// server that was killed applies the inputs again that it has kept; effects are done after their
/// input is kept. A refusal changes nothing. A message that came before word for word is taken
/// again and has no effect; another one in its place is refused as `duplicate`.
class machine {
public:
  /// Refuses wrong_terms, or not_invited (members that repeat), or too_few members.
  static result<machine> open(opening);

  /// Applies one input.
  ///
  /// Everything from a client: not_invited, wrong_phase, duplicate. advert_received: malformed,
  /// identity_mismatch (another's name), unproven_key, wrong_signature, repeated_key, weak_key,
  /// full. shares_received: malformed, wrong_roster, wrong_share (not exactly its neighbours').
  /// body_arrived: wrong_signature. consistency_received: wrong_signature. unmask_received:
  /// malformed, wrong_roster, wrong_share (another count). The closing ones: wrong_phase.
  result<std::vector<effect>> apply(const input&);

  const bytes& encoded_terms() const noexcept { return encoded_terms_; }
  const terms& rules() const noexcept { return terms_; }
  const phase& current() const noexcept { return phase_; }

private:
  using effects = std::vector<effect>;
  machine() = default;
  result<effects> on(const advert_received&);
  result<effects> on(const client_gone&);
  result<effects> on(const client_back&);
  result<effects> on(const roster_closed&);
  result<effects> on(const shares_received&);
  result<effects> on(const shares_closed&);
  result<effects> on(const body_arrived&);
  result<effects> on(const bodies_closed&);
  result<effects> on(const consistency_received&);
  result<effects> on(const consistency_closed&);
  result<effects> on(const unmask_received&);
  result<effects> on(const unmasking_closed&);
  result<effects> on(const deadline_passed&);
  void end_step_if_complete(effects& out);
  void close_roster(effects& out);
  void close_shares(effects& out);
  void close_bodies(effects& out);
  void close_consistency(effects& out);
  void close_unmasking(effects& out);
  void ask_survivors(joined&&, std::vector<std::uint32_t> survivors, effects& out);
  bool open_sum_of(const unmasking&, effects& out) const;
  void give_up(std::string reason, effects& out);

  terms terms_;
  bytes encoded_terms_;
  sha256_digest terms_hash_{};
  std::set<client_id> members_;
  graph_rule rule_ = choose_graph;
  phase phase_;
};

/// advertising, sharing, masking, agreeing, unmasking, opened, abandoned.
std::string_view name(const phase&) noexcept;

} // namespace godwit::secure_sum::server
