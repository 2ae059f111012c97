#include <godwit/actors/machines/privacy_budget.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

namespace godwit {

namespace {

/// Of one part in a release.
accounting::concentrated_cost cost_of_part(const release_rules& rules,
                                           std::uint32_t survivor_count) {
  const auto cost = accounting::cost_of(release_of(rules, survivor_count));
  GODWIT_CHECK(cost, "releases whose cost does not add up");
  return *cost;
}

/// Whether no epsilon of `a` is above that of `b`.
bool is_within(const accounting::concentrated_cost& a, const accounting::concentrated_cost& b) {
  return a.rho <= b.rho && a.xi <= b.xi && a.is_of_whole_orders <= b.is_of_whole_orders &&
         a.is_gaussian >= b.is_gaussian;
}

bool had_part(const std::pair<const client_id, round::participant>& each) {
  return each.second.at == round::progress::reported;
}

/// In what the round released.
std::uint32_t part_count(const round::finish& end) {
  return end.committed ? static_cast<std::uint32_t>(std::ranges::count_if(end.cohort, had_part))
                       : 0;
}

} // namespace

accounting::privacy_event release_of(const release_rules& rules, std::uint32_t survivor_count) {
  GODWIT_CHECK(survivor_count >= rules.survivors_min, "a release of fewer than were promised");
  const std::uint32_t honest_count = survivor_count - rules.corrupt_max;
  accounting::privacy_event event{.mechanism = rules.noise};
  if (auto* gaussian = std::get_if<accounting::discrete_gaussian>(&event.mechanism))
    gaussian->client_count = honest_count;
  else if (auto* skellam = std::get_if<accounting::skellam>(&event.mechanism))
    skellam->variance *= honest_count;
  return event;
}

double noise_multiplier_of(const accounting::mechanism& noise) {
  if (const auto* gaussian = std::get_if<accounting::discrete_gaussian>(&noise))
    return std::sqrt(static_cast<double>(gaussian->client_count)) * gaussian->sigma /
           gaussian->l2_norm;
  if (const auto* skellam = std::get_if<accounting::skellam>(&noise))
    return std::sqrt(skellam->variance) / skellam->l2_norm;
  return std::get<accounting::gaussian>(noise).noise_multiplier;
}

std::optional<double> sum_variance(const release_rules& rules, std::uint32_t survivor_count) {
  const double all = rules.step * rules.step * survivor_count;
  if (const auto* gaussian = std::get_if<accounting::discrete_gaussian>(&rules.noise))
    return gaussian->sigma * gaussian->sigma * all;
  if (const auto* skellam = std::get_if<accounting::skellam>(&rules.noise))
    return skellam->variance * all;
  return {};
}

std::optional<double> sum_variance(const release_rules& rules, const round::finish& end) {
  return end.committed ? sum_variance(rules, part_count(end)) : std::nullopt;
}

privacy_budget::privacy_budget(const privacy_limit& limit, const release_rules& rules, costs spent,
                               tree_history trees)
    : limit_(limit), rules_(rules), most_of_one_(cost_of_part(rules, rules.survivors_min)),
      mu_squared_max_(std::pow(accounting::gaussian_mu(limit.epsilon, limit.delta), 2)),
      spent_(std::move(spent)), trees_(std::move(trees)) {}

/// At the most.
accounting::concentrated_cost privacy_budget::next_part_of(const client_id& client) const {
  if (!rules_.tree_rounds)
    return most_of_one_;
  const auto there = trees_.parts.find(client);
  const auto& parts = there == trees_.parts.end() ? tree_parts() : there->second;
  return cost_in_tree(parts.most_of_next(trees_.last, *rules_.tree_rounds),
                      noise_multiplier_of(rules_.noise));
}

bool privacy_budget::is_spent(const client_id& client) const {
  if (!limit_)
    return false;
  const auto there = spent_.find(client);
  const auto next = next_part_of(client);
  const auto then = there == spent_.end() ? next : there->second + next;
  if (then.is_gaussian)
    return 2 * then.rho > mu_squared_max_;
  return accounting::epsilon_of(then, limit_->delta) > limit_->epsilon;
}

void privacy_budget::charge(const client_id& client, std::uint32_t survivor_count) {
  if (!limit_)
    return;
  auto& spent = spent_[client];
  spent = spent + cost_of_part(rules_, survivor_count);
}

std::vector<client_id> privacy_budget::charge(const round::finish& end,
                                              const std::optional<tree_place>& place) {
  const auto count = part_count(end);
  if (place && end.committed)
    trees_.last = place;
  std::vector<client_id> spent_now;
  for (const auto& each : end.cohort) {
    if (!limit_ || !end.committed || !had_part(each))
      continue;
    if (place) {
      auto& spent = spent_[each.first];
      spent = spent +
              cost_in_tree(trees_.parts[each.first].add(*place), noise_multiplier_of(rules_.noise));
    } else {
      charge(each.first, count);
    }
    if (is_spent(each.first))
      spent_now.push_back(each.first);
  }
  return spent_now;
}

std::optional<double> privacy_budget::epsilon() const {
  if (!limit_)
    return {};
  accounting::concentrated_cost looked_at;
  double most = 0;
  for (const auto& [client, spent] : spent_)
    if (!is_within(spent, looked_at)) {
      looked_at = spent;
      most = std::max(most, accounting::epsilon_of(spent, limit_->delta));
    }
  return most;
}

void forget_figures(round::finish& end) {
  for (auto& [client, who] : end.cohort) {
    who.example_count = 1;
    who.loss = std::numeric_limits<double>::quiet_NaN();
    who.evaluated.reset();
    who.done_at = who.invited_at; // how long it trained tells how many examples it has
  }
}

} // namespace godwit
