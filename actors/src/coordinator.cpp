#include <godwit/actors/coordinator.hpp>

#include <cmath>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/messages/server_journal.hpp>
#include <godwit/privacy/digest.hpp>

#include "coordinator_state.hpp"

namespace godwit {
namespace {

using self_ptr = coordinator_actor::stateful_pointer<coordinator_state>;

instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

duration elapsed(self_ptr self) {
  return self->state.elapsed(now(self));
}

shared_bytes content_of(const parameters_ptr& parameters) {
  return {parameters, std::as_bytes(std::span(*parameters))};
}

model_id id_of(const parameters_ptr& parameters) {
  const auto content = content_of(parameters);
  return {sha256(content.view()), content.size()};
}

void feed(self_ptr self, const job::input& in);

// -- one overload for each effect of the job machine

void perform(self_ptr self, const job::open_round& x) {
  auto& state = self->state;
  state.made.reset();
  state.end = {};
  state.before = state.now;
  select_cohort question{.round = x.round, .clients = {}, .example_counts = {}};
  for (auto& there : state.members.candidates()) {
    question.clients.push_back(there.client);
    question.example_counts.push_back(there.example_count);
  }
  self->request(state.roles->selector, caf::infinite, std::move(question))
      .then(
          [self](const cohort_selected& chosen) {
            auto& here = self->state;
            const auto every = here.setup.federated_evaluate_every;
            self->request(here.roles->scheduler, caf::infinite,
                          start_round{chosen.round, chosen.invited, chosen.reserve,
                                      every > 0 && chosen.round.value % every == 0, here.current_id,
                                      here.trustees.present()})
                .then([](done) {}, expect_no_refusal);
            for (const auto& client : chosen.invited) // gone while the selector was at work
              if (!here.members.is_present(client))
                self->send(here.roles->scheduler, edge_left{client});
          },
          expect_no_refusal);
}
void perform(self_ptr self, const job::wake_at& x) {
  self->delayed_send(self, std::max(x.when - now(self), instant{}), job_alarm{});
}
void perform(self_ptr self, const job::finish& x) {
  auto& state = self->state;
  state.setup.log->info("job.finished", {{"reason", x.reason}, {"rounds", state.job.last_round()}});
  state.shown.note = x.reason;
  state.setup.observer->finished(x.reason, *state.current);
}

void feed(self_ptr self, const job::input& in) {
  auto effects = self->state.job.apply(in, now(self));
  if (!effects) {
    self->state.setup.log->warn("job.input_refused", {{"why", effects.why()}});
    return;
  }
  for (const auto& effect : *effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
}

/// Nobody can be invited to a sum that nobody could open.
std::size_t candidate_count(const coordinator_state& state) {
  return state.trustees.is_complete() ? state.members.candidate_count() : 0;
}

job::budget budget_of(const coordinator_state& state) {
  return {.spent_count = state.members.spent_count(), .left_count = state.members.left_count()};
}

void count_edges(self_ptr self) {
  feed(self, job::edges_present{candidate_count(self->state), budget_of(self->state)});
}

bool is_last_round(const coordinator_state& state) {
  return state.job.committed_count() + 1 >= state.job.rules().round_count;
}

/// The sum is complete: makes the next model, in the mean's place, and has it served. It counts
/// when the round is committed.
model_made make(self_ptr self, const make_next_model& in) {
  auto& state = self->state;
  state.setup.step->apply(*state.current, *in.mean);
  state.made = in.mean;
  state.end.clip = in.clip;
  state.end.place = in.place;
  state.made_id = id_of(state.made);
  self->send(state.roles->gateway, serve_model{state.made_id, content_of(state.made)});
  const auto every = state.setup.evaluate_every;
  if (state.roles->evaluator &&
      (is_last_round(state) || (every > 0 && in.round.value % every == 0))) {
    state.end.awaits_evaluation = true;
    self->send(state.roles->evaluator, evaluate_model{in.round, state.made});
  }
  return {in.round, state.made_id};
}

/// What is to be kept beside the model.
checkpoint checkpoint_of(self_ptr self) {
  auto& state = self->state;
  auto kept = state.setup.state;
  kept.server_time_ns = static_cast<std::uint64_t>(state.end.report->at.count());
  kept.mail = state.end.report->mail;
  kept.abandoned_in_a_row =
      state.end.report->end.committed ? 0 : state.job.abandoned_in_a_row() + 1;
  kept.round = state.end.report->end.round;
  kept.committed_count = state.job.committed_count() + (state.end.report->end.committed ? 1 : 0);
  kept.elapsed_ns = static_cast<std::uint64_t>(elapsed(self).count());
  kept.bytes_up = state.earlier.bytes_up + state.now.bytes_up;
  kept.bytes_down = state.earlier.bytes_down + state.now.bytes_down;
  kept.members = state.members.members();
  kept.present_count = static_cast<std::uint32_t>(state.members.present_count());
  return kept;
}

/// The round is durable: all may be told, and the next one may begin.
void go_on(self_ptr self) {
  auto& state = self->state;
  const auto& end = state.end.report->end;
  self->send(state.roles->scheduler, round_kept{end.round});
  state.setup.log->debug("round.closed", {{"round", end.round},
                                          {"committed", end.committed},
                                          {"reason", end.reason},
                                          {"model", hex(state.current_id.sha256)}});
  std::optional<double> accuracy;
  if (state.end.central) {
    accuracy = state.end.central->accuracy();
    state.shown.has_accuracy = 1;
    state.shown.accuracy = *accuracy;
  }
  feed(self, job::round_ended{end.round, end.committed, accuracy, candidate_count(state),
                              budget_of(state)});
}

/// Everything about the round is known. Its record is written first: one that a crash leaves
/// without a checkpoint is taken back at the next start, but none is ever missing.
void end_round(self_ptr self) {
  auto& state = self->state;
  const auto& end = state.end.report->end;
  if (end.committed) {
    state.current = state.made;
    state.current_id = state.made_id;
  }
  const auto& clip = state.end.clip;
  if (clip) // whatever became of the round: the aggregator goes on with it
    state.setup.state.clip_norm = clip->next;
  const traffic during{state.now.bytes_up - state.before.bytes_up,
                       state.now.bytes_down - state.before.bytes_down,
                       state.now.refused_count - state.before.refused_count};
  state.setup.observer->round_over({end, state.end.central, during, state.current_id, elapsed(self),
                                    state.setup.privacy.epsilon(),
                                    clip ? std::optional(clip->now) : std::nullopt,
                                    sum_variance(state.setup.privacy.rules(), end)});
  self->request(state.roles->keeper, caf::infinite,
                keep_checkpoint{std::make_shared<checkpoint>(checkpoint_of(self)), state.current})
      .then([self](done) { go_on(self); }, expect_no_refusal);
}

void end_when_known(self_ptr self) {
  auto& end = self->state.end;
  if (!end.report || !end.knows_traffic || end.is_being_kept)
    return;
  if (end.report->end.committed && end.awaits_evaluation)
    return;
  end.is_being_kept = true;
  end_round(self);
}

void note_losses(coordinator_state& state, const round::finish& end) {
  double sum = 0, weight = 0;
  for (const auto& [client, who] : end.cohort)
    if (who.at == round::progress::reported) {
      sum += who.loss * static_cast<double>(who.example_count);
      weight += static_cast<double>(who.example_count);
    }
  if (weight > 0 && std::isfinite(sum)) {
    state.shown.has_loss = 1;
    state.shown.loss = sum / weight;
  }
}

/// Four fifths of the budget: time to say so.
void warn_of_end(const coordinator_state& state, double before) {
  const auto& budget = state.setup.privacy;
  const double now = *budget.epsilon();
  const double mark = 0.8 * budget.limit()->epsilon;
  if (before < mark && now >= mark)
    state.setup.log->warn(
        "privacy.budget_low",
        {{"epsilon", now}, {"of", budget.limit()->epsilon}, {"delta", budget.limit()->delta}});
}

/// Who was in the sum that was released has spent a part of its budget.
void charge(coordinator_state& state, const round::finish& end) {
  if (!state.setup.privacy.limit())
    return;
  const double before = *state.setup.privacy.epsilon();
  for (const auto& client : state.setup.privacy.charge(end, state.end.place))
    state.members.spend(client);
  warn_of_end(state, before);
}

/// The report as it may be told.
std::shared_ptr<const round_report> tellable(const coordinator_state& state,
                                             const std::shared_ptr<const round_report>& report) {
  if (!state.setup.privacy.limit())
    return report;
  auto made = std::make_shared<round_report>(*report);
  forget_figures(made->end);
  return made;
}

void close_round(self_ptr self, const std::shared_ptr<const round_report>& report) {
  self->state.end.report = tellable(self->state, report);
  charge(self->state, report->end);
  note_losses(self->state, report->end);
  self->request(self->state.roles->gateway, caf::infinite, traffic_query{})
      .then(
          [self](const traffic& total) {
            self->state.now = total;
            self->state.end.knows_traffic = true;
            end_when_known(self);
          },
          expect_no_refusal);
}

welcome welcome_to(self_ptr self, const edge_joined& in) {
  auto& state = self->state;
  self->send(self, job_alarm{}); // counted behind the welcome, so that no invitation overtakes it
  return welcome{.server = state.setup.server_name,
                 .job = state.setup.state.job,
                 .token = state.setup.tokens->issue(in.greeting.client, in.fingerprint),
                 .token_seconds =
                     static_cast<std::uint32_t>(state.setup.tokens->lifetime().count())};
}

/// A name that is new is bound to its certificate before its holder hears of it.
caf::result<welcome> enrol(self_ptr self, const edge_joined& in) {
  auto& state = self->state;
  const bool is_new = !state.members.entries().contains(in.greeting.client);
  if (auto enrolled = state.members.enrol(in.greeting, in.certificate_name, in.fingerprint);
      !enrolled) {
    state.setup.log->warn("edge.refused",
                          {{"client", in.greeting.client}, {"why", enrolled.why()}});
    return as_error(enrolled.why());
  }
  state.setup.log->info("edge.enrolled", {{"client", in.greeting.client},
                                          {"examples", in.greeting.example_count},
                                          {"present", state.members.present_count()}});
  if (!is_new)
    return welcome_to(self, in);
  auto promise = self->make_response_promise<welcome>();
  const journal_record line{encode(server_line{.at = {},
                                               .client = in.greeting.client,
                                               .mailbox = 0,
                                               .what = written::member_bound{in.fingerprint}}),
                            {}};
  self->request(state.roles->keeper, caf::infinite, keep_records{{line}})
      .then([self, promise, in](done) mutable { promise.deliver(welcome_to(self, in)); },
            [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

/// Looks at the traffic first: what was refused shows at once, not only when a round is over.
caf::result<status_reply> answer_status(self_ptr self) {
  auto promise = self->make_response_promise<status_reply>();
  self->request(self->state.roles->gateway, caf::infinite, traffic_query{})
      .then(
          [self, promise](const traffic& total) mutable {
            promise.deliver(status_of(self->state, total, now(self)));
          },
          [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

void begin(self_ptr self, const std::shared_ptr<const server_roles>& roles) {
  auto& state = self->state;
  state.roles = roles;
  self->send(roles->gateway, serve_model{state.current_id, content_of(state.current)});
  if (auto* over = std::get_if<job::finished>(&state.job.current())) {
    const auto reason = over->reason;
    perform(self, job::finish{reason});
  }
}

void set_up(self_ptr self, coordinator_setup setup) {
  auto& state = self->state;
  state.trustees = trustee_roll(setup.trustees);
  state.members = membership::machine(setup.membership, setup.state.members);
  for (const auto& [client, spent] : setup.privacy.spent())
    if (setup.privacy.is_spent(client))
      state.members.spend(client);
  state.job = job::machine(setup.job, {.last = setup.state.round,
                                       .committed_count = setup.state.committed_count,
                                       .abandoned_in_a_row = setup.state.abandoned_in_a_row,
                                       .is_open = setup.resumes_round,
                                       .present_count = setup.state.present_count});
  state.current = std::make_shared<std::vector<float>>(std::move(setup.state.parameters));
  state.current_id = id_of(state.current);
  state.earlier = {setup.state.bytes_up, setup.state.bytes_down, 0};
  setup.state.parameters.clear(); // what each checkpoint brings anew is not copied into it first
  setup.state.members.clear();
  setup.state.mail.clear();
  state.setup = std::move(setup);
  state.started_at = now(self);
}

coordinator_actor::behavior_type coordinator(self_ptr self, coordinator_setup setup) {
  set_up(self, std::move(setup));
  return {
      [self](const edge_joined& in) { return enrol(self, in); },
      [self](const edge_left& in) {
        if (!self->state.members.lose(in.client))
          return;
        self->send(self->state.roles->scheduler, in);
        self->state.setup.log->info("edge.left", {{"client", in.client}});
        count_edges(self);
      },
      [self](const status_of_edge& in) {
        if (self->state.members.update(in.client, in.status))
          count_edges(self);
      },
      [self](const renew_token& in) -> token_grant {
        auto& tokens = *self->state.setup.tokens;
        return {tokens.issue(in.client, in.fingerprint),
                static_cast<std::uint32_t>(tokens.lifetime().count())};
      },
      [self](const status_query&) { return answer_status(self); },
      [self](const make_next_model& in) { return make(self, in); },
      [self](const round_progress& in) { self->state.progress = in; },
      [self](const std::shared_ptr<const round_report>& report) { close_round(self, report); },
      [self](const std::shared_ptr<const server_roles>& roles) { begin(self, roles); },
      [self](const model_evaluated& in) {
        if (!in.result)
          self->state.setup.log->warn("evaluation.failed",
                                      {{"round", in.round}, {"detail", in.why_not}});
        self->state.end.central = in.result;
        self->state.end.awaits_evaluation = false;
        end_when_known(self);
      },
      [self](const store_trouble& in) {
        if (!in.why.empty())
          self->state.setup.observer->failed({.code = failure_code::no_space, .detail = in.why});
        self->state.trouble = in.why;
      },
      [self](const letters_lost& in) {
        if (self->state.setup.privacy.limit()) // else there is nothing that it could give back
          feed(self, job::history_lost{in.client.name});
      },
      [self](const trustee_here& in) {
        self->state.trustees.arrive(in);
        count_edges(self);
      },
      [self](const trustee_left& in) {
        self->state.trustees.leave(in.name);
        count_edges(self);
      },
      [self](const job_alarm&) {
        feed(self, job::patience_over{});
        count_edges(self);
      },
  };
}

} // namespace

coordinator_actor spawn_coordinator(caf::actor_system& system, coordinator_setup setup) {
  if (!setup.is_detached)
    return system.spawn(coordinator, std::move(setup));
  return system.spawn<caf::detached>(coordinator, std::move(setup));
}

} // namespace godwit
