// What an edge does for a round: answer, fetch the model, train, offer and upload the update; or
// evaluate. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <godwit/actors/machines/example_budget.hpp>
#include <godwit/actors/machines/update_budget.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::training {

/// A trained update and what is said about it.
struct trained_update {
  update_offer offer;
  shared_bytes content; ///< float32 [parameter_count], little endian: trained minus received
};

/// How an edge works.
struct plan {
  bool stops_offline = false; ///< training is stopped while there is no connection
  example_rules examples{};
  update_rules updates{};
};

// -- phases

struct idle {};
/// Not begun yet: the task is on its way to the disk, the model to us; or there is no connection
/// and the plan wants one.
struct fetching {
  invitation task;
  bool is_kept = false; ///< the task will be there after a crash
  bool is_here = false; ///< the model
};
struct working {
  invitation task;
};
/// Offered; waits for its turn.
struct offering {
  invitation task;
  trained_update update;
};
struct uploading {
  invitation task;
  trained_update update;
};
/// The new model is on its way, to be evaluated.
struct fetching_to_evaluate {
  evaluation_request task;
};
struct evaluating {
  evaluation_request task;
};
using phase =
    std::variant<idle, fetching, working, offering, uploading, fetching_to_evaluate, evaluating>;

// -- inputs

/// What was being done when an earlier process ended; the first input, where there is one.
struct restored {
  invitation task;
  std::optional<trained_update> update; ///< where it was trained
  duration lease_left{};
};
/// Enrolled, now or again.
struct connected {
  bool is_new_server = false; ///< it knows nothing of what was said to the one before
};
struct disconnected {};
/// The task that was accepted is durable.
struct kept {
  round_id round;
};
/// A lease that was watched is over.
struct lease_over {
  round_id round;
};
/// The asked-for model is here and matches its digest.
struct model_ready {
  model_id model;
};
/// The model could not be had.
struct model_failed {
  model_id model;
};
struct trained {
  round_id round;
  trained_update update;
};
struct training_failed {
  round_id round;
};
struct evaluation_done {
  evaluation_report report;
};
struct evaluation_failed {
  round_id round;
};
/// What the power monitor and the policy say; `reason` is empty when it may work.
struct eligibility {
  std::string reason;
};
using input = std::variant<restored, connected, disconnected, kept, lease_over, invitation,
                           evaluation_request, model_ready, model_failed, trained, training_failed,
                           update_grant, receipt, refused, round_closed, evaluation_done,
                           evaluation_failed, eligibility>;

// -- effects

/// What an update tells, and what all of them have told then.
template <class Told>
struct charge {
  Told told;
  double epsilon = 0, delta = 0;
};
using example_charge = charge<noted::examples_told>;
using update_charge = charge<noted::updates_told>;

/// What edges have told in their lives.
struct accounts {
  example_account examples;
  update_account updates;
};

// The first four are letters: said for certain, also across crashes.

/// I will. To be made durable; then comes `kept`.
struct accept {
  invitation task;
};
/// I will not, or not any more.
struct decline {
  round_id round;
  std::string reason;
};
struct offer {
  trained_update update;
  // To be durable before the update leaves.
  std::optional<example_charge> examples{};
  std::optional<update_charge> updates{};
};
struct report {
  evaluation_report result;
};
/// Have the model here: from the cache, or from the server.
struct need_model {
  model_id model;
};
/// Nobody needs the model any more.
struct forget_model {
  model_id model;
};
struct train {
  invitation task;
};
struct evaluate {
  evaluation_request task;
};
/// Ask the running training to end early; its answer counts for nothing.
struct stop_work {};
struct upload {
  trained_update update;
};
struct stop_upload {};
/// There is no word of the server from now on: `lease_over`, please, when this has passed.
struct watch_lease {
  round_id round;
  duration left{};
};
using effect = std::variant<accept, decline, offer, report, need_model, forget_model, train,
                            evaluate, stop_work, upload, stop_upload, watch_lease>;

/// For how long a task may be worked on without a word from the server: what the invitation says,
/// and in any case until the round's deadline.
duration lease_of(const invitation&);

/// One edge's side of the rounds. Answers to a round that is over, or to a training that was given
/// up, change nothing. An update that was trained is never trained again: it is held until the
/// server says what became of it.
class machine {
public:
  machine() = default;
  explicit machine(plan rules, accounts told = {}) : rules_(rules), told_(std::move(told)) {}
  result<std::vector<effect>> apply(const input&);
  const phase& current() const noexcept { return phase_; }

private:
  template <class Input>
  result<std::vector<effect>> on(const Input&);
  std::vector<effect> give_up();
  void begin_if_ready(std::vector<effect>& out);
  std::string why_not(const training_plan&) const;
  offer charged_offer(const training_plan&, const trained_update&);

  plan rules_;
  accounts told_;
  phase phase_;
  bool is_connected_ = false;
  std::string ineligible_because_;
  std::optional<evaluation_request> evaluated_; ///< reported last, in this round
};

std::string_view name(const phase&) noexcept;

} // namespace godwit::training
