// What does a client of a secure sum do: advertise, share, mask, say who survived, unmask once?
// Pure; to the byte as privacy/SECURE_SUM.md says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/actors/machines/secure_sum.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit::secure_sum::client {

/// What is settled before the first message.
struct opening {
  bytes terms;         ///< as the server sent them
  round_id round;      ///< what the server invited to: the terms must say the same
  sha256_digest model; ///< likewise
  client_id self;
  std::shared_ptr<const signing_key> identity;
  sha256_digest evidence{}; ///< SHA-256 of what ties the identity to the name
  secret seed;              ///< client_seed_bytes, fresh for this round; after a crash the same
  graph_rule rule = choose_graph;
};

// -- phases

/// What is known of one neighbour.
struct neighbour {
  client_id client;
  verifying_key identity{};
  secret channel_from; ///< opens its box
  secret pair;         ///< key of the mask that both have
};

/// What is true from the roster on.
struct joined {
  bytes roster; ///< as it was taken
  sha256_digest root{};
  std::uint32_t index = 0;
  std::uint32_t threshold = 0;
  std::map<std::uint32_t, neighbour> neighbours;
  bytes sealed; ///< our sealed_shares
};

/// The advert is out.
struct advertised {};
/// The shares are out; the others' have not come.
struct sharing : joined {};
/// The others' shares are here: the vector can be masked.
struct masking : joined {
  bytes delivered;                        ///< as it was taken
  std::map<std::uint32_t, secret> shares; ///< by neighbour, share_pair_bytes: U2 among them
};
/// The masked vector is made.
struct masked : masking {
  sha256_digest body{};
  std::optional<signature> proof; ///< of the body, in profile malicious
};
/// It has signed who survived (profile malicious).
struct consistent : masked {
  bytes survivors; ///< as they were taken
  signature statement{};
};
/// It has answered the one unmask request; no secret of the round is left.
struct answered {
  bytes request;
  bytes answer;
};
/// The round is over; no secret of it is left.
struct over {};
using phase = std::variant<advertised, sharing, masking, masked, consistent, answered, over>;

// -- inputs: plain bytes, to be journalled as they are

/// The roster, and for which neighbours (by index, ascending) the evidence beside their adverts
/// was found to hold.
struct roster_told {
  bytes roster;
  std::vector<std::uint32_t> proven;
};
struct shares_delivered {
  bytes content;
};
/// The vector is quantised, masked with `masks()` and packed; this is the body's SHA-256.
struct body_made {
  sha256_digest body{};
};
struct survivors_told {
  bytes content;
};
struct unmask_asked {
  bytes content;
};
/// The round is over, whatever came of it.
struct closed {};
using input =
    std::variant<roster_told, shares_delivered, body_made, survivors_told, unmask_asked, closed>;

// -- effects

/// The input just applied (with body_made: and the body) is to be durable before the effects that
/// stand behind this one are done.
struct keep {};
struct send_shares {
  bytes content; ///< sealed_shares
};
/// Quantise, add `masks()`, pack; then comes `body_made`.
struct make_body {};
struct send_body {
  sha256_digest body{};
  std::optional<signature> proof;
};
struct send_consistency {
  signature statement{};
};
/// These two are to be durable before the effects behind; from then on a crash is followed by
/// `machine::answered_before`.
struct keep_answer {
  bytes request;
  bytes answer;
};
struct send_unmask_shares {
  bytes content;
};
/// Nothing of this round but a kept answer may be left on the disk: seed, inputs, body.
struct wipe_round {};
using effect = std::variant<keep, send_shares, make_body, send_body, send_consistency, keep_answer,
                            send_unmask_shares, wipe_round>;

/// One client's side of one round. The same seed and the same accepted inputs give the same phase
/// and the same bytes, so after a crash the kept inputs are applied again. What was accepted before
/// and comes again word for word gives the same effects; anything else in its place is refused as
/// `duplicate`. A refusal changes nothing.
class machine {
public:
  /// Refuses wrong_terms (out of bounds, or of another round or model) or malformed.
  static result<machine> open(opening);
  /// Has answered in an earlier process: repeats that answer to that request, and does nothing
  /// else.
  static machine answered_before(bytes request, bytes answer);

  /// Applies one input.
  ///
  /// roster_told: malformed, wrong_roster, repeated_key, wrong_signature, unproven_key, weak_key,
  /// too_few (clients, or for any graph). shares_delivered: malformed, wrong_roster, wrong_share,
  /// too_few (boxes). survivors_told: malformed, wrong_roster, wrong_survivors, too_few; also
  /// wrong_phase in profile semi_honest. unmask_asked: malformed, wrong_roster, wrong_survivors,
  /// too_few (alive, survivors, signatures), wrong_signature. wrong_phase and duplicate everywhere.
  result<std::vector<effect>> apply(const input&);

  /// To be sent when it is opened, and again after a reconnect while `advertised`.
  const bytes& advert() const noexcept { return advert_; }
  const terms& rules() const noexcept { return terms_; }
  /// From `masking` to `consistent`: what is added to the entries. Empty otherwise.
  std::vector<mask_part> masks() const;
  /// The key of the rounding stream (ChaCha20, nonce 0); empty when the round is over for it.
  bytes_view rounding_key() const noexcept { return drawn_.rounding.reveal(); }
  /// What the round's body is made with beside the masks; empty when the round is over for it.
  const client_draws& draws() const noexcept { return drawn_; }
  const phase& current() const noexcept { return phase_; }

private:
  machine() = default;
  result<std::vector<effect>> on(const roster_told&);
  result<std::vector<effect>> on(const shares_delivered&);
  result<std::vector<effect>> on(const body_made&);
  result<std::vector<effect>> on(const survivors_told&);
  result<std::vector<effect>> on(const unmask_asked&);
  result<std::vector<effect>> on(const closed&);

  terms terms_;
  sha256_digest terms_hash_{};
  secure_sum::advert own_;
  bytes advert_;
  std::shared_ptr<const signing_key> identity_;
  client_draws drawn_;
  graph_rule rule_ = choose_graph;
  phase phase_;
};

/// advertised, sharing, masking, masked, consistent, answered, over.
std::string_view name(const phase&) noexcept;

} // namespace godwit::secure_sum::client
