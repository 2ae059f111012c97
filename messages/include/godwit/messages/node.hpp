// What the actors of one node say to each other. None of it can be said over a link between two
// owners. (length: who says what to whom is to be seen in one place)
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/fields.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/journal.hpp>
#include <godwit/messages/link.hpp>
#include <godwit/messages/refusal.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/secure_round.hpp>
#include <godwit/messages/time.hpp>
#include <godwit/messages/tree_place.hpp>
#include <godwit/messages/trustee.hpp>

namespace godwit {

// -- a link, as the shells at its two ends see it

/// Who the TLS handshake says is at the other end.
struct link_opened {
  std::uint64_t link = 0;
  role who = role::edge;
  std::string certificate_name;
  sha256_digest fingerprint{};
  std::string address;
};
struct link_frame {
  std::uint64_t link = 0;
  std::uint16_t kind = 0;
  bytes head;
  shared_bytes body;
};
/// Everything bulky that was given to the link is on its way: time for more.
struct link_drained {
  std::uint64_t link = 0;
};
struct link_closed {
  std::uint64_t link = 0;
  std::string reason;
  bool breaks_rules = false; ///< closed because of a frame that no peer of ours sends
};
/// A connection that never became a link.
struct link_rejected {
  std::string address;
  std::string reason;
};

// -- server: gateway -> coordinator

/// Answered with `welcome`, or a refusal.
struct edge_joined {
  hello greeting;
  std::string certificate_name;
  sha256_digest fingerprint{};
};
struct edge_left {
  client_id client;
};
struct status_of_edge {
  client_id client;
  edge_status status;
};
/// Answered with `token_grant`.
struct renew_token {
  client_id client;
  sha256_digest fingerprint{};
};
/// Answered with `status_reply`.
struct status_query {};

// -- server: gateway -> round scheduler. Each is answered with `done`, or a refusal that goes back
// to the edge.

// `mailbox`: the edge's, whose letter it is.

struct answer_of_edge {
  client_id client;
  invitation_answer answer;
  mailbox_id mailbox = 0;
};
struct offer_of_edge {
  client_id client;
  update_offer offer;
  mailbox_id mailbox = 0;
};
/// The update's bytes are complete and match their digest.
struct update_of_edge {
  client_id client;
  round_id round;
  shared_bytes content;
};
/// What an edge says for the secure sum.
struct word_of_edge {
  client_id client;
  secure_word word;
  mailbox_id mailbox = 0;
};
struct spoiled_update {
  client_id client;
  round_id round;
  refusal why = refusal::wrong_checksum;
};
struct evaluation_of_edge {
  client_id client;
  evaluation_report report;
  mailbox_id mailbox = 0;
};

/// An edge is there: enrolled, its link known. Answered with `letters_state`; behind the answer
/// comes what is said to it again.
struct edge_here {
  client_id client;
  mailbox_id mailbox = 0;        ///< its own
  mailbox_id server_mailbox = 0; ///< whose letters it has taken
  std::uint64_t heard = 0;       ///< the newest of them
};
struct letters_state {
  mailbox_id mailbox = 0;  ///< the server's
  std::uint64_t heard = 0; ///< the newest of the edge's letters that is durable
};
/// The edge has taken the server's letters up to this number. Answered with `done`, or a refusal.
struct letters_of_server {
  client_id client;
  std::uint64_t number = 0;
};

// -- server: anybody -> gateway

struct to_edge {
  client_id client;
  server_message message;
};
/// Goes in pieces, behind what the edge was called for before.
struct call_edge {
  client_id client;
  secure_call call;
};
/// From now on this model is served, and the one before it; older ones are dropped.
struct serve_model {
  model_id id;
  shared_bytes content;
};
/// Tell the edge to upload, and receive it.
struct receive_update {
  client_id client;
  round_id round;
  model_id update;
};
/// Drop what has arrived of it.
struct drop_update {
  client_id client;
  round_id round;
};
/// Answered with `traffic`.
struct traffic_query {};
struct traffic {
  std::uint64_t bytes_up = 0, bytes_down = 0; ///< bodies of updates and models, since the start
  std::uint64_t refused_count = 0;            ///< messages and connections
  static auto fields(auto& self, auto&& visit) {
    return visit(self.bytes_up, self.bytes_down, self.refused_count);
  }
};

// -- server: coordinator <-> selector, scheduler, aggregator, evaluator

/// gateway -> coordinator and sum leader: a trustee was welcomed.
struct trustee_here {
  std::string name;
  sha256_digest sealing_key{};
  std::string evidence;
};
/// gateway -> coordinator and sum leader
struct trustee_left {
  std::string name;
};
/// One word about a shared sum.
struct sum_word {
  round_id round;
  std::uint64_t attempt = 0;
  sum_step step = sum_step::terms;
  unsigned server = 0; ///< as in sum_piece
  shared_bytes content;
};
/// sum leader -> gateway: say this, if it is there, behind what was said before.
struct to_trustee {
  std::string name;
  sum_word word;
};
/// gateway -> sum leader: a piece of one of its words. How long a word may be, the terms say.
struct piece_of_trustee {
  std::string name;
  sum_piece piece;
  shared_bytes body;
};

struct select_cohort {
  round_id round;
  std::vector<client_id> clients;
  std::vector<std::uint64_t> example_counts; ///< of the client at the same place
};
struct cohort_selected {
  round_id round;
  std::vector<client_id> invited;
  std::vector<client_id> reserve;
};
struct start_round {
  round_id round;
  std::vector<client_id> invited;
  std::vector<client_id> reserve;
  bool evaluates = false;
  model_id model;
  std::vector<trustee_here> trustees{}; ///< of a shared sum, in the plan's order
};
/// scheduler -> coordinator, whenever something changed
struct round_progress {
  round_id round;
  std::string phase;
  std::uint32_t invited = 0, accepted = 0, reported = 0;
  instant deadline{}; ///< by the actors' clock
};
/// coordinator -> scheduler: the round's checkpoint is durable.
struct round_kept {
  round_id round;
};
/// scheduler -> coordinator: this edge has taken letters that this server knows nothing of. What it
/// goes by is older than what it was.
struct letters_lost {
  client_id client;
};
/// keeper -> coordinator or uplink: the disk takes nothing, and why; or, empty, it does again.
struct store_trouble {
  std::string why;
};
/// scheduler -> aggregator
struct begin_sum {
  round_id round;
  std::string terms{}; ///< of a shared sum
};
/// Answered with `sum_verdict`.
struct add_update {
  client_id client;
  round_id round;
  std::uint64_t weight = 0;
  shared_bytes content;
};
struct sum_verdict {
  client_id client;
  round_id round;
  std::optional<refusal> why_not;
};
/// What a secure sum is opened with.
struct sum_opening;

/// Answered with `round_mean`. Ends the sum.
struct take_mean {
  round_id round;
  std::shared_ptr<const sum_opening> opening; ///< of a secure sum; else null
  duration left{}; ///< of a shared sum: then it is given up, if it is not open
};
/// Where the norm adapts itself that updates are cut to.
struct clip_norms {
  double now = 0;  ///< of the round's updates
  double next = 0; ///< of the next round's
};
struct round_mean {
  round_id round;
  std::shared_ptr<std::vector<float>> mean; ///< the receiver's alone; null: what a secure sum was
                                            ///< opened to is none of such updates
  std::optional<double> loss{};             ///< of a secure sum: the mean training loss
  std::string why_not{};                    ///< with null, where more can be said
  std::optional<clip_norms> clip{};
  std::optional<tree_place> place{}; ///< where the noise is a tree's
};
/// scheduler -> coordinator: the mean is there. Answered with `model_made`, once the new model is
/// served.
struct make_next_model {
  round_id round;
  std::shared_ptr<std::vector<float>> mean; ///< becomes the next model
  std::optional<clip_norms> clip{};
  std::optional<tree_place> place{};
};
struct model_made {
  round_id round;
  model_id model;
};
/// coordinator -> evaluator: how good is this model on the held-out set? Answered with
/// `model_evaluated`.
struct evaluate_model {
  round_id round;
  std::shared_ptr<const std::vector<float>> parameters;
};
struct model_evaluated {
  round_id round;
  std::optional<evaluation> result;
  std::string why_not; ///< where there is no result
};

// -- anybody -> keeper. Each is answered with `done` once it is durable, in the order of asking.

struct keep_records {
  std::vector<journal_record> records;
};
/// The journal starts anew with these in the place of all that is there.
struct restart_journal {
  std::vector<journal_record> records;
};
/// A round is over: this is what is kept of it, and the journal starts anew behind it.
struct keep_checkpoint {
  std::shared_ptr<const checkpoint> state;
  std::shared_ptr<const std::vector<float>> parameters; ///< in the place of the checkpoint's own
};
/// A line of the privacy ledger, behind all that it holds: what it says leaves behind the answer.
struct keep_release {
  bytes line;
};

// -- edge: trainer <-> uplink, worker, power monitor

/// Enrolled, now or again.
struct uplink_up {
  bool is_new_server = false; ///< another mailbox than the last one: it knows nothing of what was
};
struct uplink_down {};
struct fetch_model {
  model_id model;
};
struct forget_model {
  model_id model;
};
struct model_fetched {
  model_id model;
  shared_bytes content;
};
struct model_not_fetched {
  model_id model;
};
struct send_update {
  round_id round;
  shared_bytes content;
};
struct stop_sending {};
// trainer -> uplink: letters. What goes with them is kept in the same breath, so that neither is
// without the other after a crash. An evaluation_report is one, too.

/// The task is taken and worked on. Answered later with task_kept.
struct accept_task {
  invitation task;
};
/// The task is not taken, or given up.
struct decline_task {
  round_id round;
  std::string reason;
};
struct offer_update {
  update_offer offer;
  shared_bytes content;
  std::optional<noted::examples_told> examples{}; ///< what the update tells of them
  std::optional<noted::updates_told> updates{};   ///< what it tells of the edge
};
/// uplink -> trainer: the task will be there after a crash; the work may begin.
struct task_kept {
  round_id round;
};

// -- edge: the masker, between uplink and trainer where a round's sum is secure

/// masker -> uplink: what is said with the acceptance of this task. The trainer gets the invitation
/// next.
struct secure_task {
  secure_invitation invited;
  std::shared_ptr<const secret> seed;
  std::string advert;
  std::string evidence;
};
/// masker -> uplink: the call was taken; keep it, and say the answer, if there is one.
struct secure_answer {
  secure_call call;
  std::optional<secure_word> word;
};
/// trainer -> masker. Answered later with task_masked, as soon as the neighbours' shares are here.
struct mask_update {
  std::uint64_t turn = 0;
  update_offer offer;
  shared_bytes content;
};
struct task_masked {
  std::uint64_t turn = 0;
  update_offer offer; ///< says nothing about the examples any more
  shared_bytes content;
};

/// trainer -> worker. `turn` comes back with the answer: it tells a task's answer from that of one
/// that was given up.
struct train_task {
  std::uint64_t turn = 0;
  invitation task;
  shared_bytes model;
};
struct evaluate_task {
  std::uint64_t turn = 0;
  evaluation_request task;
  shared_bytes model;
};
/// worker -> trainer
struct task_trained {
  std::uint64_t turn = 0;
  update_offer offer;
  shared_bytes content;
};
struct task_evaluated {
  std::uint64_t turn = 0;
  evaluation_report report;
};
struct task_failed {
  std::uint64_t turn = 0;
  round_id round;
  std::string detail;
};
/// power monitor -> trainer
struct eligibility_changed {
  std::string reason; ///< empty: may work
  std::string power_mode;
};

// -- who is who: sent once to each role of a node, before anything else

struct server_roles;
struct edge_roles;
struct trustee_roles;

// -- a shell's own timers

struct round_alarm {
  round_id round;
};
struct upload_alarm {
  round_id round;
  client_id client;
};
struct job_alarm {};
struct power_alarm {};
struct token_alarm {};
struct lease_alarm {};
struct mail_alarm {};
struct sync_alarm {};
struct keeper_alarm {};
struct write_alarm {};
struct time_alarm {};
struct sum_alarm {
  round_id round;
};

} // namespace godwit
