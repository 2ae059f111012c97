// What does an edge have to say and to remember, so that neither a lost link nor its own death
// loses it? The durable mailbox of an edge, and its task beside it. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <godwit/actors/machines/example_budget.hpp>
#include <godwit/actors/machines/mailbox.hpp>
#include <godwit/actors/machines/training.hpp>
#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/journal.hpp>
#include <godwit/messages/link.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit::outbox {

/// A task, and when it was taken, by the edge's own time.
struct held_task {
  invitation task;
  instant taken_at{};
};

/// This edge's part in a sum that the server cannot look into. Its secrets come from the seed, so
/// they are there again after a crash.
struct secure_part {
  round_id round;
  std::string terms;
  std::shared_ptr<const secret> seed;
  std::string evidence{};            ///< that went beside its advert
  std::vector<secure_call> calls;    ///< that were taken, in order
  std::optional<sha256_digest> body; ///< of the masked vector, once it is made
};

/// What an update tells, where it hides what it was made of.
struct disclosure {
  std::optional<noted::examples_told> examples{};
  std::optional<noted::updates_told> updates{};
};

/// What is said with an acceptance, where the sum is secure.
struct secure_acceptance {
  std::string terms;
  std::shared_ptr<const secret> seed;
  std::string advert;
  std::string evidence;
};

/// What an edge's journal amounts to. The task is there beside its update, too.
struct past {
  client_id client;       ///< whose journal it is
  mailbox_id mailbox = 0; ///< of the edge's letters; 0: the journal is empty
  mailbox::outgoing_past letters;
  mailbox_id server_mailbox = 0; ///< of the server's letters; 0: none yet
  std::uint64_t heard = 0;       ///< the newest of them whose effect is durable
  std::optional<held_task> task;
  std::optional<training::trained_update> update;
  std::optional<secure_part> secure; ///< may outlive the task: until the sum is opened
  training::accounts told;           ///< of the edge and its examples, for good
  std::string update_lost; ///< why the update's bytes could not be read, if so; the task is there
  instant last{};          ///< the edge's time goes on from here
  std::uint64_t journal_bytes = 0; ///< about
};

/// Reads a journal. `body` gives a record's body by its place; it is asked for one at most. Fails
/// where a line is none of an edge's.
attempt<past> recall(std::span<const found_record> records,
                     const std::function<attempt<shared_bytes>(std::uint64_t place)>& body);

/// What is true once a group of records is durable.
struct settled {
  std::uint64_t letter = 0; ///< the newest letter in it; 0: none
  mailbox_id from = 0;      ///< whose letters were heard, up to `heard`
  std::uint64_t heard = 0;
  round_id task; ///< the task that was taken; 0: none
};

// -- effects

/// Keep these, behind what is there or (`restarts`) in its place; then say `kept(then)`. Groups are
/// kept in the order of the effects.
struct write {
  std::vector<journal_record> records;
  settled then;
  bool restarts = false;
};
/// Over the link.
struct send {
  edge_message message;
};
/// The server's word for the trainer.
struct pass_on {
  std::variant<receipt, refused, round_closed> word;
};
/// The task will outlive the process.
struct work_may_begin {
  round_id round;
};
/// People should know: this was never said.
struct report_drop {
  std::string message; ///< its name
  std::uint64_t number = 0;
  mailbox::drop_reason why{};
};
/// The server acknowledges what was never sent: one of the two has lost its disk. The mailbox has a
/// new id; it is told with the next hello.
struct hang_up {};
using effect = std::variant<write, send, pass_on, work_may_begin, report_drop, hang_up>;

/// One edge's letters and its task. Whatever prefix of the groups that it gave out survives a
/// crash, `recall` finds a state from which all goes on: each letter arrives once, none of the
/// server's has its effect twice, and an update that was kept is not trained again.
class machine {
public:
  /// Goes on from `what_was`. `seed` must be random: mailbox ids are drawn from it.
  machine(const mailbox::plan& rules, client_id client, past what_was, std::uint64_t seed);
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Once, before anything else.
  std::vector<effect> begin(instant now);

