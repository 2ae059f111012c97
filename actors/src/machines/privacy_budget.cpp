#include <godwit/actors/machines/privacy_budget.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <godwit/privacy/gaussian_accountant.hpp>

namespace godwit {

privacy_budget::privacy_budget(const privacy_limit& limit, double noise_multiplier,
                               std::map<client_id, double> spent)
    : limit_(limit), most_(std::pow(accounting::gaussian_mu(limit.epsilon, limit.delta), 2)),
      cost_(1 / (noise_multiplier * noise_multiplier)), spent_(std::move(spent)) {}

bool privacy_budget::is_spent(const client_id& client) const {
  const auto there = spent_.find(client);
  return (there == spent_.end() ? 0 : there->second) + cost_ > most_;
}

void privacy_budget::charge(const client_id& client) {
  spent_[client] += cost_;
}

std::optional<double> privacy_budget::epsilon() const {
  if (!limit_)
    return {};
  double mu_squared = 0;
  for (const auto& [client, spent] : spent_)
    mu_squared = std::max(mu_squared, spent);
  return mu_squared > 0 ? accounting::gaussian_epsilon(std::sqrt(mu_squared), limit_->delta) : 0;
}

void forget_figures(round::finish& end) {
  for (auto& [client, who] : end.cohort) {
    who.example_count = 1;
    who.loss = std::numeric_limits<double>::quiet_NaN();
    who.evaluated.reset();
  }
}

} // namespace godwit
    who.done_at = who.invited_at; // how long it trained tells how many examples it has
