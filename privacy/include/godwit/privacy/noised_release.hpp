// How does a vector, or a sum of vectors, leave with noise on it, so that none can leave without?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/messages/tree_place.hpp>
#include <godwit/privacy/clipping.hpp>
#include <godwit/privacy/noise.hpp>
#include <godwit/privacy/noise_tree.hpp>

namespace godwit {

struct noised_sum_terms {
  std::size_t length = 0; ///< values of a vector, 1 ..= clipped_length_max
  double norm_max = 0;    ///< L2, of one client's vector; finite, at least 2^-100
  /// Deviation of the noise / norm_max, 2^-15 ..= 256: at least 2^8 steps, so that what is proven
  /// of the continuous Gaussian mechanism holds.
  double noise_multiplier = 0;
  /// What the sum is divided by: the expected number of clients, q N, fixed before the round. Not
  /// the realised one: that changes with who is there. At least 1.
  double client_count = 0;
};

/// Central differential privacy: sum, Gaussian noise, mean (McMahan, Ramage, Talwar & Zhang 2018,
/// algorithm 1). Vectors are clipped and rounded to a grid of 2^23 steps of norm_max here, so that
/// no float is summed and the noise is discrete, exact, and of the deviation that is stated: what a
/// client changes has at most 2^23 steps of L2 norm, by a check in whole numbers.
class noised_sum {
public:
  /// Fails with bad_config, in a sentence, for terms out of their ranges, or where a vector is so
  /// long that rounding would use up a hundredth of the norm.
  static attempt<noised_sum> begin(const noised_sum_terms&);

  /// An empty one for the next release, of the same terms but for the norm (in its range).
  noised_sum begin_next(double norm_max) const;

  // Not copied: one sum that leaves twice, with noise of two keys, leaves with less of it.
  noised_sum(noised_sum&&) = default;
  noised_sum& operator=(noised_sum&&) = default;

  /// Adds one client's vector. Refuses wrong_shape, value_not_finite and full (2^32 vectors), and
  /// then adds nothing. Once for each client: who they are is the caller's to check.
  result<clip_finding> add(std::span<const float> values);

  /// The sum without its noise, in steps of norm_max / 2^23, mod 2^64: for what a key is bound to,
  /// and for nobody's eyes.
  std::span<const std::uint64_t> words() const noexcept { return sum_; }

  /// The sum with noise from `key`, a key for this release only, divided by client_count. Ends it.
  std::vector<double> release(mask_key key) &&;

  /// Tree aggregation (noise_tree.hpp), the nodes' noise being what is stated: the sum with the
  /// noise of the first step + 1 rounds less that of the first `step`, divided by client_count, so
  /// that all releases of a tree so far add up to the sum of its rounds with the noise of one
  /// prefix. `seed` has 32 bytes, and is for the trees of one job, norm and multiplier. The same
  /// place gives the same; a sum that leaves at two places is two releases.
  std::vector<double> release_in_tree(secret seed, const tree_place&) const;

private:
  noised_sum(const noised_sum_terms&, noise_sampler);
  std::vector<double> mean_of(std::span<const std::uint64_t> steps) const;
  noised_sum_terms terms_;
  noise_sampler noise_;
  std::vector<std::uint64_t> sum_; ///< in steps, mod 2^64
  std::vector<float> clipped_;
  std::uint64_t count_ = 0;
};

/// Local differential privacy: one client's vector leaves with noise of its own. Any other vector
/// could stand in its place, so two neighbours differ by up to twice the norm.
class local_release {
public:
  /// Discrete Gaussian noise of the deviation noise_multiplier times the L2 norm that
  /// grid_square_max allows. Accounted as a Gaussian of that multiplier whose neighbours replace.
  /// Fails with bad_config for a grid on which that noise cannot be drawn.
  static attempt<local_release> gaussian(const grid_clip&, std::size_t length,
                                         double noise_multiplier);

  /// Discrete Laplace noise of scale 2 norm_max / (step epsilon): epsilon-private. norm_max is of
  /// the L1 norm here; longer vectors are scaled down, and rounding is towards zero.
  static attempt<local_release> laplace(const grid_clip&, std::size_t length, double epsilon);

  /// The vector on the grid, with noise, as step times whole numbers. `key` is for this vector
  /// only. Refuses wrong_shape, value_not_finite.
  result<std::vector<double>> release(std::span<const float> values, mask_key key) const;

  const noise_sampler& noise() const noexcept { return noise_; }

private:
  local_release(const grid_clip& grid, std::size_t length, noise_sampler noise)
      : grid_(grid), length_(length), noise_(std::move(noise)) {}
  result<std::vector<std::int32_t>> shorten(std::span<const float> values, mask_key key) const;
  grid_clip grid_;
  std::size_t length_;
  noise_sampler noise_;
};

} // namespace godwit