  // -- the trainer's words. Reasons are cut to what a message may hold. A word about a task that
  // the server has ended meanwhile changes nothing.
  std::vector<effect> accept(const invitation& task, instant now);
  std::vector<effect> accept(const invitation& task, secure_acceptance with, instant now);
  std::vector<effect> decline(round_id round, std::string reason, instant now);
  /// A call for the secure sum was taken, and (where there is one) this is the answer. Both are
  /// kept in one breath: after a crash the same is not answered otherwise. With the answer to
  /// unmask_request all secrets of the round go.
  std::vector<effect> answer(const secure_call& call, std::optional<secure_word> with, instant now);
  /// `proof`: of a masked update, where the sum asks for one; it is said before the offer. `told`:
  /// by the update; it is kept in front of it, so that a crash leaves no update that nothing was
  /// charged for.
  std::vector<effect> offer(training::trained_update update, instant now,
                            std::optional<secure_word> proof = {}, const disclosure& told = {});
  std::vector<effect> report(const evaluation_report& report, instant now);

  // -- the link
  /// Fills in what a hello says of the letters.
  void sign(hello& greeting) const;
  std::vector<effect> welcomed(const welcome& in, instant now);
  /// Whether the last welcome was of another server than the one before it.
  bool is_new_server() const noexcept { return is_new_server_; }
  void lost() noexcept { letters_.disconnected(); }
  /// An invitation goes to the trainer: an answer to it is on its way from now on.
  void invited(const invitation&) noexcept { over_ = {}; }
  std::vector<effect> hear(const letters_taken& in, instant now);
  // Letters; one without a stamp is taken as often as it comes.
  std::vector<effect> hear(const receipt& in, instant now);
  std::vector<effect> hear(const refused& in, instant now);
  std::vector<effect> hear(const round_closed& in, instant now);

  /// A group of records is durable.
  std::vector<effect> kept(const settled& what, instant now);
  /// To be called at `wake_at`.
  std::vector<effect> look_after(instant now);
  std::optional<instant> wake_at() const noexcept { return letters_.wake_at(); }

  std::size_t pending_count() const noexcept { return letters_.pending_count(); }

private:
  /// Records that are kept together, and what is true then.
  struct group {
    instant now;
    std::vector<journal_record> records;
    settled then;
    void add(edge_record what, shared_bytes body = {});
  };

  group begin_group(instant now);
  std::vector<effect> take(std::variant<receipt, refused, round_closed> word, stamp place,
                           round_id round, instant now);
  std::uint64_t post(const edge_message& message, group& into, std::vector<effect>& out);
  void drop_all(const std::vector<mailbox::drop>& dropped, group& into, std::vector<effect>& out);
  bool end_task(round_id round, group& into);
  void end_secure(round_id round, group& into);
  std::vector<effect> begin_anew(instant now);
  void rename(group& into);
  /// Gives the group out; where the journal is mostly dead, all that lives in its place.
  void finish(group&& done, std::vector<effect>& out);
  std::vector<journal_record> living(instant now) const;
  void add_secure(instant now, std::vector<journal_record>& made) const;
  std::uint64_t living_bytes() const;

  mailbox::plan rules_;
  client_id client_;
  mailbox_id mailbox_ = 0;
  mailbox::outgoing letters_;
  mailbox::incoming from_server_;
  mailbox_id server_ = 0; ///< whose letters come over the link
  bool is_new_server_ = false;
  std::optional<held_task> task_;
  std::optional<training::trained_update> update_; ///< of the task
  instant trained_at_{};
  std::optional<secure_part> secure_;
  std::uint64_t secure_bytes_ = 0; ///< of its calls, in the journal
  bool has_dead_secrets_ = false;  ///< in the journal, which begins anew with the next group
  training::accounts told_;
  round_id over_; ///< the server has ended it since the last invitation
  // What need not be durable soon goes with the next group.
  std::optional<noted::letters_taken> taken_waits_;
  bool server_waits_ = false;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t journal_bytes_ = 0; ///< about
  std::uint64_t seed_;
};

} // namespace godwit::outbox
