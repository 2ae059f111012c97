// An edge's side of the rounds, one function an input.
#include <godwit/actors/machines/training.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>

namespace godwit::training {
namespace {

using effects = std::vector<effect>;

round_id round_of(const phase& now) {
  struct {
    round_id operator()(const idle&) const { return {}; }
    round_id operator()(const fetching& x) const { return x.task.round; }
    round_id operator()(const working& x) const { return x.task.round; }
    round_id operator()(const offering& x) const { return x.task.round; }
    round_id operator()(const uploading& x) const { return x.task.round; }
    round_id operator()(const fetching_to_evaluate& x) const { return x.task.round; }
    round_id operator()(const evaluating& x) const { return x.task.round; }
  } visitor;
  return std::visit(visitor, now);
}

/// Whether an invitation asks for what is being done already. A server that began anew numbers its
/// rounds from 1 again: the same number with another model or plan is other work.
bool is_same_work(const phase& now, const invitation& in) {
  return std::visit(
      [&in](const auto& x) {
        if constexpr (requires { x.task.plan; })
          return x.task.round == in.round && x.task.model == in.model && x.task.plan == in.plan;
        else
          return false;
      },
      now);
}

/// The round of a task that is not trained yet.
std::optional<round_id> untrained_round(const phase& now) {
  if (auto* x = std::get_if<fetching>(&now))
    return x->task.round;
  if (auto* x = std::get_if<working>(&now))
    return x->task.round;
  return {};
}

} // namespace

duration lease_of(const invitation& task) {
  constexpr std::uint64_t longest = std::uint64_t{366} * 24 * 3600 * 1000;
  return std::chrono::milliseconds(
      std::min(longest, std::max(task.milliseconds_lease, task.milliseconds_left)));
}

/// Trains where everything is there that it takes.
void machine::begin_if_ready(effects& out) {
  auto* x = std::get_if<fetching>(&phase_);
  if (!x || !x->is_kept || !x->is_here || (rules_.stops_offline && !is_connected_))
    return;
  auto task = x->task;
  phase_ = working{task};
  out.push_back(train{std::move(task)});
}

/// Leaves what is being done and says which work is to be stopped.
std::vector<effect> machine::give_up() {
  effects out;
  if (auto* x = std::get_if<fetching>(&phase_))
    out.push_back(forget_model{x->task.model});
  else if (auto* y = std::get_if<fetching_to_evaluate>(&phase_))
    out.push_back(forget_model{y->task.model});
  else if (std::holds_alternative<working>(phase_) || std::holds_alternative<evaluating>(phase_))
    out.push_back(stop_work{});
  else if (std::holds_alternative<uploading>(phase_))
    out.push_back(stop_upload{});
  phase_ = idle{};
  return out;
}

/// Why the plan is not followed; empty where it is.
std::string machine::why_not(const training_plan& plan) const {
  if (!ineligible_because_.empty())
    return ineligible_because_;
  auto why = why_declined(rules_.examples, told_.examples, plan);
  return why.empty() ? why_declined(rules_.updates, told_.updates, plan) : why;
}

/// Counts what an update tells that followed the plan.
offer machine::charged_offer(const training_plan& plan, const trained_update& update) {
  offer made{.update = update};
  if (plan.noise.is_wanted()) {
    const auto told = told_by(plan, rules_.examples.example_count);
    const auto delta = rules_.examples.delta;
    const auto charged = told_.examples.charge(told);
    const auto epsilon = told_.examples.epsilon(delta);
    GODWIT_CHECK(charged && epsilon, "an accepted plan cannot be accounted for");
    made.examples = {told, *epsilon, delta};
  }
  if (plan.local.is_wanted()) {
    const auto told = told_by(plan.local);
    const auto delta = rules_.updates.delta;
    const auto charged = told_.updates.charge(told);
    const auto epsilon = told_.updates.epsilon(delta);
    GODWIT_CHECK(charged && epsilon, "an accepted plan cannot be accounted for");
    made.updates = {told, *epsilon, delta};
  }
  return made;
}

template <>
result<effects> machine::on(const restored& in) {
  if (!std::holds_alternative<idle>(phase_))
    return refusal::wrong_phase;
  if (in.update) {
    phase_ = offering{in.task, *in.update};
    return effects{};
  }
  phase_ = fetching{.task = in.task, .is_kept = true, .is_here = false};
  return effects{need_model{in.task.model}, watch_lease{in.task.round, in.lease_left}};
}

template <>
result<effects> machine::on(const invitation& in) {
  if (is_same_work(phase_, in))
    return refusal::duplicate;
  auto out = give_up(); // the server has moved on
  if (auto why = why_not(in.plan); !why.empty()) {
    out.push_back(decline{in.round, std::move(why)});
    return out;
  }
  evaluated_.reset();
  phase_ = fetching{.task = in, .is_kept = false, .is_here = false};
  out.push_back(accept{in});
  out.push_back(need_model{in.model});
  return out;
}

template <>
result<effects> machine::on(const kept& in) {
  auto* x = std::get_if<fetching>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  x->is_kept = true;
  effects out;
  begin_if_ready(out);
  return out;
}

template <>
result<effects> machine::on(const lease_over& in) {
  if (untrained_round(phase_) != in.round)
    return refusal::wrong_round;
  if (is_connected_) // the server would say so
    return effects{};
  auto out = give_up();
  out.push_back(decline{in.round, "no word from the server until the lease was over"});
  return out;
}

template <>
result<effects> machine::on(const evaluation_request& in) {
  if (evaluated_ && evaluated_->round == in.round && evaluated_->model == in.model)
    return refusal::duplicate; // said again after a reconnect: the report is on its way
  effects out;
  const bool holds_update =
      std::holds_alternative<offering>(phase_) || std::holds_alternative<uploading>(phase_);
  if (holds_update && round_of(phase_) == in.round)
    out = give_up(); // it counted: only those are asked, and the receipt is on its way
  if (!std::holds_alternative<idle>(phase_))
    return refusal::wrong_phase;
  if (!ineligible_because_.empty() || rules_.examples.is_required || rules_.updates.is_required) {
    out.push_back(report{{.round = in.round}});
    return out;
  }
  phase_ = fetching_to_evaluate{in};
  out.push_back(need_model{in.model});
  return out;
}

template <>
result<effects> machine::on(const model_ready& in) {
  if (auto* x = std::get_if<fetching>(&phase_); x && !x->is_here && x->task.model == in.model) {
    x->is_here = true;
    effects out;
    begin_if_ready(out);
    return out;
  }
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_); x && x->task.model == in.model) {
    auto task = x->task;
    phase_ = evaluating{task};
    return effects{evaluate{task}};
  }
  return refusal::wrong_phase;
}

