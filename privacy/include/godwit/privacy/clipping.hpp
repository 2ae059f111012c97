// How is a client's vector made so short that its influence is bounded, whatever it holds?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// No vector that is clipped is longer.
inline constexpr std::size_t clipped_length_max = std::size_t{1} << 30;

struct clip_finding {
  double norm = 0;        ///< L2 norm before, to 1e-7 of it
  bool was_short = false; ///< it was within the bound: adaptive_clipping counts these
};

/// Scales `values` down to an L2 norm of at most norm_max (finite, at least 2^-100) where they are
/// longer: what is left has, in exact arithmetic, at most that norm. Refuses value_not_finite (a
/// NaN or infinity in it: min(1, norm_max / NaN) would let anything pass) and too_large (longer
/// than clipped_length_max); then nothing is changed, and nothing of it may be summed.
result<clip_finding> clip_to_norm(std::span<float> values, double norm_max);

/// Vectors of whole steps, for sums in which every client adds a share of the noise.
struct grid_clip {
  double norm_max = 1; ///< L2, of the values; above 0
  double step = 1;     ///< of the grid; above 0; norm_max / step at most 2^24
};

/// The most that the squared L2 norm of a grid vector of that many entries is, in squared steps.
/// With c = norm_max / step and d entries, min{(c + sqrt d)^2, c^2 + d / 4 + c + sqrt(d) / 2}:
/// conditional randomised rounding of Kairouz, Liu & Steinke 2021 with beta = exp(-1/2), derived in
/// privacy/NOISE.md, section 8. The privacy of a sum is
/// accounted with this norm, not with norm_max.
std::uint64_t grid_square_max(const grid_clip&, std::size_t length);

/// Clips as clip_to_norm does, and rounds each value up or down to a whole step, at random so that
/// its mean is right; again, with further randomness from `rounding` (a key for this vector only),
/// until the squared norm is within grid_square_max, which is checked in whole numbers and holds
/// for whatever is returned. A try succeeds with probability 0.39 at least (by Hoeffding's
/// inequality on the d independent squares); behind 64, which happens once in 10^13 vectors, values
/// are rounded towards zero. Refuses as clip_to_norm does. Neither keeps references.
result<std::vector<std::int32_t>> clip_to_grid(std::span<const float> values, const grid_clip&,
                                               mask_key rounding);

} // namespace godwit
