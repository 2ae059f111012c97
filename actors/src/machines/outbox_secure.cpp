// An edge's part in a secure sum, as its mailbox keeps it: its seed, what it was called to, and
// that all of it goes when the sum needs it no more.
#include <algorithm>
#include <utility>

#include <godwit/actors/machines/outbox.hpp>

namespace godwit::outbox {

std::vector<effect> machine::accept(const invitation& task, secure_acceptance with, instant now) {
  std::vector<effect> out;
  if (task.round == over_)
    return out;
  auto records = begin_group(now);
  if (secure_)
    end_secure(secure_->round, records);
  task_ = held_task{task, now};
  update_.reset();
  secure_ = secure_part{
      task.round, std::move(with.terms), std::move(with.seed), std::move(with.evidence), {}, {}};
  records.add(noted::secure_task_taken{task, secure_->terms, as_text(secure_->seed->reveal()),
                                       secure_->evidence});
  records.then.task = task.round;
  post(invitation_answer{.round = task.round, .accepts = 1, .reason = {}}, records, out);
  if (!with.advert.empty()) // a shared sum asks for none
    post(secure_word{.round = task.round,
                     .step = static_cast<std::uint8_t>(secure_step::advert),
                     .content = std::move(with.advert),
                     .evidence = secure_->evidence},
         records, out);
  finish(std::move(records), out);
  return out;
}

std::vector<effect> machine::answer(const secure_call& call, std::optional<secure_word> with,
                                    instant now) {
  std::vector<effect> out;
  if (!secure_ || secure_->round != call.round)
    return out;
  auto records = begin_group(now);
  if (with)
    post(std::move(*with), records, out);
  if (secure_step{call.step} == secure_step::unmask_request) {
    end_secure(call.round, records);
  } else if (std::ranges::none_of(secure_->calls, [&](const auto& x) {
               return x.step == call.step &&
                      std::ranges::equal(x.content.view(), call.content.view());
             })) { // else it was said again after a reconnect
    secure_bytes_ += 2 * call.content.size();
    secure_->calls.push_back(call);
    records.add(noted::secure_call_taken{call.round, call.step, as_text(call.content.view())});
  }
  finish(std::move(records), out);
  return out;
}

void machine::end_secure(round_id round, group& into) {
  if (!secure_ || secure_->round != round)
    return;
  secure_.reset();
  secure_bytes_ = 0;
  has_dead_secrets_ = true;
  into.add(noted::secure_over{round});
}

void machine::add_secure(instant now, std::vector<journal_record>& made) const {
  const auto add = [&made](instant at, edge_record what) {
    made.push_back({encode(edge_line{at, std::move(what)}), {}});
  };
  const bool has_task = task_ && task_->task.round == secure_->round;
  invitation over; // of a task that is; its secrets are needed yet
  over.round = secure_->round;
  add(has_task ? task_->taken_at : now,
      noted::secure_task_taken{has_task ? task_->task : over, secure_->terms,
                               as_text(secure_->seed->reveal()), secure_->evidence});
  for (const auto& call : secure_->calls)
    add(now, noted::secure_call_taken{call.round, call.step, as_text(call.content.view())});
  if (secure_->body)
    add(now, noted::secure_body_made{secure_->round, *secure_->body});
  if (!has_task)
    add(now, noted::task_over{secure_->round});
}

} // namespace godwit::outbox
