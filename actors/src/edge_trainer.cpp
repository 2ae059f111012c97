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

#include "engine_thread.hpp"

namespace godwit {
namespace {

/// How the trainer asks the worker's task to end early, whether it runs or still waits behind
/// another one.
class stop_switch {
public:
  /// The trainer has given the worker this round's task.
  void want(round_id round) {
    std::scoped_lock lock(mutex_);
    wanted_ = round;
    source_ = {};
  }
  /// The worker begins: the token of a task that nobody wants any more asks to stop at once.
  std::stop_token begin(round_id round) {
    std::scoped_lock lock(mutex_);
    if (round != wanted_) {
      std::stop_source unwanted;
      unwanted.request_stop();
      return unwanted.get_token();
    }
    return source_.get_token();
  }
  void stop() {
    std::scoped_lock lock(mutex_);
    wanted_ = {};
    source_.request_stop();
  }

private:
  std::mutex mutex_;
  round_id wanted_;
  std::stop_source source_;
};

struct trainer_state {
  edge_trainer_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::shared_ptr<stop_switch> stop;
  training::machine machine;
  shared_bytes model; ///< the newest fetched one

  /// With the trainer ends what is being done for it.
  ~trainer_state() {
    if (stop)
      stop->stop();
  }
};
using self_ptr = edge_trainer_actor::stateful_pointer<trainer_state>;

// -- one overload for each effect

void perform(self_ptr self, const training::say& x) {
  std::visit(
      [self](const auto& message) { self->send(self->state.roles->uplink, to_server{message}); },
      x.message);
}
void perform(self_ptr self, const training::need_model& x) {
  self->send(self->state.roles->uplink, fetch_model{x.model});
}
void perform(self_ptr self, const training::forget_model& x) {
  self->send(self->state.roles->uplink, forget_model{x.model});
}
void perform(self_ptr self, const training::train& x) {
  self->state.setup.log->info("training.started", {{"round", x.task.round}});
  self->state.stop->want(x.task.round);
  self->send(self->state.roles->worker, train_task{x.task, self->state.model});
}
void perform(self_ptr self, const training::evaluate& x) {
  self->state.stop->want(x.task.round);
  self->send(self->state.roles->worker, evaluate_task{x.task, self->state.model});
}
void perform(self_ptr self, const training::stop_work&) {
  self->state.stop->stop();
}
void perform(self_ptr self, const training::upload& x) {
  self->send(self->state.roles->uplink, send_update{x.update.offer.round, x.update.content});
}
void perform(self_ptr self, const training::stop_upload&) {
  self->send(self->state.roles->uplink, stop_sending{});
}

void feed(self_ptr self, const training::input& in) {
  auto effects = self->state.machine.apply(in);
  if (!effects) {
    self->state.setup.log->debug("training.input_refused", {{"why", effects.why()}});
    return;
  }
  for (const auto& effect : *effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
}

edge_trainer_actor::behavior_type edge_trainer(self_ptr self, std::shared_ptr<stop_switch> stop,
                                               edge_trainer_setup setup) {
  self->state.setup = std::move(setup);
  self->state.stop = std::move(stop);
  return {
      [self](const uplink_up&) { feed(self, training::connected{}); },
      [self](const invitation& in) { feed(self, in); },
      [self](const evaluation_request& in) { feed(self, in); },
      [self](const update_grant& in) { feed(self, in); },
      [self](const receipt& in) {
        self->state.setup.log->info("update.counted", {{"round", in.round}});
        feed(self, in);
      },
      [self](const refused& in) { feed(self, in); },
      [self](const round_closed& in) { feed(self, in); },
      [self](const model_fetched& in) {
        self->state.model = in.content;
        feed(self, training::model_ready{in.model});
      },
      [self](const model_not_fetched& in) { feed(self, training::model_failed{in.model}); },
      [self](const task_trained& in) {
        self->state.setup.log->info("training.finished",
                                    {{"round", in.offer.round}, {"loss", in.offer.loss}});
        feed(self, training::trained{in.offer.round, {in.offer, in.content}});
      },
      [self](const evaluation_report& in) { feed(self, training::evaluation_done{in}); },
      [self](const task_failed& in) {
        self->state.setup.log->warn("training.failed",
                                    {{"round", in.round}, {"detail", in.detail}});
        feed(self, training::training_failed{in.round});
        feed(self, training::evaluation_failed{in.round});
      },
      [self](const eligibility_changed& in) {
        self->state.setup.log->info("power.mode",
                                    {{"mode", in.power_mode}, {"why_not", in.reason}});
        self->send(self->state.roles->uplink,
                   to_server{edge_status{in.reason.empty() ? std::uint8_t{1} : std::uint8_t{0},
                                         in.reason, in.power_mode}});
        feed(self, training::eligibility{in.reason});
      },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
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
  const shared_bytes content(trained, std::as_bytes(std::span(*trained)));
  return task_trained{.offer = {.round = in.task.round,
                                .example_count = outcome->example_count,
                                .step_count = outcome->step_count,
                                .loss = outcome->loss,
                                .update = {sha256(content.view()), content.size()}},
                      .content = content};
}

attempt<evaluation_report> evaluate(trainer& engine, const evaluate_task& in) {
  auto result = engine.evaluate(floats_in(in.model));
  if (!result)
    return result.why();
  if (result->correct_count > result->example_count ||
      !can_be_said(result->example_count, result->loss_sum))
    return cannot_be_said();
  return evaluation_report{.round = in.task.round,
                           .example_count = result->example_count,
                           .correct_count = result->correct_count,
                           .loss_sum = result->loss_sum};
}

/// Runs one task; whatever the engine does, the trainer gets an answer.
template <class Report>
void run(worker_ptr self, engine_thread& engine, round_id round, const std::stop_token& stop,
         std::function<attempt<Report>(trainer&)> work) {
  if (auto made = engine.call(std::move(work), stop))
    self->send(self->state.roles->trainer, std::move(*made));
  else
    self->send(self->state.roles->trainer, task_failed{round, made.why().detail});
}

training_worker_actor::behavior_type worker(worker_ptr self, std::shared_ptr<engine_thread> engine,
                                            std::shared_ptr<stop_switch> stop) {
  return {
      [self, engine, stop](const train_task& in) {
        const auto token = stop->begin(in.task.round);
        run<task_trained>(self, *engine, in.task.round, token,
                          [in, token](trainer& x) { return train(x, in, token); });
      },
      [self, engine, stop](const evaluate_task& in) {
        run<evaluation_report>(self, *engine, in.task.round, stop->begin(in.task.round),
                               [in](trainer& x) { return evaluate(x, in); });
      },
      [self](const std::shared_ptr<const edge_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

spawned_trainer spawn_edge_trainer(caf::actor_system& system, std::shared_ptr<trainer> engine,
                                   edge_trainer_setup setup) {
  auto stop = std::make_shared<stop_switch>();
  auto thread = std::make_shared<engine_thread>(std::move(engine), setup.patience);
  const bool is_detached = setup.is_detached;
  return {system.spawn(edge_trainer, stop, std::move(setup)),
          is_detached ? system.spawn<caf::detached>(worker, std::move(thread), stop)
                      : system.spawn(worker, std::move(thread), stop)};
}

} // namespace godwit
