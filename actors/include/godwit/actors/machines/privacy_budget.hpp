// Whose part of a privacy budget is spent, and how much is it? Pure.
#pragma once

#include <limits>
#include <map>
#include <optional>

#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/ids.hpp>

namespace godwit {

/// What each client may spend, for itself.
struct privacy_limit {
  double epsilon = 0; ///< above 0
  double delta = 0;   ///< in (0, 1)
  friend bool operator==(const privacy_limit&, const privacy_limit&) = default;
};

/// What clients have spent. All is added up in mu^2 of Gaussian differential privacy (Dong, Roth &
/// Su 2022, corollary 3.3), exactly, whatever the order; a client that was not in a release has
/// spent nothing in it. Who is chosen for a round is not counted as chance.
class privacy_budget {
public:
  /// None: nothing is ever spent.
  privacy_budget() = default;
  /// Of releases with this noise multiplier. `spent`: mu^2 of those before.
  privacy_budget(const privacy_limit&, double noise_multiplier, std::map<client_id, double> spent);

  /// Whether one more part in a release would take it over the limit.
  bool is_spent(const client_id&) const;
  /// It has had a part in one more release.
  void charge(const client_id&);

  const std::map<client_id, double>& spent() const noexcept { return spent_; }
  const std::optional<privacy_limit>& limit() const noexcept { return limit_; }
  /// What the releases so far tell of the client that was in most of them, at the limit's delta;
  /// nothing where there is no limit.
  std::optional<double> epsilon() const;

private:
  std::optional<privacy_limit> limit_;
  double most_ = std::numeric_limits<double>::infinity(); ///< mu^2
  double cost_ = 0;                                       ///< mu^2 of one part
  std::map<client_id, double> spent_;                     ///< mu^2
};

/// Of a round whose mean is private nothing is told of single clients but whether they took part:
/// figures that they state of their own data are not numbers any more, and how long each of them
/// took is zero.
void forget_figures(round::finish&);

} // namespace godwit
