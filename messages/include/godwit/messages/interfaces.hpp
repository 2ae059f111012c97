// The typed interfaces of all roles, and the type-id block that they need.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <godwit/messages/node.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// A refusal as CAF carries it: the category is "refusal", the code the refusal's number.
caf::error as_error(refusal);

/// The refusal in an error, or wrong_phase where the error is CAF's own (a lost actor, a timeout).
refusal refusal_in(const caf::error&);

/// Handles the errors of requests between roles of one node that are never refused: a refusal is a
/// bug and stops the process, because a role that waits for ever would be worse. A role that is
/// gone is none: the node is stopping.
void expect_no_refusal(const caf::error&);

/// What a round's shell hands to the coordinator at the end; the machine's own record, shared as it
/// is.
struct round_report;

// -- server

using coordinator_actor = caf::typed_actor<
    // An edge says hello. Refused: another protocol, name, certificate or model.
    caf::replies_to<edge_joined>::with<welcome>,
    // Its connection is gone.
    caf::reacts_to<edge_left>,
    // It may, or may not, be asked to work.
    caf::reacts_to<status_of_edge>,
    // A fresh token for an enrolled edge.
    caf::replies_to<renew_token>::with<token_grant>,
    // The state of the run.
    caf::replies_to<status_query>::with<status_reply>,
    // The sum of the round is complete.
    caf::replies_to<make_next_model>::with<model_made>,
    // How the open round stands.
    caf::reacts_to<round_progress>,
    // The round is over.
    caf::reacts_to<std::shared_ptr<const round_report>>,
    caf::reacts_to<std::shared_ptr<const server_roles>>,
    // The evaluator's answer to evaluate_model.
    caf::reacts_to<model_evaluated>,
    // The disk takes nothing, or does again.
    caf::reacts_to<store_trouble>,
    // An edge knows more of this server than it does itself.
    caf::reacts_to<letters_lost>,
    // Who holds a part of its sums is there, or not.
    caf::reacts_to<trustee_here>, caf::reacts_to<trustee_left>,
    // INTERNAL: a pause is over, or somebody came.
    caf::reacts_to<job_alarm>>;

using round_scheduler_actor = caf::typed_actor<
    // Opens a round; refused while one is open.
    caf::replies_to<start_round>::with<done>,
    // What the edges of the cohort say.
    caf::replies_to<answer_of_edge>::with<done>, caf::replies_to<offer_of_edge>::with<done>,
    caf::replies_to<update_of_edge>::with<done>, caf::replies_to<spoiled_update>::with<done>,
    caf::replies_to<evaluation_of_edge>::with<done>, caf::replies_to<word_of_edge>::with<done>,
    caf::reacts_to<edge_left>,
    // It is there (again), and which letters it has.
    caf::replies_to<edge_here>::with<letters_state>, caf::replies_to<letters_of_server>::with<done>,
    // The round that is over is durable: everybody may be told.
    caf::reacts_to<round_kept>, caf::reacts_to<std::shared_ptr<const server_roles>>,
    // INTERNAL: the deadline, the end of one upload's time, time to write what could wait, and to
    // write down that time has passed.
    caf::reacts_to<round_alarm>, caf::reacts_to<upload_alarm>, caf::reacts_to<write_alarm>,
    caf::reacts_to<time_alarm>>;

using client_selector_actor = caf::typed_actor<
    // Whom to invite to a round.
    caf::replies_to<select_cohort>::with<cohort_selected>>;

using aggregator_actor = caf::typed_actor<
    // A new sum; what an abandoned round left behind is dropped.
    caf::reacts_to<begin_sum>,
    // Adds one update. The verdict says why not.
    caf::replies_to<add_update>::with<sum_verdict>,
    // The weighted mean of what was added.
    caf::replies_to<take_mean>::with<round_mean>>;

/// An aggregator whose sum several servers open together: this one, and the trustees.
using sum_leader_actor = aggregator_actor::extend<
    // Who can be spoken with, and what they say.
    caf::reacts_to<trustee_here>, caf::reacts_to<trustee_left>, caf::reacts_to<piece_of_trustee>,
    caf::reacts_to<std::shared_ptr<const server_roles>>,
    // INTERNAL: the time to open the sum is over.
    caf::reacts_to<sum_alarm>>;

