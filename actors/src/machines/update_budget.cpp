#include <godwit/actors/machines/update_budget.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/noised_release.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

namespace godwit {
namespace {

constexpr double l2_steps = 0x1p20, l1_steps = 0x1p24; ///< of the grid, in the norm

failure bad(std::string detail) {
  return {.code = failure_code::bad_config, .retry = false, .detail = std::move(detail)};
}

/// Of one update, with no delta.
double epsilon_of_laplace(const noted::updates_told& told) {
  return 2 / told.noise_multiplier;
}

accounting::privacy_event event_of(const noted::updates_told& told) {
  accounting::privacy_event made{.mechanism = accounting::gaussian{told.noise_multiplier},
                                 .sampling = accounting::everyone{},
                                 .neighbours = accounting::relation::replace_one,
                                 .count = told.count};
  if (told.law == update_noise::laplace) {
    const double epsilon = epsilon_of_laplace(told);
    made.mechanism = accounting::concentrated{epsilon * epsilon / 2};
  }
  return made;
}

/// `all` with `more` in it.
attempt<done> add(std::vector<noted::updates_told>& all, const noted::updates_told& more) {
  const auto same = std::ranges::find_if(all, [&](const auto& each) {
    return each.law == more.law && each.noise_multiplier == more.noise_multiplier;
  });
  if (same == all.end() && all.size() == update_account::kind_count_max)
    return bad(
        fmt::format("this edge has sent updates with {} kinds of noise, and keeps account of "
                    "no more",
                    update_account::kind_count_max));
  auto sum = more;
  if (same != all.end())
    sum.count += std::min(same->count, accounting::event_count_max);
  if (sum.law != update_noise::gaussian && sum.law != update_noise::laplace)
    return bad(fmt::format("noise of a law of number {}; 1 and 2 are known", sum.law));
  if (!(sum.noise_multiplier > 0 && std::isfinite(sum.noise_multiplier)))
    return bad(fmt::format("a noise multiplier of {}; it must be positive", sum.noise_multiplier));
  if (auto sound = accounting::check(event_of(sum)); !sound)
    return sound.why();
  if (same != all.end())
    *same = sum;
  else
    all.push_back(sum);
  return done{};
}

/// The sum of epsilons, where each update has one without a delta.
double pure_epsilon(const std::vector<noted::updates_told>& all) {
  double sum = 0;
  for (const auto& each : all)
    sum += each.law == update_noise::laplace
               ? static_cast<double>(each.count) * epsilon_of_laplace(each)
               : HUGE_VAL;
  return sum;
}

template <class Accountant>
attempt<double> epsilon_by(Accountant accountant, const std::vector<noted::updates_told>& all,
                           double delta) {
  for (const auto& each : all)
    if (auto composed = accountant.compose(event_of(each)); !composed)
      return composed.why();
  return accountant.epsilon(delta);
}

} // namespace

attempt<done> hide_update(std::span<float> update, const update_noise& noise, mask_key key) {
  const bool is_laplace = noise.law == update_noise::laplace;
  const auto norm = static_cast<double>(noise.clip_norm);
  const auto multiplier = static_cast<double>(noise.noise_multiplier);
  if (!(norm > 0 && std::isfinite(norm) && multiplier > 0 && std::isfinite(multiplier)))
    return bad(fmt::format("a clip norm of {} and a noise multiplier of {} for an update; give "
                           "positive numbers",
                           noise.clip_norm, noise.noise_multiplier));
  const grid_clip grid{.norm_max = norm, .step = norm / (is_laplace ? l1_steps : l2_steps)};
  const auto release = is_laplace ? local_release::laplace(grid, update.size(), 2 / multiplier)
                                  : local_release::gaussian(grid, update.size(), multiplier);
  if (!release)
    return release.why();
  const auto hidden = release->release(update, key);
  if (!hidden)
    return failure{.code = failure_code::training,
                   .detail = "the update cannot be cut to a norm: " +
                             std::string(sentence(hidden.why()))};
  std::ranges::transform(*hidden, update.begin(),
                         [](double value) { return static_cast<float>(value); });
  return done{};
}

attempt<done> update_account::charge(const noted::updates_told& more) {
  return add(told_, more);
}

attempt<double> update_account::epsilon(double delta,
                                        const std::optional<noted::updates_told>& more) const {
  auto all = told_;
  if (more)
    if (auto added = add(all, *more); !added)
      return added.why();
  if (std::ranges::all_of(all, [](const auto& x) { return x.law == update_noise::gaussian; }))
    return epsilon_by(accounting::gaussian_accountant(), all, delta);
  auto found = epsilon_by(accounting::rdp_accountant(), all, delta);
  if (!found)
    return found;
  return std::min(*found, pure_epsilon(all));
}

noted::updates_told told_by(const update_noise& noise) {
  return {noise.law, static_cast<double>(noise.noise_multiplier), 1};
}

std::string why_declined(const update_rules& rules, const update_account& account,
                         const training_plan& plan) {
  if (!plan.local.is_wanted())
    return rules.is_required ? "this edge adds noise to each of its updates, and the job does not "
                               "ask for it (job.local_privacy.mechanism: none)"
                             : "";
  const auto epsilon = account.epsilon(rules.delta, told_by(plan.local));
  if (!epsilon)
    return epsilon.why().detail;
  if (rules.is_required && *epsilon > rules.epsilon)
    return fmt::format(
        "this edge's privacy budget is spent: with this round its updates would have "
        "cost an epsilon of {:.4g} at delta {:g}, and {:g} is its limit",
        *epsilon, rules.delta, rules.epsilon);
  return "";
}

} // namespace godwit
