// An edge's side of the rounds, one function an input.
#include <godwit/actors/machines/training.hpp>

#include <utility>

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

say decline(round_id round, std::string reason) {
  return say{invitation_answer{.round = round, .accepts = 0, .reason = std::move(reason)}};
}

} // namespace

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

template <>
result<effects> machine::on(const invitation& in) {
  if (is_same_work(phase_, in))
    return refusal::duplicate;
  auto out = give_up(); // the server has moved on
  if (!ineligible_because_.empty()) {
    out.push_back(decline(in.round, ineligible_because_));
    return out;
  }
  phase_ = fetching{in};
  out.push_back(say{invitation_answer{.round = in.round, .accepts = 1, .reason = {}}});
  out.push_back(need_model{in.model});
  return out;
}

template <>
result<effects> machine::on(const evaluation_request& in) {
  if (!std::holds_alternative<idle>(phase_))
    return refusal::wrong_phase;
  if (!ineligible_because_.empty())
    return effects{say{evaluation_report{.round = in.round}}};
  phase_ = fetching_to_evaluate{in};
  return effects{need_model{in.model}};
}

template <>
result<effects> machine::on(const model_ready& in) {
  if (auto* x = std::get_if<fetching>(&phase_); x && x->task.model == in.model) {
    auto task = x->task;
    phase_ = working{task};
    return effects{train{task}};
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
  if (auto* x = std::get_if<fetching>(&phase_); x && x->task.model == in.model) {
    auto round = x->task.round;
    phase_ = idle{};
    return effects{decline(round, "the model could not be fetched")};
  }
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_); x && x->task.model == in.model) {
    auto round = x->task.round;
    phase_ = idle{};
    return effects{say{evaluation_report{.round = round}}};
  }
  return refusal::wrong_phase;
}

template <>
result<effects> machine::on(const trained& in) {
  auto* x = std::get_if<working>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  phase_ = offering{std::move(x->task), in.update};
  return effects{say{in.update.offer}};
}

template <>
result<effects> machine::on(const training_failed& in) {
  auto* x = std::get_if<working>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  phase_ = idle{};
  return effects{decline(in.round, "the trainer failed")};
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
  phase_ = idle{};
  return effects{say{in.report}};
}

template <>
result<effects> machine::on(const evaluation_failed& in) {
  auto* x = std::get_if<evaluating>(&phase_);
  if (!x || x->task.round != in.round)
    return refusal::wrong_round;
  phase_ = idle{};
  return effects{say{evaluation_report{.round = in.round}}};
}

template <>
result<effects> machine::on(const connected&) {
  // What the server does not have yet is offered again; a model on its way is asked for again.
  if (auto* x = std::get_if<offering>(&phase_))
    return effects{say{x->update.offer}};
  if (auto* x = std::get_if<uploading>(&phase_)) {
    auto here = std::move(*x);
    const auto offer = here.update.offer;
    phase_ = offering{std::move(here.task), std::move(here.update)};
    return effects{stop_upload{}, say{offer}};
  }
  if (auto* x = std::get_if<fetching>(&phase_))
    return effects{need_model{x->task.model}};
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_))
    return effects{need_model{x->task.model}};
  return effects{};
}

template <>
result<effects> machine::on(const eligibility& in) {
  ineligible_because_ = in.reason;
  if (in.reason.empty())
    return effects{};
  if (auto* x = std::get_if<fetching>(&phase_)) {
    auto round = x->task.round;
    auto out = give_up();
    out.push_back(decline(round, in.reason));
    return out;
  }
  if (auto* x = std::get_if<working>(&phase_)) {
    auto round = x->task.round;
    auto out = give_up();
    out.push_back(decline(round, in.reason));
    return out;
  }
  if (auto* x = std::get_if<fetching_to_evaluate>(&phase_)) {
    auto round = x->task.round;
    auto out = give_up();
    out.push_back(say{evaluation_report{.round = round}});
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
