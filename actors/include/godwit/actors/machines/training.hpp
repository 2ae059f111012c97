// What an edge does for a round: answer, fetch the model, train, offer and upload the update; or
// evaluate. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

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

// -- phases

struct idle {};
/// The invitation is accepted; the model is on its way.
struct fetching {
  invitation task;
};
struct working {
  invitation task;
};
/// Offered (again, after each reconnect); waits for its turn.
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

/// Enrolled, now or again.
struct connected {};
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
using input = std::variant<connected, invitation, evaluation_request, model_ready, model_failed,
                           trained, training_failed, update_grant, receipt, refused, round_closed,
                           evaluation_done, evaluation_failed, eligibility>;

// -- effects

struct say {
  std::variant<invitation_answer, update_offer, evaluation_report> message;
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
/// Ask the running training to end early.
struct stop_work {};
struct upload {
  trained_update update;
};
struct stop_upload {};
using effect =
    std::variant<say, need_model, forget_model, train, evaluate, stop_work, upload, stop_upload>;

/// One edge's side of the rounds. Answers to a round that is over, or to a training that was given
/// up, change nothing.
class machine {
public:
  result<std::vector<effect>> apply(const input&);
  const phase& current() const noexcept { return phase_; }

private:
  template <class Input>
  result<std::vector<effect>> on(const Input&);
  std::vector<effect> give_up();

  phase phase_;
  std::string ineligible_because_;
};

std::string_view name(const phase&) noexcept;

} // namespace godwit::training
