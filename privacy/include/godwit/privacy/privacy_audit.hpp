// Does what somebody outside can tell of a noisy release contradict what it is claimed to cost?
#pragma once

#include <cstdint>
#include <span>

#include <godwit/messages/result.hpp>

namespace godwit {

/// One release in which a canary's vector was there or was nothing, by a fair coin that only the
/// canary knew.
struct audit_trial {
  bool is_in = false;
  /// What the release said in the canary's direction, in units of the norm that the vector was cut
  /// to: noise alone, or 1 and noise.
  double score = 0;
};

/// What is claimed of each of the releases.
struct audit_claim {
  double noise_multiplier = 1; ///< deviation of the noise / clip norm; above 0, finite
  double delta = 1e-5;         ///< [1e-100, 1)
};

/// How often who guesses is wrong.
struct error_rates {
  double false_positives = 0; ///< "it was there", of those that were not
  double false_negatives = 0; ///< "it was not", of those that were
};

/// What the trials show. `confidence` holds for all of it together: a right claim is contradicted
/// with probability 1 - confidence at most.
struct audit_finding {
  double claimed_epsilon = 0; ///< of one release, at delta: exact
  /// At least this, whatever the mechanism is.
  double any_epsilon = 0;
  double any_threshold = 0; ///< a score above it counts as "it was there"
  error_rates any_most{};   ///< at that threshold, at most
  /// At least this, if the mechanism hides as a Gaussian one does, of any noise.
  double gaussian_epsilon = 0;
  double gaussian_mu = 0;      ///< 1 / noise multiplier, at least
  error_rates gaussian_most{}; ///< at the threshold 1/2, at most
  std::uint64_t in_count = 0, out_count = 0;
  double false_positives = 0, false_negatives = 0; ///< rates at the threshold 1/2, as seen

  bool contradicts() const noexcept {
    return any_epsilon > claimed_epsilon || gaussian_epsilon > claimed_epsilon;
  }
};

inline constexpr std::uint64_t audit_trial_count_max = 100'000'000;

/// Lower bounds of epsilon from the error rates of a test for membership, at thresholds that are
/// fixed by the claim and the number of trials before a score is looked at. Rates are bounded from
/// above by Clopper & Pearson 1934, each with a quarter of 1 - confidence. `any_epsilon`: log((1 -
/// delta - FNR) / FPR) (Kairouz, Oh & Viswanath 2015, theorem 2.1; Nasr et al. 2021, section IV).
/// `gaussian_epsilon`: mu = Phi^-1(1 - FPR) - Phi^-1(FNR) at the threshold 1/2, and its epsilon at
/// delta (Nasr et al. 2023, "Tight auditing of differentially private machine learning", section
/// 5). Trials need not have the same error rates: trade-off curves are convex, so the mean rates
/// lie above them, and a sum of unlike coins strays less than one of like coins (Hoeffding 1956).
///
/// Fails with bad_config for a claim or a confidence out of range, (0, 1); a score that is not
/// finite; and where there is no trial of one kind, or more than audit_trial_count_max.
attempt<audit_finding> audit(std::span<const audit_trial>, const audit_claim&, double confidence);

/// The largest p for which at most `count` of `trial_count` coins of chance p come out with
/// probability `chance` or more: Clopper and Pearson's upper bound of confidence 1 - chance. 1
/// where all of them came out. trial_count > 0, 0 < chance < 1.
double clopper_pearson_upper(std::uint64_t count, std::uint64_t trial_count, double chance);

} // namespace godwit
