// What has an edge told of its single examples, and may it tell more? Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

namespace godwit {

/// What an edge allows to be told of its examples.
struct example_rules {
  std::uint64_t example_count = 0; ///< that it trains on; this number counts as public
  bool trainer_hides = true;       ///< its trainer follows example_noise
  bool is_required = false;        ///< it trains in no other way, evaluates for nobody, and has a
                                   ///< limit
  double epsilon = 0;              ///< the limit
  double delta = 1e-5;             ///< at which epsilons are stated
};

/// Fails with bad_config, naming the key, for a demand that cannot be kept to: with a trainer that
/// hides nothing, or a delta at which everything of one example might be told.
attempt<done> check(const example_rules&);

/// All steps of DP-SGD that an edge's updates were made of. Steps are Gaussian releases of a
/// Poisson sample, neighbours differ by one example that is there or not, and Rényi divergences add
/// up over them (Mironov, Talwar & Zhang 2019).
class example_account {
public:
  /// Of noise and rate together; each further one is refused.
  static constexpr std::size_t kind_count_max = 256;

  /// Fails with bad_config for steps that cannot be accounted for, or of too many kinds. What was
  /// counted before stays as it was.
  attempt<done> charge(const noted::examples_told&);
  /// Of all that was charged, and of `more`. Fails like charge.
  attempt<double> epsilon(double delta, const std::optional<noted::examples_told>& more = {}) const;

  /// Equal kinds in one.
  const std::vector<noted::examples_told>& told() const noexcept { return told_; }

private:
  std::size_t place_of(const noted::examples_told& kind) const;
  attempt<done> check(const noted::examples_told& more) const;
  std::vector<noted::examples_told> told_;
  std::vector<accounting::divergence_curve> of_one_step_; ///< of the kind at the same place
};

/// What an update tells that follows the plan.
noted::examples_told told_by(const training_plan&, std::uint64_t example_count);

/// Why an edge does not follow the plan, in a sentence; empty where it does.
std::string why_declined(const example_rules&, const example_account&, const training_plan&);

} // namespace godwit
