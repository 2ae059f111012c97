#include <godwit/actors/machines/example_budget.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace godwit {
namespace {

bool is_same_kind(const noted::examples_told& one, const noted::examples_told& other) {
  return one.noise_multiplier == other.noise_multiplier && one.rate == other.rate;
}

failure bad(std::string detail) {
  return {.code = failure_code::bad_config, .retry = false, .detail = std::move(detail)};
}

attempt<accounting::divergence_curve> curve_of_one(const noted::examples_told& told) {
  accounting::privacy_event step{.mechanism = accounting::gaussian{told.noise_multiplier},
                                 .sampling = accounting::poisson_sampling{told.rate},
                                 .neighbours = accounting::relation::add_or_remove_one,
                                 .count = 1};
  if (told.rate == 1)
    step.sampling = accounting::everyone{};
  accounting::rdp_accountant accountant;
  if (auto composed = accountant.compose(step); !composed)
    return composed.why();
  return accountant.curve();
}

void add(accounting::divergence_curve& sum, const accounting::divergence_curve& one,
         std::uint64_t count) {
  if (sum.orders.empty())
    sum = {one.orders, std::vector<double>(one.orders.size(), 0.0)};
  for (std::size_t i = 0; i < sum.divergences.size(); ++i)
    sum.divergences[i] += static_cast<double>(count) * one.divergences[i];
}

} // namespace

attempt<done> check(const example_rules& rules) {
  if (rules.is_required && !rules.trainer_hides)
    return bad("example_limit.demand is required, and this edge's trainer cannot hide single "
               "examples; use a built-in model, or a trainer that follows plan.noise and says "
               "so (hides_examples)");
  const auto count = static_cast<double>(rules.example_count);
  if (rules.is_required && rules.delta * count >= 1)
    return bad(fmt::format("example_limit.delta is {:g}, and with {} examples it must be below "
                           "{:.3g}: to tell everything of one in so many would be allowed",
                           rules.delta, rules.example_count, 1 / count));
  return done{};
}

std::size_t example_account::place_of(const noted::examples_told& kind) const {
  const auto same =
      std::ranges::find_if(told_, [&](const auto& each) { return is_same_kind(each, kind); });
  return static_cast<std::size_t>(same - told_.begin());
}

attempt<done> example_account::check(const noted::examples_told& more) const {
  const auto place = place_of(more);
  const auto before = place < told_.size() ? told_[place].step_count : 0;
  if (more.step_count > accounting::event_count_max - before)
    return bad(fmt::format("more than {} steps of one kind of noise", accounting::event_count_max));
  if (place == kind_count_max)
    return bad(fmt::format("this edge has told of its examples with {} kinds of noise, and "
                           "keeps account of no more",
                           kind_count_max));
  return done{};
}

attempt<done> example_account::charge(const noted::examples_told& more) {
  if (auto fits = check(more); !fits)
    return fits.why();
  const auto place = place_of(more);
  if (place < told_.size()) {
    told_[place].step_count += more.step_count;
    return done{};
  }
  auto curve = curve_of_one(more);
  if (!curve)
    return curve.why();
  told_.push_back(more);
  of_one_step_.push_back(std::move(*curve));
  return done{};
}

attempt<double> example_account::epsilon(double delta,
                                         const std::optional<noted::examples_told>& more) const {
  accounting::divergence_curve all;
  for (std::size_t i = 0; i < told_.size(); ++i)
    add(all, of_one_step_[i], told_[i].step_count);
  if (more) {
    if (auto fits = check(*more); !fits)
      return fits.why();
    const auto place = place_of(*more);
    auto curve = place < told_.size() ? attempt<accounting::divergence_curve>(of_one_step_[place])
                                      : curve_of_one(*more);
    if (!curve)
      return curve.why();
    add(all, *curve, more->step_count);
  }
  return all.orders.empty() ? attempt<double>(0.0) : all.epsilon(delta);
}

noted::examples_told told_by(const training_plan& plan, std::uint64_t example_count) {
  const auto steps = noised_steps_of(plan, example_count);
  return {static_cast<double>(plan.noise.noise_multiplier), steps.rate, steps.step_count};
}

std::string why_declined(const example_rules& rules, const example_account& account,
                         const training_plan& plan) {
  if (!plan.noise.is_wanted())
    return rules.is_required ? "this edge hides each of its examples, and the job does not ask for "
                               "it (job.example_privacy.mechanism: none)"
                             : "";
  if (!rules.trainer_hides)
    return "the job hides each example, and this edge's trainer cannot";
  const auto epsilon = account.epsilon(rules.delta, told_by(plan, rules.example_count));
  if (!epsilon)
    return epsilon.why().detail;
  if (rules.is_required && *epsilon > rules.epsilon)
    return fmt::format("this edge's privacy budget is spent: with this round its examples would "
                       "have cost an epsilon of {:.4g} at delta {:g}, and {:g} is its limit",
                       *epsilon, rules.delta, rules.epsilon);
  return "";
}

} // namespace godwit
