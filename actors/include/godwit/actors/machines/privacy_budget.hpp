// Whose part of a privacy budget is spent? Pure.
#pragma once

#include <limits>
#include <map>
#include <utility>

#include <godwit/messages/ids.hpp>

namespace godwit {

/// What clients have spent of a budget that each of them has for itself. All is in mu^2 of Gaussian
/// differential privacy (Dong, Roth & Su 2022), which adds up over Gaussian releases whatever the
/// order; a client that was not in a release has spent nothing in it.
class privacy_budget {
public:
  privacy_budget() = default;
  /// `limit`: of each client. `cost`: of one more part in a release. `spent`: so far.
  privacy_budget(double limit, double cost, std::map<client_id, double> spent)
      : limit_(limit), cost_(cost), spent_(std::move(spent)) {}

  /// Whether one more part would take it over the limit.
  bool is_spent(const client_id& client) const {
    const auto there = spent_.find(client);
    return (there == spent_.end() ? 0 : there->second) + cost_ > limit_;
  }
  /// It has had a part in one more release.
  void charge(const client_id& client) { spent_[client] += cost_; }

  const std::map<client_id, double>& spent() const noexcept { return spent_; }

private:
  double limit_ = std::numeric_limits<double>::infinity();
  double cost_ = 0;
  std::map<client_id, double> spent_;
};

} // namespace godwit
