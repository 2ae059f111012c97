// How much noise does each client add, so that a sum over those who stay has enough of it?
#pragma once

#include <cstdint>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/noise.hpp>

namespace godwit {

/// Shares of less noise are none: what is accounted of sums of discrete Gaussian noise rests upon
/// shares that are much wider than a step (with 8 steps, their sum differs from discrete Gaussian
/// noise by less than 10^-270, by proposition 14 of Kairouz, Liu & Steinke 2021).
inline constexpr double noise_share_scale_min = 8;

/// No sample of a share of this deviation (noise_share_scale_min or more, in steps) is larger,
/// either way: 13 deviations and a step. Rows begin at weights of 2^-101 or more (privacy/NOISE.md,
/// section 3), which is up to 11.84 deviations for discrete Gaussian noise, at most 12 for Skellam
/// noise of 32 or more and 12.8 down to 8; and the last of them is at most a deviation wide, of one
/// step where the noise is Skellam's and below 32.
double noise_share_reach(double deviation) noexcept;

struct noise_share_terms {
  noise_kind kind = noise_kind::discrete_gaussian;
  double sum_deviation = 0;        ///< of the noise in the sum, at the least, in steps; above 0
  std::uint32_t survivors_min = 0; ///< a sum of fewer vectors is not opened; 1 or more
  std::uint32_t corrupt_max = 0;   ///< of them, so many may add none; below survivors_min
};

/// How many clients' noise is relied upon: survivors_min - corrupt_max. Not the number of those who
/// are invited: whoever drops out takes its noise away, so a share is what that few have to add
/// (Kairouz, Liu & Steinke 2021, section 4). Who drops out can then only leave more than enough.
std::uint32_t honest_survivors(const noise_share_terms&) noexcept;

/// What each client draws its share from: of the variance sum_deviation^2 / honest_survivors. Fails
/// with bad_config for terms out of their ranges, a law whose sums are not accounted for (Laplace),
/// and a share that is too small to be drawn: fewer steps to the norm are not enough then.
attempt<noise_sampler> noise_share(const noise_share_terms&);

/// Variance of each entry's noise in a sum over `survivors`, of whom `silent` added none.
double noise_variance(const noise_sampler& share, std::uint32_t survivors,
                      std::uint32_t silent = 0);

} // namespace godwit
