#include "simulation/server_side.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <variant>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/digest.hpp>

#include "recording/record_of.hpp"
#include "server_plan.hpp"

namespace godwit::simulated {
namespace {

constexpr duration idle_max = std::chrono::hours(7 * 24); // all that a week repeats has been seen

/// Whether devices have lives of their own.
bool has_lives(const devices_config& models) {
  return models.availability != "always" || models.battery != "none";
}

model_id id_of(const std::vector<float>& parameters) {
  const auto content = std::as_bytes(std::span(parameters));
  return {sha256(content), content.size()};
}

/// Nothing is said of masks, which would cancel; and updates travel as they are.
round::plan unmasked(round::plan plan, std::uint64_t parameter_count) {
  plan.secure.reset();
  plan.update_bytes = parameter_count * sizeof(float);
  return plan;
}

/// Noise of a simulation can be repeated, so it protects nobody: the data are the simulator's own.
secret simulated_noise_seed(std::uint64_t seed) {
  return secret(canonical::writer().raw(as_bytes("simulated noise ")).u64(seed).u64(0).take());
}

} // namespace

server_side::server_side(server_setup setup, timeline& time, flock& clients,
                         central_evaluation& judge, run_recorder& recorder, event_log& log)
    : setup_(std::move(setup)), time_(time), clients_(clients), judge_(judge), recorder_(recorder),
      log_(log), members_({setup_.config.job.model, setup_.parameters.size()}, {}),
      job_(job_plan_of(setup_.config.job, has_lives(setup_.config.devices) ? 0 : clients.size()),
           {}),
      round_(unmasked(round_plan_of(setup_.config.job, setup_.parameters.size()),
                      setup_.parameters.size())),
      sum_(setup_.parameters.size()),
      budget_(privacy_budget_of(setup_.config.job, setup_.parameters.size(), {})),
      current_(std::make_shared<std::vector<float>>(std::move(setup_.parameters))),
      current_id_(id_of(*current_)) {
  if (auto terms = secure_terms_of(setup_.config.job, current_->size()))
    bare_sum_.emplace(std::move(*terms), setup_.config.seed);
  if (const auto rules = private_mean_of(setup_.config.job)) {
    auto begun = private_sum::begin(*rules, current_->size());
    GODWIT_CHECK(begun, "a configuration was accepted that cannot be kept to");
    private_sum_.emplace(std::move(*begun));
  }
  shown_.job = setup_.config.job.name;
  shown_.round_limit = job_.rules().round_count;
  shown_.cohort = setup_.config.job.round.cohort;
}

void server_side::run() {
  started_ = ended_at_ = shown_at_ = std::chrono::steady_clock::now();
  if (has_lives(setup_.config.devices))
    begin_lives();
  for (std::uint32_t client = 0; client < clients_.size(); ++client)
    if (!lives_ || lives_->is_there(client))
      enrol(client);
  if (lives_)
    count();
  feed(edges_present());
  listen();
  while (!std::holds_alternative<job::finished>(job_.current())) {
    if (is_hopeless())
      return perform(job::finish{"gave up: no round could be opened for 7 days"});
    GODWIT_CHECK(!time_.is_empty(), "a simulation has nothing left to wait for, and is not done");
    clients_.start_some();
    on(time_.next());
    listen();
    show_now_and_then();
  }
}

void server_side::enrol(std::uint32_t client) {
  hello greeting;
  greeting.client = clients_.name_of(client);
  greeting.model = setup_.config.job.model;
  greeting.parameter_count = sum_.parameter_count();
  greeting.example_count = clients_.example_count(client);
  const auto enrolled = members_.enrol(greeting, greeting.client.name, {});
  GODWIT_CHECK(enrolled.has_value(), "a simulated client was not enrolled");
  if (lives_)
    tell_eligibility(client);
}

/// A job waits for its clients for ever; a simulation does not.
bool server_side::is_hopeless() const {
  return lives_ && round_.open_round() == nullptr && time_.now() - last_end_ > idle_max;
}

/// Takes in all that the clients have said, and lets the job know of a round that ended by it.
void server_side::listen() {
  while (!clients_.said.empty() || ended_) {
    if (ended_) {
      end_round(std::move(*std::exchange(ended_, std::nullopt)));
      continue;
    }
    const auto next = std::move(clients_.said.front());
    clients_.said.pop_front();
    feed(next);
  }
}

void server_side::on(const event& what) {
  const auto* open = round_.open_round();
  switch (what.what) {
  case happening::job_alarm:
    feed(job::patience_over{});
    feed(edges_present());
    break;
  case happening::deadline:
    feed(round::deadline_passed{open->id});
    break;
  case happening::upload_due:
    feed(round::upload_due{open->id, clients_.name_of(what.client)});
    break;
  case happening::vanished:
    if (!members_.lose(clients_.name_of(what.client)))
      break; // it has left before
    clients_.vanish(what.client);
    feed(round::edge_lost{clients_.name_of(what.client)});
    break;
  default:
    is_of_a_round(what.what) ? clients_.on(what) : on_life(what);
  }
}

void server_side::feed(const job::input& in) {
  const auto effects = job_.apply(in, time_.now());
  GODWIT_CHECK(effects.has_value(), "the job refused what its server told it");
  for (const auto& effect : *effects)
    std::visit([this](const auto& x) { perform(x); }, effect);
}

void server_side::feed(const round::input& in) {
  auto effects = round_.apply(in, time_.now());
  if (!effects) {
    log_.debug("round.input_refused", {{"why", effects.why()}});
    return;
  }
  for (auto& effect : *effects)
    std::visit([this](auto& x) { perform(x); }, effect);
}

// -- one overload for each effect of the job machine

void server_side::perform(const job::open_round& x) {
  const auto& config = setup_.config;
  const auto& rules = config.job.round;
  made_.reset();
  central_.reset();
  clip_norm_.reset();
  sum_.clear();
  if (bare_sum_)
    bare_sum_->clear();
  if (private_sum_)
    private_sum_->clear();
  clients_.begin_round(current_, rules.cohort);
  auto chosen = selection::select(setup_.how, members_.candidates(),
                                  selection::invited_count(rules.cohort, rules.over_selection),
                                  config.seed, x.round);
  const auto every = config.job.federated_evaluate_every;
  feed(round::open{.id = x.round,
                   .invited = std::move(chosen.invited),
                   .reserve = std::move(chosen.reserve),
                   .evaluates = every > 0 && x.round.value % every == 0});
}
void server_side::perform(const job::wake_at& x) {
  time_.add(x.when, happening::job_alarm);
}
void server_side::perform(const job::finish& x) {
  log_.info("job.finished", {{"reason", x.reason}, {"rounds", job_.last_round()}});
  reason_ = x.reason;
  shown_.note = x.reason;
}

// -- one overload for each effect of the round machine

void server_side::perform(const round::invite& x) {
  invitation message{.round = x.round,
                     .model = current_id_,
                     .plan = client_plan_of(setup_.config.job),
                     .milliseconds_left = 0};
  message.plan.seed = selection::training_seed(setup_.config.seed, x.round, x.client);
  message.milliseconds_left = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(x.left).count());
  clients_.invite(x.client, message);
}
void server_side::perform(const round::wake_at& x) {
  time_.add(x.when, happening::deadline);
}
void server_side::perform(const round::grant& x) {
  clients_.tell(x.client, update_grant{x.round});
}
void server_side::perform(const round::watch& x) {
  time_.add(x.when, happening::upload_due, clients_.index_of(x.client));
}
void server_side::perform(const round::revoke& x) {
  clients_.revoke(x.client);
}
void server_side::perform(const round::add& x) {
  const auto weight = setup_.how == selection::rule::by_size ? 1 : x.example_count;
  const std::span<const float> delta(clients_.update_of(x.client).delta);
  const auto added = bare_sum_
                         ? bare_sum_->add(x.round, {.client = x.client,
                                                    .values = delta,
                                                    .example_count = x.example_count,
                                                    .loss = clients_.outcome_of(x.client).loss})
                     : private_sum_ ? private_sum_->add(x.client, std::as_bytes(delta))
                                    : sum_.add(delta, weight);
  clients_.recycle(x.client);
  clients_.said.push_front(
      round::summed{x.client, x.round, added ? std::nullopt : std::optional(added.why())});
}
void server_side::perform(const round::call&) {
  GODWIT_CHECK(false, "a simulation calls for no masks, which would cancel");
}
void server_side::perform(const round::acknowledge& x) {
  ++update_count_;
  clients_.tell(x.client, receipt{x.round});
}
void server_side::perform(const round::refuse& x) {
  log_.warn("update.refused", {{"round", x.round}, {"client", x.client}, {"why", x.why}});
  clients_.tell(x.client, refused{.round = x.round.value, .why = x.why, .detail = {}});
}
void server_side::perform(const round::release& x) {
  auto next = std::make_shared<std::vector<float>>(sum_.parameter_count());
  std::optional<double> loss;
  if (bare_sum_) {
    auto opened = bare_sum_->open(x.round, setup_.config.job.round.cohort);
    *next = std::move(opened.mean);
    loss = opened.loss;
  } else if (private_sum_) {
    if (private_sum_->rules().adaptation)
      clip_norm_ = private_sum_->rules().clip_norm;
    auto made = private_sum_->release(simulated_noise_seed(setup_.config.seed), x.round,
                                      last_in_tree_ ? &*last_in_tree_ : nullptr);
    *next = std::move(made.mean);
    if (made.place)
      last_in_tree_ = privacy_release{.round = x.round,
                                      .noise_multiplier = private_sum_->rules().noise_multiplier,
                                      .place = made.place,
                                      .result = made.result,
                                      .clients = {}};
  } else {
    sum_.mean(*next);
  }
  setup_.step->apply(*current_, *next);
  made_ = next;
  made_id_ = id_of(*next);
  const auto every = setup_.config.job.evaluate_every;
  const bool is_last = job_.committed_count() + 1 >= job_.rules().round_count;
  if (is_last || (every > 0 && x.round.value % every == 0))
    central_ = judge_.of(made_);
  clients_.said.push_front(round::released{x.round, loss});
}
void server_side::perform(const round::ask_to_evaluate& x) {
  clients_.ask_to_evaluate(x.client, {x.round, made_id_}, made_);
}
void server_side::perform(const round::tell& x) {
  clients_.tell(x.client, x.closed);
}
void server_side::perform(round::finish& x) {
  ended_ = std::move(x);
}

