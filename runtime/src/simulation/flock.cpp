#include "simulation/flock.hpp"

#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include <godwit/messages/check.hpp>

namespace godwit::simulated {

/// An evaluation on its way.
struct flock::evaluating {
  round_id round;
  parameters_ptr parameters;
  std::shared_ptr<const examples> held_out;
  attempt<evaluation> result = failure{};
  worker_pool::handle task;

  void run(model& workspace) noexcept {
    try {
      result = workspace.evaluate(*parameters, *held_out);
    } catch (const std::exception& e) {
      result = failure{.code = failure_code::training, .detail = e.what()};
    }
  }
};

flock::flock(std::vector<member> members, const devices& speeds, std::size_t window,
             const training::plan& rules, worker_pool& pool, timeline& time, event_log& log)
    : devices_(speeds), rules_(rules), pool_(pool), time_(time), log_(log),
      trainings_(pool, members.size(), window) {
  clients_.resize(members.size());
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    places_.emplace(members[i].id, i);
    clients_[i].who = std::move(members[i]);
    clients_[i].speeds = devices_.of(i);
    start_machine(clients_[i]);
  }
}

/// As a process that has begun anew.
void flock::start_machine(seat& here) const {
  auto rules = rules_;
  rules.examples.example_count = here.who.train->size();
  here.machine = training::machine(rules, here.told);
}

namespace {

/// Whoever has told most, and how much; nothing where nobody has told anything.
template <class Seats, class AccountOf>
std::optional<std::pair<client_id, double>> most_told(const Seats& seats, double delta,
                                                      AccountOf account_of) {
  std::optional<std::pair<client_id, double>> most;
  for (const auto& here : seats)
    if (const auto epsilon = account_of(here).epsilon(delta);
        epsilon && *epsilon > (most ? most->second : 0))
      most.emplace(here.who.id, *epsilon);
  return most;
}

} // namespace

void flock::say_told() const {
  const auto say = [this](const char* event, const auto& most, double delta) {
    if (most)
      log_.info(event, {{"client", most->first}, {"epsilon", most->second}, {"delta", delta}});
  };
  say("privacy.examples_told",
      most_told(
          clients_, rules_.examples.delta,
          [](const seat& x) -> const auto& { return x.told.examples; }),
      rules_.examples.delta);
  say("privacy.update_told",
      most_told(
          clients_, rules_.updates.delta,
          [](const seat& x) -> const auto& { return x.told.updates; }),
      rules_.updates.delta);
}

void flock::foresee(std::uint32_t index, duration after, happening what) {
  time_.add(time_.now() + after, what, index, clients_[index].turn);
}

void flock::give_up(std::uint32_t index) {
  auto& here = clients_[index];
  ++here.turn;
  note_trained(index);
  trainings_.forget(index);
  if (here.evaluation)
    pool_.drop(here.evaluation->task);
  here.evaluation.reset();
}

void flock::note_trained(std::uint32_t index) {
  auto& here = clients_[index];
  if (here.trains_since)
    here.has_trained += time_.now() - *here.trains_since;
  here.trains_since.reset();
}

duration flock::take_trained(std::uint32_t index) {
  auto& here = clients_[index];
  const bool goes_on = here.trains_since.has_value();
  note_trained(index);
  if (goes_on)
    here.trains_since = time_.now();
  return std::exchange(here.has_trained, {});
}

void flock::feed(std::uint32_t index, const training::input& in) {
  const auto effects = clients_[index].machine.apply(in);
  if (!effects) {
    log_.debug("training.input_refused", {{"client", name_of(index)}, {"why", effects.why()}});
    return;
  }
  for (const auto& effect : *effects)
    std::visit([&](const auto& x) { perform(index, x); }, effect);
}

// -- one overload for each effect of the training machine

void flock::perform(std::uint32_t index, const training::accept& x) {
  said.push_back(
      round::answered{name_of(index), {.round = x.task.round, .accepts = 1, .reason = {}}});
  feed(index, training::kept{x.task.round}); // there is no disk to wait for
}
void flock::perform(std::uint32_t index, const training::decline& x) {
  trainings_.forget(index); // nobody will ask for it
  said.push_back(
      round::answered{name_of(index), {.round = x.round, .accepts = 0, .reason = x.reason}});
}
void flock::perform(std::uint32_t index, const training::offer& x) {
  const auto keep = [](auto& account, const auto& what) {
    GODWIT_CHECK(!what || account.charge(what->told),
                 "what an update tells cannot be accounted for");
  };
  keep(clients_[index].told.examples, x.examples);
  keep(clients_[index].told.updates, x.updates);
  said.push_back(round::offered{name_of(index), x.update.offer});
}
void flock::perform(std::uint32_t index, const training::report& x) {
  said.push_back(round::evaluated{name_of(index), x.result});
}
void flock::perform(std::uint32_t index, const training::need_model&) {
  foresee(index, devices_.transfer(clients_[index].speeds), happening::downloaded);
}
void flock::perform(std::uint32_t index, const training::forget_model&) {
  give_up(index);
}
void flock::perform(std::uint32_t index, const training::train& x) {
  auto& here = clients_[index];
  here.trains_since = time_.now();
  foresee(index, devices_.training(here.speeds, here.who.train->size(), x.task.plan.epochs),
          happening::trained);
}
void flock::perform(std::uint32_t index, const training::evaluate& x) {
  auto& here = clients_[index];
  auto work = std::make_shared<evaluating>();
  work->round = x.task.round;
  work->parameters = to_evaluate_;
  work->held_out = here.who.held_out;
  work->task = pool_.submit([work](model& workspace) { work->run(workspace); });
  here.evaluation = std::move(work);
  foresee(index, devices_.evaluating(here.speeds, here.who.held_out->size()), happening::evaluated);
}
void flock::perform(std::uint32_t index, const training::stop_work&) {
  give_up(index);
}
void flock::perform(std::uint32_t index, const training::upload&) {
  foresee(index, devices_.transfer(clients_[index].speeds), happening::uploaded);
}
void flock::perform(std::uint32_t index, const training::stop_upload&) {
  ++clients_[index].turn;
}
void flock::perform(std::uint32_t, const training::watch_lease&) {}

