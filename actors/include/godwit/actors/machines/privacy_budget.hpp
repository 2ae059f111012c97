// Whose part of a privacy budget is spent, and how much is it? Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/privacy_event.hpp>
#include <godwit/privacy/tree_account.hpp>

namespace godwit {

/// What each client may spend, for itself.
struct privacy_limit {
  double epsilon = 0; ///< above 0
  double delta = 0;   ///< in (0, 1)
  friend bool operator==(const privacy_limit&, const privacy_limit&) = default;
};

/// How a round's mean gets its noise, for the account.
struct release_rules {
  /// Whose noise multiplier is that of the sum; or, where clients add the noise, that of one.
  accounting::mechanism noise = accounting::gaussian{1};
  std::uint32_t survivors_min = 1; ///< where clients add it: no sum of fewer is released
  std::uint32_t corrupt_max = 0;   ///< likewise: of those in it, so many may have added none
  /// Where Gaussian noise is that of the nodes of trees of so many rounds (tree_account.hpp).
  std::optional<std::uint64_t> tree_rounds{};
  double step = 0; ///< likewise: of the grid that the noise is on
  friend bool operator==(const release_rules&, const release_rules&) = default;
};

/// What a release that so many had a part in tells. More than survivors_min add more noise than was
/// promised, and it is this noise that is accounted: how many there were is no secret, and follows
/// from nobody's data.
accounting::privacy_event release_of(const release_rules&, std::uint32_t survivor_count);

/// Its noise, all that was relied upon, beside what one client can change. Of noise that is
/// Gaussian, or added by clients.
double noise_multiplier_of(const accounting::mechanism&);

/// Variance of each coordinate's noise in a sum of so many clients who all have added theirs, in
/// squares of the updates' units; nothing where they add none.
std::optional<double> sum_variance(const release_rules&, std::uint32_t survivor_count);

/// Of the sum that the round released; nothing where it released none, or others add the noise.
std::optional<double> sum_variance(const release_rules&, const round::finish&);

/// What was released in trees before.
struct tree_history {
  std::map<client_id, tree_parts> parts{}; ///< of each client
  std::optional<tree_place> last{};
};

/// What clients have spent. All is added up, whatever the order; Gaussian noise exactly, in mu^2 of
/// Gaussian differential privacy (Dong, Roth & Su 2022, corollary 3.3), other noise by its
/// divergences (concentrated_cost.hpp). A client that was not in a release has spent nothing in it.
/// Who is chosen for a round is not counted as chance.
class privacy_budget {
public:
  using costs = std::map<client_id, accounting::concentrated_cost>;

  /// None: nothing is ever spent.
  privacy_budget() = default;
  /// Of releases by these rules. `spent`: on those before, of which the history has those in trees.
  privacy_budget(const privacy_limit&, const release_rules&, costs spent, tree_history = {});

  /// Whether one more part in a release, with as little noise as it may have, and in a tree
  /// wherever it comes, would take it over the limit.
  bool is_spent(const client_id&) const;
  /// It has had a part in one more release, of so many.
  void charge(const client_id&, std::uint32_t survivor_count);
  /// The same for all who had a part in what this round released, if anything. Gives those who have
  /// spent their budget by now. `place`: of what it released, in a tree; a part that is there
  /// already costs nothing.
  std::vector<client_id> charge(const round::finish&, const std::optional<tree_place>& = {});

  const costs& spent() const noexcept { return spent_; }
  const std::optional<privacy_limit>& limit() const noexcept { return limit_; }
  const release_rules& rules() const noexcept { return rules_; }
  /// What the releases so far tell of the client that spent most, at the limit's delta; nothing
  /// where there is no limit.
  std::optional<double> epsilon() const;

private:
  std::optional<privacy_limit> limit_;
  release_rules rules_;
  accounting::concentrated_cost most_of_one_; ///< of one part, at the most
  double mu_squared_max_ = 0;                 ///< of Gaussian noise alone
  accounting::concentrated_cost next_part_of(const client_id&) const;
  costs spent_;
  tree_history trees_;
};

/// Of a round whose mean is private nothing is told of single clients but whether they took part:
/// figures that they state of their own data are not numbers any more, and how long each of them
/// took is zero.
void forget_figures(round::finish&);

} // namespace godwit
