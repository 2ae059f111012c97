// How is done what the outbox wants done?
#include <algorithm>
#include <utility>

#include "state.hpp"

namespace godwit::uplinks {

namespace {

// -- one overload for each effect

void perform(self_ptr self, const outbox::write& x) {
  auto& keeper = self->state.roles->keeper;
  auto then = [self, what = x.then](done) {
    act(self, self->state.outbox->kept(what, edge_time(self)));
  };
  if (x.restarts)
    self->request(keeper, caf::infinite, restart_journal{x.records})
        .then(std::move(then), expect_no_refusal);
  else
    self->request(keeper, caf::infinite, keep_records{x.records})
        .then(std::move(then), expect_no_refusal);
}
void perform(self_ptr self, const outbox::send& x) {
  if (self->state.is_enrolled)
    say(self, x.message);
}
void perform(self_ptr self, const outbox::pass_on& x) {
  if (const auto* no = std::get_if<refused>(&x.word))
    self->state.setup.log->warn("message.refused",
                                {{"why", no->why}, {"round", no->round}, {"detail", no->detail}});
  std::visit([self](const auto& word) { self->send(self->state.roles->trainer, word); }, x.word);
  if (const auto* over = std::get_if<round_closed>(&x.word)) {
    self->send(self->state.roles->masker, *over);
    self->send(self->state.roles->sharer, *over);
  }
}
void perform(self_ptr self, const outbox::work_may_begin& x) {
  self->send(self->state.roles->trainer, task_kept{x.round});
}
void perform(self_ptr self, const outbox::report_drop& x) {
  self->state.setup.log->warn("letter.dropped", {{"message", x.message},
                                                 {"number", x.number},
                                                 {"why", x.why},
                                                 {"dropped_count", ++self->state.dropped_count}});
}
void perform(self_ptr self, const outbox::hang_up&) {
  self->state.setup.log->warn("mailbox.renamed");
  self->state.setup.links->close(self->state.link, "the letters are counted anew");
}

} // namespace

void act(self_ptr self, const std::vector<outbox::effect>& effects) {
  for (const auto& effect : effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
  auto& state = self->state;
  const auto when = state.outbox->wake_at();
  if (when && (!state.wakes_at || *when < *state.wakes_at)) {
    state.wakes_at = when;
    self->delayed_send(self, std::max(*when - edge_time(self), duration{}), mail_alarm{});
  }
}

void look_after_mail(self_ptr self) {
  auto& state = self->state;
  if (!state.wakes_at || edge_time(self) < *state.wakes_at)
    return; // an alarm that an earlier one made needless
  state.wakes_at.reset();
  act(self, state.outbox->look_after(edge_time(self)));
}

} // namespace godwit::uplinks