// -- what the server sends

void flock::begin_round(const parameters_ptr& model, std::uint32_t cohort) {
  trainings_.begin_round(model, cohort);
}

duration flock::work_ahead(const seat& here, const training_plan& plan) const {
  return devices_.round_trip() + 2 * devices_.transfer(here.speeds) +
         devices_.training(here.speeds, here.who.train->size(), plan.epochs);
}

void flock::invite(const client_id& client, const invitation& task) {
  const auto index = index_of(client);
  auto& here = clients_[index];
  here.task = task;
  foresee(index, devices_.round_trip(), happening::invited);
  const auto work = work_ahead(here, task.plan);
  if (const auto part = devices_.vanishes_after(index, task.round))
    foresee(index, duration(static_cast<std::int64_t>(*part * static_cast<double>(work.count()))),
            happening::vanished);
  else
    trainings_.expect(index, time_.now() + work, here.who.train, task.plan);
}

void flock::ask_to_evaluate(const client_id& client, const evaluation_request& task,
                            const parameters_ptr& model) {
  to_evaluate_ = model;
  feed(index_of(client), task);
}

void flock::revoke(const client_id& client) {
  ++clients_[index_of(client)].turn;
}

// -- what happens

void flock::on(const event& what) {
  auto& here = clients_[what.client];
  if (what.turn != here.turn)
    return;
  switch (what.what) {
  case happening::invited:
    feed(what.client, here.task);
    break;
  case happening::downloaded:
    bytes_down_ += devices_.traffic(here.task.model.byte_count);
    if (auto* x = std::get_if<training::fetching_to_evaluate>(&here.machine.current()))
      feed(what.client, training::model_ready{x->task.model});
    else
      feed(what.client, training::model_ready{here.task.model});
    break;
  case happening::trained: {
    note_trained(what.client);
    // Its bytes are computed when they arrive; until then only their number is of interest.
    const training::trained_update update{
        .offer = {.round = here.task.round,
                  .example_count = here.task.plan.local.is_wanted() ? 1 : here.who.train->size(),
                  .step_count = 0,
                  .loss = 0,
                  .update = {.sha256 = {}, .byte_count = here.task.model.byte_count}},
        .content = {}};
    feed(what.client, training::trained{here.task.round, update});
    break;
  }
  case happening::uploaded:
    arrive(what.client);
    break;
  case happening::evaluated:
    finish_evaluating(what.client);
    break;
  default:
    GODWIT_CHECK(false, "an alarm of the server's went to a client");
  }
}

void flock::arrive(std::uint32_t index) {
  auto& here = clients_[index];
  auto result = trainings_.take(index);
  if (!result.outcome) {
    log_.warn("training.failed", {{"client", here.who.id},
                                  {"round", here.task.round},
                                  {"detail", result.outcome.why().detail}});
    said.push_back(round::spoiled{here.who.id, here.task.round, refusal::value_not_finite});
    return;
  }
  here.outcome = *result.outcome;
  here.uploaded = std::move(result);
  bytes_up_ += devices_.traffic(here.task.model.byte_count);
  said.push_back(round::arrived{here.who.id, here.task.round});
}

void flock::finish_evaluating(std::uint32_t index) {
  const auto work = std::exchange(clients_[index].evaluation, nullptr);
  pool_.complete(work->task);
  if (!work->result) {
    log_.warn("evaluation.failed", {{"client", name_of(index)},
                                    {"round", work->round},
                                    {"detail", work->result.why().detail}});
    feed(index, training::evaluation_failed{work->round});
    return;
  }
  const auto& found = *work->result;
  feed(index, training::evaluation_done{{.round = work->round,
                                         .example_count = found.example_count,
                                         .correct_count = found.correct_count,
                                         .loss_sum = found.loss_sum}});
}

void flock::leave(std::uint32_t index) {
  give_up(index);
  start_machine(clients_[index]);
}

void flock::vanish(std::uint32_t index) {
  leave(index);
  clients_[index].has_vanished = true;
  vanished_.push_back(index);
}

std::vector<std::uint32_t> flock::bring_back() {
  for (const auto index : vanished_)
    clients_[index].has_vanished = false;
  return std::exchange(vanished_, {});
}

void flock::end_round() {
  trainings_.begin_round(nullptr, 0);
}

void flock::recycle(const client_id& client) {
  auto& here = clients_[index_of(client)];
  trainings_.recycle(std::move(here.uploaded->delta));
  here.uploaded.reset();
}

} // namespace godwit::simulated
