#include <godwit/actors/edge_trainer.hpp>

#include <cmath>
#include <mutex>
#include <stop_token>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/training.hpp>
#include <godwit/aggregation/parameters.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/entropy.hpp>

#include "engine_thread.hpp"

namespace godwit {
namespace {

/// How the trainer asks the worker's task to end early, whether it runs or still waits behind
/// another one.
class stop_switch {
public:
  /// The trainer has given the worker this turn's task.
  void want(std::uint64_t turn) {
    std::scoped_lock lock(mutex_);
    wanted_ = turn;
    source_ = {};
  }
  /// The worker begins: the token of a task that nobody wants any more asks to stop at once.
  std::stop_token begin(std::uint64_t turn) {
    std::scoped_lock lock(mutex_);
    if (turn != wanted_) {
      std::stop_source unwanted;
      unwanted.request_stop();
      return unwanted.get_token();
    }
    return source_.get_token();
  }
  void stop() {
    std::scoped_lock lock(mutex_);
    wanted_ = 0;
    source_.request_stop();
  }

private:
  std::mutex mutex_;
  std::uint64_t wanted_ = 0; ///< 0: none
  std::stop_source source_;
};

struct trainer_state {
  edge_trainer_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::shared_ptr<stop_switch> stop;
  std::optional<training::machine> machine;
  shared_bytes model;      ///< the newest fetched one
  std::uint64_t turn = 0;  ///< of the worker's newest task, while its answer is wanted
  std::uint64_t turns = 0; ///< that there were
  instant lease_ends{};    ///< of the alarms that are set, the one that counts
  round_id lease_of;
  round_id masked; ///< in this round the update goes through the masker

