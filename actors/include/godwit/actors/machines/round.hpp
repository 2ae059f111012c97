// One round as a state machine: recruiting, collecting, unmasking, releasing, evaluating, closed.
// Pure: input and time in, effects out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <godwit/actors/machines/secure_sum_server.hpp>
#include <godwit/actors/machines/sum_opening.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/secure_round.hpp>
#include <godwit/messages/time.hpp>
#include <godwit/messages/training.hpp>
#include <godwit/privacy/shared_round.hpp>

namespace godwit::round {

/// What every round of a job promises.
struct plan {
  std::uint32_t cohort = 10;    ///< counted updates that close the round
  std::uint32_t cohort_min = 5; ///< fewer: the round is abandoned
  duration lasts_for{};         ///< from opening to the one deadline
  std::uint32_t upload_count_max =
      8;                       ///< uploads that are received at once; bounds the server's memory
  duration upload_lasts_for{}; ///< an upload that takes longer gives its place to the next in line
  std::uint64_t update_bytes = 0; ///< length of an update: 4 x parameter_count, or of a masked body
  /// Of a secure sum, all but what is the round's own; without them updates come as they are.
  std::optional<secure_sum::terms> secure{};
  /// Of a sum that several servers open, all but what is the round's own and the trustees' keys.
  std::optional<shared_sum::shared_round> shared{};
  bool hides_losses = false; ///< edges tell none, since they hide what it would be of
};

/// How far one client of the cohort has come.
enum class progress : std::uint8_t {
  invited,   ///< has not answered
  accepted,  ///< downloads or trains
  offered,   ///< trained, waits for its turn to upload
  uploading, ///< sends its update
  adding,    ///< complete; the aggregator is adding it
  reported,  ///< counted
  declined,  ///< said no
  dropped,   ///< lost, refused or too late
};

/// One client's part in the round.
struct participant {
  progress at = progress::invited;
  std::string reason;        ///< why declined or dropped
  bool is_away = false;      ///< its connection is lost; it may come back
  bool has_accepted = false; ///< has said so, and not taken it back
  bool is_awaited = true;    ///< by the secure sum, if there is one
  std::uint64_t example_count = 0;
  std::uint64_t step_count = 0;
  double loss = 0;
  model_id update; ///< digest and length of what it offers
  instant invited_at{};
  instant upload_ends{}; ///< when the current upload's time is over
  instant done_at{};
  std::optional<evaluation> evaluated;
};

/// Everything that is true of a round from its opening to its end.
struct gathering {
  round_id id;
  bool evaluates = false; ///< ask the reporters to evaluate the new model
  instant opened_at{}, deadline{};
  std::map<client_id, participant> cohort;
  std::deque<client_id> reserve; ///< whom to invite in place of one who declines or vanishes
  std::deque<client_id> line;    ///< offered, in order of arrival
  std::uint32_t unanswered = 0;  ///< have not said anything yet
  std::uint32_t undecided = 0;   ///< can still report
  std::uint32_t uploading = 0, adding = 0, counted = 0;
  std::optional<secure_sum::server::machine> secure; ///< of a sum that nobody may look into
  std::map<client_id, std::string> evidence;         ///< beside the adverts of that sum
  std::string shared_terms; ///< of a sum that several servers open, encoded; else empty
  std::map<client_id, signature> proofs; ///< of the masked vectors, before they are here
  /// Have accepted and are not out.
  std::uint32_t accepted() const noexcept { return undecided - unanswered + counted; }
};

// -- phases: each holds exactly what is true while it lasts

struct idle {
  round_id last;
};
/// Invitations are out; not enough of the cohort has accepted.
struct recruiting : gathering {};
/// Enough have accepted, or all have answered.
struct collecting : gathering {
  instant recruited_at{};
};
/// The sum of masked updates is complete; those who are in it are asked for the shares that open
/// it.
struct unmasking : gathering {
  instant recruited_at{}, collected_at{};
};
/// The sum is complete, and open; the new model is being made and stored.
struct releasing : gathering {
  instant recruited_at{}, collected_at{};
  std::shared_ptr<const sum_opening> opening{}; ///< null: it was never masked
};
/// The reporters evaluate the new model, at most until the deadline.
struct evaluating : gathering {
  instant recruited_at{}, collected_at{}, released_at{};
  std::shared_ptr<const sum_opening> opening; ///< as while releasing
  std::uint32_t awaited = 0;
};
using phase = std::variant<idle, recruiting, collecting, unmasking, releasing, evaluating>;

// -- inputs

/// Opens a round. `invited` first; `reserve` in order, where one of them declines or vanishes.
struct open {
  round_id id;
  std::vector<client_id> invited;
  std::vector<client_id> reserve;
  bool evaluates = false;
  std::string terms{}; ///< of the secure sum, encoded; empty: none
};
struct answered {
  client_id client;
  invitation_answer answer;
};
struct offered {
  client_id client;
  update_offer offer;
};
/// All bytes of the granted upload are here and match their digest.
struct arrived {
  client_id client;
  round_id round;
};
/// The upload ended badly: wrong digest, wrong order, too long.
struct spoiled {
  client_id client;
  round_id round;
  refusal why = refusal::wrong_checksum;
};
/// The aggregator's verdict on one update.
struct summed {
  client_id client;
  round_id round;
  std::optional<refusal> why_not;
};
/// A step of the secure sum.
struct spoke {
  client_id client;
  secure_word word;
};
/// The opened sum is not one of these updates: somebody has cheated.
struct spoiled_sum {
  round_id round;
  std::string why{}; ///< where more is known
};
/// The new model is made and stored.
struct released {
  round_id round;
  std::optional<double> loss{}; ///< the mean training loss, where only the sum says it
};
struct evaluated {
  client_id client;
  evaluation_report report;
};
struct edge_lost {
  client_id client;
};
/// It is there again: what the round wants of it is said again.
struct edge_back {
  client_id client;
  bool is_fresh = false; ///< it has lost its store: what it had said and trained is gone
};
struct deadline_passed {
  round_id round;
};
/// The time that one upload may take is over.
struct upload_due {
  round_id round;
  client_id client;
};
/// The server was down in between. What was on its way is lost; what is due is asked for again.
struct restarted {};
using input =
    std::variant<open, answered, offered, arrived, spoiled, summed, released, evaluated, edge_lost,
                 edge_back, deadline_passed, upload_due, restarted, spoke, spoiled_sum>;

// -- effects

/// Also said again to one that is back; an edge that is at this work already does nothing twice.
struct invite {
  client_id client;
  round_id round;
  duration left;
  std::string terms{}; ///< of the secure sum, if there is one
};
/// A step of the secure sum.
struct call {
  client_id client;
  secure_call what;
};
struct wake_at {
  instant when;
  round_id round;
};
struct grant {
  client_id client;
  round_id round;
  model_id update;
};
/// Feed upload_due at this time.
struct watch {
  client_id client;
  round_id round;
  instant when;
};
/// Take the place back: drop what has arrived of the upload.
struct revoke {
  client_id client;
  round_id round;
};
/// Add the arrived update to the sum, with this weight.
struct add {
  client_id client;
  round_id round;
  std::uint64_t example_count;
};
struct acknowledge {
  client_id client;
  round_id round;
};
struct refuse {
  client_id client;
  round_id round;
  refusal why;
};
/// Make the new model from the sum.
struct release {
  round_id round;
  std::shared_ptr<const sum_opening> opening{}; ///< null: it was never masked
};
struct ask_to_evaluate {
  client_id client;
  round_id round;
};
/// Tell one client that the round is over.
struct tell {
  client_id client;
  round_closed closed;
};
/// The round is over. The last effect of every round.
struct finish {
  round_id round;
  bool committed = false;
  std::string reason; ///< why abandoned
  instant opened_at{}, recruited_at{}, collected_at{}, released_at{}, closed_at{};
  std::map<client_id, participant> cohort;
  std::optional<double> loss{}; ///< of a secure sum: the mean training loss
};
using effect = std::variant<invite, wake_at, grant, watch, revoke, add, acknowledge, refuse,
                            release, ask_to_evaluate, tell, finish, call>;

struct step {
  std::optional<phase> next; ///< nothing: stay
  std::vector<effect> effects;
};

result<step> on(const plan&, idle&, const open&, instant now);
result<step> on(const plan&, recruiting&, const answered&, instant now);
result<step> on(const plan&, recruiting&, const offered&, instant now);
result<step> on(const plan&, recruiting&, const arrived&, instant now);
result<step> on(const plan&, recruiting&, const spoiled&, instant now);
result<step> on(const plan&, recruiting&, const summed&, instant now);
result<step> on(const plan&, recruiting&, const edge_lost&, instant now);
result<step> on(const plan&, recruiting&, const edge_back&, instant now);
result<step> on(const plan&, recruiting&, const upload_due&, instant now);
result<step> on(const plan&, recruiting&, const deadline_passed&, instant now);
result<step> on(const plan&, recruiting&, const restarted&, instant now);
result<step> on(const plan&, collecting&, const answered&, instant now);
result<step> on(const plan&, collecting&, const offered&, instant now);
result<step> on(const plan&, collecting&, const arrived&, instant now);
result<step> on(const plan&, collecting&, const spoiled&, instant now);
result<step> on(const plan&, collecting&, const summed&, instant now);
result<step> on(const plan&, collecting&, const edge_lost&, instant now);
result<step> on(const plan&, collecting&, const edge_back&, instant now);
result<step> on(const plan&, collecting&, const upload_due&, instant now);
result<step> on(const plan&, collecting&, const deadline_passed&, instant now);
result<step> on(const plan&, collecting&, const restarted&, instant now);
result<step> on(const plan&, recruiting&, const spoke&, instant now);
result<step> on(const plan&, collecting&, const spoke&, instant now);
result<step> on(const plan&, unmasking&, const spoke&, instant now);
result<step> on(const plan&, unmasking&, const edge_lost&, instant now);
result<step> on(const plan&, unmasking&, const edge_back&, instant now);
result<step> on(const plan&, unmasking&, const deadline_passed&, instant now);
result<step> on(const plan&, unmasking&, const restarted&, instant now);
result<step> on(const plan&, releasing&, const spoiled_sum&, instant now);
result<step> on(const plan&, releasing&, const released&, instant now);
result<step> on(const plan&, releasing&, const edge_lost&, instant now);
result<step> on(const plan&, releasing&, const edge_back&, instant now);
result<step> on(const plan&, releasing&, const restarted&, instant now);
result<step> on(const plan&, evaluating&, const evaluated&, instant now);
result<step> on(const plan&, evaluating&, const edge_lost&, instant now);
result<step> on(const plan&, evaluating&, const edge_back&, instant now);
result<step> on(const plan&, evaluating&, const deadline_passed&, instant now);
result<step> on(const plan&, evaluating&, const restarted&, instant now);

/// A late word about a round that is over is the peer's to know; anything else is out of place.
inline result<step> on(const plan&, auto&, const offered&, instant) {
  return refusal::wrong_round;
}
inline result<step> on(const plan&, auto&, const auto&, instant) {
  return refusal::wrong_phase;
}
/// Shares that were not needed any more; all else of a round that is over has its end told.
inline result<step> on(const plan&, auto&, const spoke&, instant) {
  return step{};
}

/// Feeds inputs to the phase that is current, and moves on.
class machine {
public:
  machine() = default;
  explicit machine(plan rules, round_id last = {}) : plan_(rules), phase_(idle{last}) {}

  /// Applies one input. A refusal changes nothing; otherwise the caller owes the world the returned
  /// effects, in order.
  result<std::vector<effect>> apply(const input&, instant now);

  const phase& current() const noexcept { return phase_; }
  /// The open round, or null while idle.
  const gathering* open_round() const noexcept;
  const plan& rules() const noexcept { return plan_; }

private:
  plan plan_;
  phase phase_;
};

/// The phase's name: idle, recruiting, collecting, unmasking, releasing, evaluating.
std::string_view name(const phase&) noexcept;

} // namespace godwit::round