using evaluator_actor = caf::typed_actor<
    // A model's figures on the held-out set; the answer is a message of its own, to the
    // coordinator.
    caf::reacts_to<evaluate_model>, caf::reacts_to<std::shared_ptr<const server_roles>>>;

using gateway_actor = caf::typed_actor<
    // From the transport.
    caf::reacts_to<link_opened>, caf::reacts_to<link_frame>, caf::reacts_to<link_drained>,
    caf::reacts_to<link_closed>, caf::reacts_to<link_rejected>,
    // To an edge, if it is there; else nothing.
    caf::reacts_to<to_edge>, caf::reacts_to<call_edge>, caf::reacts_to<serve_model>,
    caf::reacts_to<receive_update>, caf::reacts_to<drop_update>, caf::reacts_to<to_trustee>,
    caf::replies_to<traffic_query>::with<traffic>,
    caf::reacts_to<std::shared_ptr<const server_roles>>>;

// -- both

using keeper_actor = caf::typed_actor<
    // Behind what is in the journal.
    caf::replies_to<keep_records>::with<done>, caf::replies_to<restart_journal>::with<done>,
    // A server's, at the end of a round.
    caf::replies_to<keep_checkpoint>::with<done>, caf::replies_to<keep_release>::with<done>,
    // INTERNAL: time to write.
    caf::reacts_to<keeper_alarm>>;

// -- edge

using uplink_actor = caf::typed_actor<
    // From the transport.
    caf::reacts_to<link_opened>, caf::reacts_to<link_frame>, caf::reacts_to<link_drained>,
    caf::reacts_to<link_closed>,
    // From the trainer, to be told to the server for certain, whenever there is a connection.
    caf::reacts_to<accept_task>, caf::reacts_to<decline_task>, caf::reacts_to<offer_update>,
    caf::reacts_to<evaluation_report>,
    // From the masker. A word that is none to a call goes with the offer of its round's update.
    caf::reacts_to<secure_task>, caf::reacts_to<secure_answer>, caf::reacts_to<secure_word>,
    // From the trainer; the newest is said on each connection.
    caf::reacts_to<edge_status>,
    // Answered later with model_fetched or model_not_fetched.
    caf::reacts_to<fetch_model>, caf::reacts_to<forget_model>, caf::reacts_to<send_update>,
    caf::reacts_to<stop_sending>, caf::reacts_to<std::shared_ptr<const edge_roles>>,
    // From the keeper's thread: nothing can be written, or it can again.
    caf::reacts_to<store_trouble>,
    // INTERNAL: time to renew the token, to look after the mailbox, to dial or to hang up.
    caf::reacts_to<token_alarm>, caf::reacts_to<mail_alarm>, caf::reacts_to<sync_alarm>>;

using model_shelf_actor = caf::typed_actor<
    // Puts a model on the shelf, where it outlives the process; old ones go.
    caf::reacts_to<model_fetched>,
    // A model from the shelf. Refused with unknown_model.
    caf::replies_to<fetch_model>::with<model_fetched>>;

using masker_actor = caf::typed_actor<
    // The server's words for a round whose sum is secure, and that it is over.
    caf::reacts_to<secure_invitation>, caf::reacts_to<secure_call>, caf::reacts_to<round_closed>,
    // From the trainer.
    caf::reacts_to<mask_update>, caf::reacts_to<std::shared_ptr<const edge_roles>>>;

using edge_trainer_actor = caf::typed_actor<
    caf::reacts_to<uplink_up>, caf::reacts_to<uplink_down>, caf::reacts_to<invitation>,
    caf::reacts_to<secure_invitation>, caf::reacts_to<task_masked>,
    caf::reacts_to<evaluation_request>, caf::reacts_to<update_grant>, caf::reacts_to<receipt>,
    caf::reacts_to<refused>, caf::reacts_to<round_closed>, caf::reacts_to<task_kept>,
    caf::reacts_to<model_fetched>, caf::reacts_to<model_not_fetched>,
    // From the worker.
    caf::reacts_to<task_trained>, caf::reacts_to<task_evaluated>, caf::reacts_to<task_failed>,
    // From the power monitor.
    caf::reacts_to<eligibility_changed>, caf::reacts_to<std::shared_ptr<const edge_roles>>,
    // INTERNAL: the task's lease may be over.
    caf::reacts_to<lease_alarm>>;