template <>
result<effects> machine::on(const model_failed& in) {
  if (auto* x = std::get_if<fetching>(&phase_); x && !x->is_here && x->task.model == in.model) {
    auto round = x->task.round;
    phase_ = idle{};
    return effects{decline{round, "the model could not be fetched"}};
  }
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_); x && x->task.model == in.model) {
    evaluated_ = x->task;
    phase_ = idle{};
    return effects{report{{.round = evaluated_->round}}};
  }
  return refusal::wrong_phase;
}

template <>
result<effects> machine::on(const trained& in) {
  auto* x = std::get_if<working>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  auto made = charged_offer(x->task.plan, in.update);
  phase_ = offering{std::move(x->task), in.update};
  return effects{std::move(made)};
}

template <>
result<effects> machine::on(const training_failed& in) {
  auto* x = std::get_if<working>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  phase_ = idle{};
  return effects{decline{in.round, "the trainer failed"}};
}

template <>
result<effects> machine::on(const update_grant& in) {
  if (in.round != round_of(phase_))
    return refusal::wrong_round;
  if (auto* x = std::get_if<offering>(&phase_)) {
    auto here = std::move(*x);
    phase_ = uploading{std::move(here.task), here.update};
    return effects{upload{std::move(here.update)}};
  }
  if (auto* x = std::get_if<uploading>(&phase_)) // the server took the place back and gave it again
    return effects{stop_upload{}, upload{x->update}};
  return refusal::wrong_phase;
}

