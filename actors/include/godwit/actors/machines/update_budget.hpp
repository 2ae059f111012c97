// How does an update get noise before it leaves its edge, what have all of them told of the edge,
// and may they tell more? Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// Cuts the update to the norm and adds exact discrete noise from `key`, which is for this update
/// only: local_release, on a grid of 2^20 steps of the norm (L1: of 2^24). Any other update of any
/// other edge could then stand in its place. Fails with bad_config for a norm or noise that cannot
/// be, and with training for an update with a value that is not finite.
attempt<done> hide_update(std::span<float> update, const update_noise&, mask_key key);

/// What an edge allows to be told of itself by its updates.
struct update_rules {
  bool is_required = false; ///< no update leaves without noise of its own; it evaluates for nobody,
                            ///< and has a limit
  double epsilon = 0;       ///< the limit
  double delta = 1e-5;      ///< at which epsilons are stated
};

/// All updates that left with noise of their own. Neighbours replace an update by any other.
/// Gaussian ones add up exactly (Balle & Wang 2018, theorem 8; Dong, Roth & Su 2022,
/// corollary 3.3). One with Laplace noise of multiplier z is (2 / z)-private, and so 2 /
/// z^2-concentrated (Bun & Steinke 2016, proposition 1.4); such ones add up as that, or as their
/// epsilons where that is less.
class update_account {
public:
  /// Of law and noise together; each further one is refused.
  static constexpr std::size_t kind_count_max = 256;

  /// Fails with bad_config for what cannot be accounted for, or too many kinds. What was counted
  /// before stays as it was.
  attempt<done> charge(const noted::updates_told&);
  /// Of all that was charged, and of `more`. Fails like charge.
  attempt<double> epsilon(double delta, const std::optional<noted::updates_told>& more = {}) const;

  /// Equal kinds in one.
  const std::vector<noted::updates_told>& told() const noexcept { return told_; }

private:
  std::vector<noted::updates_told> told_;
};

/// What an update tells that follows the plan.
noted::updates_told told_by(const update_noise&);

/// Why an edge does not follow the plan, in a sentence; empty where it does.
std::string why_declined(const update_rules&, const update_account&, const training_plan&);

} // namespace godwit