using training_worker_actor = caf::typed_actor<
    // Answered later with task_trained or task_failed; runs in a thread of its own.
    caf::reacts_to<train_task>,
    // Answered later with task_evaluated or task_failed.
    caf::reacts_to<evaluate_task>, caf::reacts_to<std::shared_ptr<const edge_roles>>>;

using power_monitor_actor = caf::typed_actor<caf::reacts_to<std::shared_ptr<const edge_roles>>,
                                             // INTERNAL: time to look again.
                                             caf::reacts_to<power_alarm>>;

// -- trustee

using trustee_actor = caf::typed_actor<
    // From the transport.
    caf::reacts_to<link_opened>, caf::reacts_to<link_frame>, caf::reacts_to<link_drained>,
    caf::reacts_to<link_closed>, caf::reacts_to<std::shared_ptr<const trustee_roles>>,
    // INTERNAL: time to renew the token.
    caf::reacts_to<token_alarm>>;

/// The roles of a server.
struct server_roles {
  coordinator_actor coordinator;
  round_scheduler_actor scheduler;
  client_selector_actor selector;
  aggregator_actor aggregator;
  evaluator_actor evaluator; ///< null without a held-out set
  gateway_actor gateway;
  keeper_actor keeper;
  sum_leader_actor sum_leader; ///< the aggregator, of a shared sum; else null
};

/// The roles of an edge.
struct edge_roles {
  uplink_actor uplink;
  edge_trainer_actor trainer;
  training_worker_actor worker;
  power_monitor_actor power;
  keeper_actor keeper;
  model_shelf_actor shelf; ///< null: models are not kept
  masker_actor masker;
  masker_actor sharer; ///< in the masker's place where several servers open the sum
};

/// The roles of a trustee.
struct trustee_roles {
  trustee_actor trustee;
  keeper_actor keeper;
};

} // namespace godwit

