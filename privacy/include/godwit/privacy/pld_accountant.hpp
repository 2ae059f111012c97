// What do releases cost, by the whole distribution of their privacy loss?
#pragma once

#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// Adds up releases as distributions of the privacy loss log(P / Q), in both directions: tight, and
/// never below the truth.
///
/// Each distribution is put on a grid of losses that are multiples of `interval` so that delta is
/// right at each point of it and lies above the truth between them ("connect the dots", Doroshenko
/// et al. 2022). Sums are products of Fourier transforms. What is cut off counts as lost. Gaussian
/// releases of everybody are made one before they go on the grid, and are exact if they are all.
///
/// | noise | everybody | Poisson, add or remove one | Poisson, replace one |
/// | Gaussian | yes | yes | yes |
/// | tree, randomised response | yes | no | no |
/// | Laplace, discrete Laplace, discrete Gaussian on one value | yes | yes | no |
///
/// The rest needs the Rényi accountant.
class pld_accountant {
public:
  static constexpr double usual_interval = 1e-4;
  static constexpr double interval_min = 1e-7, interval_max = 0.1;

  /// `interval` is the coarsest: where one release's losses are about as small as that or smaller,
  /// a finer grid is taken, so that many of them do not add up to more than they are. Work and
  /// memory grow as the interval shrinks.
  explicit pld_accountant(double interval = usual_interval) : interval_(interval) {}

  /// Fails with bad_config for an event that is not valid or not in the table above, and for an
  /// interval outside [1e-7, 0.1]; what was composed before stays as it was.
  attempt<done> compose(const privacy_event&);

  /// The least epsilon for `delta`, and the least delta for `epsilon`. Each computes anew, some
  /// milliseconds. Fail with bad_config for a delta outside [1e-100, 1), an epsilon outside
  /// [0, 1e6], and where the grid would have more than 2^24 points: there is next to no privacy.
  attempt<double> epsilon(double delta) const;
  attempt<double> delta(double epsilon) const;

private:
  double interval_;
  double mu_squared_ = 0;             ///< of all Gaussian releases of everybody
  std::vector<privacy_event> events_; ///< the others; each kind once
};

} // namespace godwit::accounting