  /// With the trainer ends what is being done for it.
  ~trainer_state() {
    if (stop)
      stop->stop();
  }
};
using self_ptr = edge_trainer_actor::stateful_pointer<trainer_state>;

instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

std::uint64_t next_turn(self_ptr self) {
  auto& state = self->state;
  state.turn = ++state.turns;
  state.stop->want(state.turn);
  return state.turn;
}

/// Whether an answer of the worker's is that to its newest task, which was not given up.
bool take_turn(self_ptr self, std::uint64_t turn) {
  if (turn != self->state.turn)
    return false;
  self->state.turn = 0;
  return true;
}

// -- one overload for each effect

void perform(self_ptr self, const training::accept& x) {
  self->send(self->state.roles->uplink, accept_task{x.task});
}
void perform(self_ptr self, const training::decline& x) {
  self->state.setup.log->info("task.declined", {{"round", x.round}, {"why", x.reason}});
  self->send(self->state.roles->uplink, decline_task{x.round, x.reason});
}
void perform(self_ptr self, const training::offer& x) {
  offer_update said{x.update.offer, x.update.content};
  const auto round = x.update.offer.round;
  if (x.examples) {
    said.examples = x.examples->told;
    self->state.setup.log->info("privacy.examples_told", {{"round", round},
                                                          {"steps", x.examples->told.step_count},
                                                          {"epsilon", x.examples->epsilon},
                                                          {"delta", x.examples->delta}});
  }
  if (x.updates) {
    said.updates = x.updates->told;
    self->state.setup.log->info(
        "privacy.update_told",
        {{"round", round}, {"epsilon", x.updates->epsilon}, {"delta", x.updates->delta}});
  }
  self->send(self->state.roles->uplink, std::move(said));
}
void perform(self_ptr self, const training::report& x) {
  self->send(self->state.roles->uplink, x.result);
}
void perform(self_ptr self, const training::need_model& x) {
  self->send(self->state.roles->uplink, fetch_model{x.model});
}
void perform(self_ptr self, const training::forget_model& x) {
  self->send(self->state.roles->uplink, forget_model{x.model});
}
void perform(self_ptr self, const training::train& x) {
  self->state.setup.log->info("training.started", {{"round", x.task.round}});
  self->send(self->state.roles->worker, train_task{next_turn(self), x.task, self->state.model});
}
void perform(self_ptr self, const training::evaluate& x) {
  self->send(self->state.roles->worker, evaluate_task{next_turn(self), x.task, self->state.model});
}
void perform(self_ptr self, const training::stop_work&) {
  self->state.turn = 0;
  self->state.stop->stop();
}
void perform(self_ptr self, const training::upload& x) {
  self->send(self->state.roles->uplink, send_update{x.update.offer.round, x.update.content});
}
void perform(self_ptr self, const training::stop_upload&) {
  self->send(self->state.roles->uplink, stop_sending{});
}
void perform(self_ptr self, const training::watch_lease& x) {
  self->state.lease_of = x.round;
  self->state.lease_ends = now(self) + x.left;
  self->delayed_send(self, x.left, lease_alarm{});
}

void feed(self_ptr self, const training::input& in) {
  auto effects = self->state.machine->apply(in);
  if (!effects) {
    self->state.setup.log->debug("training.input_refused", {{"why", effects.why()}});
    return;
  }
  for (const auto& effect : *effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
}

void take_trained(self_ptr self, const task_trained& in) {
  auto& state = self->state;
  if (in.turn != state.turn)
    return;
  state.setup.log->info("training.finished", {{"round", in.offer.round}, {"loss", in.offer.loss}});
  if (in.offer.round == state.masked) { // it is the task's end that comes back masked
    const mask_update update{in.turn, in.offer, in.content}; // for whom of the two has the round
    self->send(state.roles->masker, update);
    self->send(state.roles->sharer, update);
    return;
  }
  state.turn = 0;
  feed(self, training::trained{in.offer.round, {in.offer, in.content}});
}

/// Everybody is there: what an earlier process left is gone on with.
void begin(self_ptr self, const std::shared_ptr<const edge_roles>& roles) {
  auto& state = self->state;
  state.roles = roles;
  if (const auto left = std::exchange(state.setup.restored, {})) {
    if (left->update)
      state.setup.log->info("update.restored", {{"round", left->task.round}});
    else
      state.setup.log->info("task.restored", {{"round", left->task.round}});
    feed(self, *left);
  }
}

edge_trainer_actor::behavior_type edge_trainer(self_ptr self, std::shared_ptr<stop_switch> stop,
                                               edge_trainer_setup setup) {
  self->state.machine.emplace(setup.rules, std::move(setup.told));
  self->state.masked = setup.masked;
  self->state.setup = std::move(setup);
  self->state.stop = std::move(stop);
  return {
      [self](const uplink_up& in) { feed(self, training::connected{in.is_new_server}); },
      [self](const uplink_down&) { feed(self, training::disconnected{}); },
      [self](const invitation& in) { feed(self, in); },
      [self](const secure_invitation& in) {
        self->state.masked = in.task.round;
        feed(self, in.task);
      },
      [self](const evaluation_request& in) { feed(self, in); },
      [self](const update_grant& in) { feed(self, in); },
      [self](const receipt& in) {
        self->state.setup.log->info("update.counted", {{"round", in.round}});
        feed(self, in);
      },
      [self](const refused& in) { feed(self, in); },
      [self](const round_closed& in) { feed(self, in); },
      [self](const task_kept& in) { feed(self, training::kept{in.round}); },
      [self](const model_fetched& in) {
        self->state.model = in.content;
        feed(self, training::model_ready{in.model});
      },
      [self](const model_not_fetched& in) { feed(self, training::model_failed{in.model}); },
      [self](const task_trained& in) { take_trained(self, in); },
      [self](const task_masked& in) {
        if (take_turn(self, in.turn))
          feed(self, training::trained{in.offer.round, {in.offer, in.content}});
      },
      [self](const task_evaluated& in) {
        if (take_turn(self, in.turn))
          feed(self, training::evaluation_done{in.report});
      },
      [self](const task_failed& in) {
        self->state.setup.log->warn("training.failed",
                                    {{"round", in.round}, {"detail", in.detail}});
        if (!take_turn(self, in.turn))
          return;
        feed(self, training::training_failed{in.round});
        feed(self, training::evaluation_failed{in.round});
      },
      [self](const eligibility_changed& in) {
        self->state.setup.log->info("power.mode",
                                    {{"mode", in.power_mode}, {"why_not", in.reason}});
        self->send(self->state.roles->uplink,
                   edge_status{in.reason.empty() ? std::uint8_t{1} : std::uint8_t{0}, in.reason,
                               in.power_mode});
        feed(self, training::eligibility{in.reason});
      },
      [self](const std::shared_ptr<const edge_roles>& roles) { begin(self, roles); },
      [self](const lease_alarm&) {
        if (now(self) >= self->state.lease_ends) // else another lease is watched by now
          feed(self, training::lease_over{self->state.lease_of});
      },
  };
}

// -- the worker: the only place that calls the engine

struct worker_state {
  std::shared_ptr<const edge_roles> roles;
};
using worker_ptr = training_worker_actor::stateful_pointer<worker_state>;

std::span<const float> floats_in(const shared_bytes& content) {
  return {reinterpret_cast<const float*>(content.view().data()), content.size() / sizeof(float)};
}

/// Whether a message may say so (limits.hpp); NaN it may not.
bool can_be_said(std::uint64_t example_count, double loss_sum) {
  return example_count <= limits::example_count_max &&
         std::abs(loss_sum) <= limits::loss_max * static_cast<double>(example_count);
}

failure cannot_be_said() {
  return {.code = failure_code::training,
          .detail = "the trainer reports a loss that is no number or past all reason, or no "
                    "example, or too many; a "
                    "lower learning rate may help"};
}

attempt<task_trained> train(trainer& engine, const train_task& in, const std::stop_token& stop) {
  const auto received = floats_in(in.model);
  auto trained = std::make_shared<std::vector<float>>(received.begin(), received.end());
  auto outcome = engine.train(*trained, in.task.plan, stop);
  if (!outcome)
    return outcome.why();
  const auto examples = outcome->example_count;
  if (examples == 0 || !can_be_said(examples, outcome->loss * static_cast<double>(examples)))
    return cannot_be_said();
  subtract(*trained, received, *trained);
  const auto& local = in.task.plan.local;
  if (local.is_wanted()) {
    const auto key = random_secret(mask_key_bytes);
    if (auto hidden = hide_update(*trained, local, key.reveal().first<mask_key_bytes>()); !hidden)
      return hidden.why();
    *outcome = {.example_count = 1, .step_count = 0, .loss = 0};
  }
  const shared_bytes content(trained, std::as_bytes(std::span(*trained)));
  return task_trained{.turn = in.turn,
                      .offer = {.round = in.task.round,
                                .example_count = outcome->example_count,
                                .step_count = outcome->step_count,
                                .loss = outcome->loss,
                                .update = {sha256(content.view()), content.size()}},
                      .content = content};
}

attempt<task_evaluated> evaluate(trainer& engine, const evaluate_task& in) {
  auto result = engine.evaluate(floats_in(in.model));
  if (!result)
    return result.why();
  if (result->correct_count > result->example_count ||
      !can_be_said(result->example_count, result->loss_sum))
    return cannot_be_said();
  return task_evaluated{.turn = in.turn,
                        .report = {.round = in.task.round,
                                   .example_count = result->example_count,
                                   .correct_count = result->correct_count,
                                   .loss_sum = result->loss_sum,
                                   .letter = {}}};
}

/// Runs one task; whatever the engine does, the trainer gets an answer.
template <class Task, class Report>
void run(worker_ptr self, engine_thread& engine, const Task& in, const std::stop_token& stop,
         std::function<attempt<Report>(trainer&)> work) {
  if (auto made = engine.call(std::move(work), stop))
    self->send(self->state.roles->trainer, std::move(*made));
  else
    self->send(self->state.roles->trainer, task_failed{in.turn, in.task.round, made.why().detail});
}

training_worker_actor::behavior_type worker(worker_ptr self, std::shared_ptr<engine_thread> engine,
                                            std::shared_ptr<stop_switch> stop) {
  return {
      [self, engine, stop](const train_task& in) {
        const auto token = stop->begin(in.turn);
        run<train_task, task_trained>(self, *engine, in, token,
                                      [in, token](trainer& x) { return train(x, in, token); });
      },
      [self, engine, stop](const evaluate_task& in) {
        run<evaluate_task, task_evaluated>(self, *engine, in, stop->begin(in.turn),
                                           [in](trainer& x) { return evaluate(x, in); });
      },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

spawned_trainer spawn_edge_trainer(caf::actor_system& system, std::shared_ptr<trainer> engine,
                                   edge_trainer_setup setup) {
  auto stop = std::make_shared<stop_switch>();
  const auto patience = setup.patience;
  const bool is_detached = setup.is_detached;
  spawned_trainer made{system.spawn(edge_trainer, stop, std::move(setup)), {}};
  if (!engine)
    return made;
  auto thread = std::make_shared<engine_thread>(std::move(engine), patience);
  made.worker = is_detached ? system.spawn<caf::detached>(worker, std::move(thread), stop)
                            : system.spawn(worker, std::move(thread), stop);
  return made;
}

} // namespace godwit