// -- between two rounds

/// Everything about the round is known: record it, show it, go on.
void server_side::end_round(round::finish end) {
  clients_.end_round();
  clients_.said.clear();
  time_.clear(); // all of it was about this round
  last_end_ = time_.now();
  for (auto& [client, who] : end.cohort) {
    if (who.at == round::progress::reported) {
      const auto& outcome = clients_.outcome_of(client);
      who.step_count = outcome.step_count;
      if (!round_.rules().hides_losses)
        who.loss = outcome.loss;
    }
    if (who.reason == "connection lost" && !clients_.has_vanished(clients_.index_of(client)))
      who.reason = "left: no longer idle and connected";
  }
  make_private(end);
  for (const auto client : clients_.bring_back())
    if (!lives_ || lives_->is_there(client))
      enrol(client);
  if (end.committed) {
    current_ = made_;
    current_id_ = made_id_;
  }
  const round_facts facts{
      end,         central_,          take_traffic(), current_id_,
      time_.now(), budget_.epsilon(), clip_norm_,     sum_variance(budget_.rules(), end)};
  recorder_.add(facts);
  last_ = record_of(facts);
  log_.debug("round.closed", {{"round", end.round},
                              {"committed", end.committed},
                              {"reason", end.reason},
                              {"model", hex(current_id_.sha256)}});
  std::optional<double> accuracy;
  if (end.committed && central_)
    accuracy = central_->accuracy();
  ended_at_ = std::chrono::steady_clock::now();
  show_round();
  const auto there = edges_present();
  feed(job::round_ended{end.round, end.committed, accuracy, there.count, there.privacy});
}

void server_side::make_private(round::finish& end) {
  for (const auto& client :
       budget_.charge(end, last_in_tree_ ? last_in_tree_->place : std::nullopt))
    members_.spend(client);
  if (budget_.limit() || bare_sum_)
    forget_figures(end);
}

job::edges_present server_side::edges_present() const {
  return {members_.candidate_count(), {members_.spent_count(), members_.left_count()}};
}

traffic server_side::take_traffic() {
  const traffic total{clients_.bytes_up(), clients_.bytes_down(), 0};
  const traffic during{total.bytes_up - counted_.bytes_up, total.bytes_down - counted_.bytes_down,
                       0};
  counted_ = total;
  return during;
}

double server_side::wall_seconds() const {
  return std::chrono::duration<double>(ended_at_ - started_).count();
}

} // namespace godwit::simulated