template <>
result<effects> machine::on(const receipt& in) {
  if (in.round != round_of(phase_))
    return refusal::wrong_round;
  // The request to evaluate may overtake it: the server keeps a receipt before it says it.
  if (std::holds_alternative<fetching_to_evaluate>(phase_) ||
      std::holds_alternative<evaluating>(phase_))
    return refusal::wrong_phase;
  return give_up();
}

template <>
result<effects> machine::on(const refused& in) {
  if (in.round == 0 || in.round != round_of(phase_).value)
    return refusal::wrong_round;
  return give_up();
}

template <>
result<effects> machine::on(const round_closed& in) {
  if (in.round != round_of(phase_))
    return refusal::wrong_round;
  return give_up();
}

template <>
result<effects> machine::on(const evaluation_done& in) {
  auto* x = std::get_if<evaluating>(&phase_);
  if (!x || x->task.round != in.report.round)
    return refusal::wrong_round;
  evaluated_ = x->task;
  phase_ = idle{};
  return effects{report{in.report}};
}

template <>
result<effects> machine::on(const evaluation_failed& in) {
  auto* x = std::get_if<evaluating>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  evaluated_ = x->task;
  phase_ = idle{};
  return effects{report{{.round = in.round}}};
}

template <>
result<effects> machine::on(const connected& in) {
  is_connected_ = true;
  if (in.is_new_server)
    evaluated_.reset();
  effects out;
  if (auto* x = std::get_if<uploading>(&phase_)) { // the server grants a place again
    auto here = std::move(*x);
    phase_ = offering{std::move(here.task), std::move(here.update)};
    out.push_back(stop_upload{});
  }
  if (auto* x = std::get_if<offering>(&phase_); x && in.is_new_server)
    out.push_back(offer{x->update});
  // A model on its way is asked for again.
  if (auto* x = std::get_if<fetching>(&phase_); x && !x->is_here)
    out.push_back(need_model{x->task.model});
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_))
    out.push_back(need_model{x->task.model});
  begin_if_ready(out);
  return out;
}

template <>
result<effects> machine::on(const disconnected&) {
  is_connected_ = false;
  effects out;
  if (auto* x = std::get_if<working>(&phase_); x && rules_.stops_offline) {
    auto task = x->task;
    phase_ = fetching{.task = std::move(task), .is_kept = true, .is_here = true};
    out.push_back(stop_work{});
  }
  if (const auto round = untrained_round(phase_)) {
    const auto* x = std::get_if<fetching>(&phase_);
    out.push_back(watch_lease{*round, lease_of(x ? x->task : std::get<working>(phase_).task)});
  }
  return out;
}

template <>
result<effects> machine::on(const eligibility& in) {
  ineligible_because_ = in.reason;
  if (in.reason.empty())
    return effects{};
  if (const auto round = untrained_round(phase_)) {
    auto out = give_up();
    out.push_back(decline{*round, in.reason});
    return out;
  }
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_)) {
    evaluated_ = x->task;
    auto out = give_up();
    out.push_back(report{{.round = evaluated_->round}});
    return out;
  }
  return effects{};
}

result<std::vector<effect>> machine::apply(const input& in) {
  return std::visit([this](const auto& x) { return on(x); }, in);
}

std::string_view name(const phase& now) noexcept {
  constexpr std::string_view names[] = {"idle",      "fetching", "training",  "offering",
                                        "uploading", "fetching", "evaluating"};
  static_assert(std::size(names) == std::variant_size_v<phase>);
  return names[now.index()];
}

} // namespace godwit::training