// clang-format off: a list, which it takes for an expression
#define GODWIT_LOCAL_MESSAGES(X)                                                                   \
  X(godwit::done)                                                                                  \
  X(godwit::link_opened)                                                                           \
  X(godwit::link_frame)                                                                            \
  X(godwit::link_drained)                                                                          \
  X(godwit::link_closed)                                                                           \
  X(godwit::link_rejected)                                                                         \
  X(godwit::edge_joined)                                                                           \
  X(godwit::edge_left)                                                                             \
  X(godwit::status_of_edge)                                                                        \
  X(godwit::renew_token)                                                                           \
  X(godwit::status_query)                                                                          \
  X(godwit::answer_of_edge)                                                                        \
  X(godwit::offer_of_edge)                                                                         \
  X(godwit::update_of_edge)                                                                        \
  X(godwit::spoiled_update)                                                                        \
  X(godwit::evaluation_of_edge)                                                                    \
  X(godwit::word_of_edge)                                                                          \
  X(godwit::secure_invitation)                                                                     \
  X(godwit::secure_call)                                                                           \
  X(godwit::secure_word)                                                                           \
  X(godwit::secure_task)                                                                           \
  X(godwit::secure_answer)                                                                         \
  X(godwit::mask_update)                                                                           \
  X(godwit::task_masked)                                                                           \
  X(godwit::edge_here)                                                                             \
  X(godwit::letters_state)                                                                         \
  X(godwit::letters_of_server)                                                                     \
  X(godwit::round_kept)                                                                            \
  X(godwit::store_trouble)                                                                         \
  X(godwit::to_edge)                                                                               \
  X(godwit::call_edge)                                                                             \
  X(godwit::serve_model)                                                                           \
  X(godwit::receive_update)                                                                        \
  X(godwit::drop_update)                                                                           \
  X(godwit::traffic_query)                                                                         \
  X(godwit::traffic)                                                                               \
  X(godwit::select_cohort)                                                                         \
  X(godwit::cohort_selected)                                                                       \
  X(godwit::start_round)                                                                           \
  X(godwit::begin_sum)                                                                             \
  X(godwit::add_update)                                                                            \
  X(godwit::sum_verdict)                                                                           \
  X(godwit::take_mean)                                                                             \
  X(godwit::round_mean)                                                                            \
  X(godwit::make_next_model)                                                                       \
  X(godwit::model_made)                                                                            \
  X(godwit::evaluate_model)                                                                        \
  X(godwit::model_evaluated)                                                                       \
  X(std::shared_ptr<const godwit::round_report>)                                                   \
  X(std::shared_ptr<const godwit::server_roles>)                                                   \
  X(std::shared_ptr<const godwit::edge_roles>)                                                     \
  X(godwit::round_progress)                                                                        \
  X(godwit::uplink_up)                                                                             \
  X(godwit::uplink_down)                                                                           \
  X(godwit::fetch_model)                                                                           \
  X(godwit::forget_model)                                                                          \
  X(godwit::model_fetched)                                                                         \
  X(godwit::model_not_fetched)                                                                     \
  X(godwit::send_update)                                                                           \
  X(godwit::stop_sending)                                                                          \
  X(godwit::accept_task)                                                                           \
  X(godwit::decline_task)                                                                          \
  X(godwit::offer_update)                                                                          \
  X(godwit::task_kept)                                                                             \
  X(godwit::edge_status)                                                                           \
  X(godwit::train_task)                                                                            \
  X(godwit::evaluate_task)                                                                         \
  X(godwit::task_trained)                                                                          \
  X(godwit::task_evaluated)                                                                        \
  X(godwit::task_failed)                                                                           \
  X(godwit::eligibility_changed)                                                                   \
  X(godwit::round_alarm)                                                                           \
  X(godwit::upload_alarm)                                                                          \
  X(godwit::job_alarm)                                                                             \
  X(godwit::power_alarm)                                                                           \
  X(godwit::token_alarm)                                                                           \
  X(godwit::lease_alarm)                                                                           \
  X(godwit::mail_alarm)                                                                            \
  X(godwit::sync_alarm)                                                                            \
  X(godwit::keep_records)                                                                          \
  X(godwit::restart_journal)                                                                       \
  X(godwit::keep_checkpoint)                                                                       \
  X(godwit::keep_release)                                                                          \
  X(godwit::letters_lost)                                                                          \
  X(godwit::keeper_alarm)                                                                          \
  X(godwit::write_alarm)                                                                           \
  X(godwit::trustee_here)                                                                          \
  X(godwit::trustee_left)                                                                          \
  X(godwit::to_trustee)                                                                            \
  X(godwit::piece_of_trustee)                                                                      \
  X(godwit::sum_alarm)                                                                             \
  X(std::shared_ptr<const godwit::trustee_roles>)                                                  \
  X(godwit::time_alarm)                                                                            \
  X(godwit::welcome)                                                                               \
  X(godwit::token_grant)                                                                           \
  X(godwit::status_reply)                                                                          \
  X(godwit::invitation)                                                                            \
  X(godwit::evaluation_request)                                                                    \
  X(godwit::update_grant)                                                                          \
  X(godwit::receipt)                                                                               \
  X(godwit::refused)                                                                               \
  X(godwit::round_closed)                                                                          \
  X(godwit::evaluation_report)
// clang-format on

// These stay inside a node: models and updates go by reference, and nothing here may be built from
// bytes.
#define GODWIT_X(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
GODWIT_LOCAL_MESSAGES(GODWIT_X)
#undef GODWIT_X

CAF_BEGIN_TYPE_ID_BLOCK(godwit, first_custom_type_id)
#define GODWIT_X(type) CAF_ADD_TYPE_ID(godwit, (type))
GODWIT_LOCAL_MESSAGES(GODWIT_X)
#undef GODWIT_X
CAF_END_TYPE_ID_BLOCK(godwit)
