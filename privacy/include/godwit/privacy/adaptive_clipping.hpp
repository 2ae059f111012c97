// At which norm are updates clipped, so that a given part of them is short enough already?
#pragma once

#include <cstdint>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// Andrew, Thakkar, McMahan & Ramaswamy 2021, "Differentially private learning with adaptive
/// clipping", section 2. Their values are the defaults.
struct adaptive_clipping_terms {
  double quantile = 0.5;   ///< gamma: the part of updates that shall be short enough; 0 to 1
  double rate = 0.2;       ///< eta: above 0, at most 1
  double norm_first = 0.1; ///< C_0
  double norm_min = 1e-6;  ///< C stays within norm_min ..= norm_max, whatever is counted
  double norm_max = 1e6;
  double client_count = 0;    ///< q N, the expected number a round, fixed; at least 1
  double count_deviation = 0; ///< sigma_b, of the noise on the count; q N / 20 is usual
};

/// A client's part of the count: +1 or -1, twice what the paper's bit less 1/2 is, so that it stays
/// on the integers and a client that is there or not changes the sum by 1.
inline std::int64_t clipping_vote(bool was_short) noexcept {
  return was_short ? 1 : -1;
}

/// The norm of the next round, a value that can be stored and taken up again.
class adaptive_clipping {
public:
  /// Fails with bad_config for terms out of their ranges.
  static attempt<adaptive_clipping> begin(const adaptive_clipping_terms&);

  /// Goes on from a norm that norm() said earlier. Fails with bad_config where it cannot have.
  static attempt<adaptive_clipping> resume(const adaptive_clipping_terms&, double norm);

  double norm() const noexcept { return norm_; }

  /// Takes the sum of the votes with the noise of noise_scale() already on it, and moves the norm:
  /// C exp(-eta (b - gamma)), b = (sum / 2) / (q N) + 1/2. The divisor is the expected count: the
  /// realised one is nobody's business.
  void take(double noised_vote_sum) noexcept;

  /// Standard deviation of the Gaussian noise on the sum of votes, which a client changes by 1: 2
  /// sigma_b.
  double noise_scale() const noexcept { return 2 * terms_.count_deviation; }

private:
  adaptive_clipping(const adaptive_clipping_terms& terms, double norm)
      : terms_(terms), norm_(norm) {}
  adaptive_clipping_terms terms_;
  double norm_;
};

/// The multiplier of the noise on the updates with which updates and count together cost what one
/// Gaussian of `noise_multiplier` costs: two Gaussians on one client's data are one whose inverse
/// squares add up (Andrew et al. 2021, theorem 1), so (z^-2 - (2 sigma_b)^-2)^(-1/2). Fails with
/// bad_config if 2 sigma_b <= z: then the count alone costs as much.
attempt<double> update_noise_multiplier(double noise_multiplier, double count_deviation);

} // namespace godwit
