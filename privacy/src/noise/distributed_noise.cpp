#include <godwit/privacy/distributed_noise.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include <godwit/privacy/clipping.hpp>

namespace godwit {
namespace {

failure bad(std::string what) {
  return {.code = failure_code::bad_config, .detail = std::move(what)};
}

/// The largest bound c, in steps, of which rounding leaves a norm of at most `norm` (the inverse of
/// grid_square_max, up to the rounding of doubles).
double bound_before_rounding(double norm, double length) {
  const double root = std::sqrt(length);
  const double within = norm * norm - length / 4 - root / 2 + 0.25;
  return std::max(norm - root, within > 0 ? std::sqrt(within) - 0.5 : 0.0);
}

double norm_after_rounding(const secure_sum::noised_terms& x, std::uint64_t length) {
  return std::sqrt(
      static_cast<double>(grid_square_max({x.norm_max, x.step}, static_cast<std::size_t>(length))));
}

constexpr double rounding_max = 1.1; ///< the norm after rounding / the norm before

} // namespace

attempt<secure_sum::noised_terms> noised_terms_for(const distributed_noise& rules,
                                                   std::uint64_t length) {
  if (rules.corrupt_max >= rules.survivors_min)
    return bad(fmt::format("the noise of {} clients is in a sum at the least, and {} of them may "
                           "have added none: there is nobody to rely upon",
                           rules.survivors_min, rules.corrupt_max));
  const auto honest = static_cast<double>(rules.survivors_min - rules.corrupt_max);
  const double ratio = rules.noise_multiplier / std::sqrt(honest); // share / norm after rounding
  // An entry is at most the norm and the share's reach away from 0: 1 + norm (1 + 13 ratio).
  const double room = std::ldexp(1, rules.bits - 1) - 3;
  const double share_max = rules.law == noise_kind::skellam ? skellam_scale_max : noise_scale_max;
  const double norm = std::min(room / (1 + 13 * ratio), share_max / ratio);
  const double bound =
      std::min(bound_before_rounding(norm, static_cast<double>(length)) * (1 - 0x1p-40), 0x1p23);
  if (!(bound >= 1) || norm > rounding_max * bound)
    return bad(fmt::format(
        "{} bits for each of {} values have no room for a grid that is fine enough, with noise of "
        "{:.4g} times the clip norm from each client: rounding would add more than a tenth to the "
        "norm; take more bits{}",
        rules.bits, length, ratio,
        rules.law == noise_kind::skellam ? ", less noise, or discrete_gaussian" : ""));
  secure_sum::noised_terms made{
      .law = rules.law, .norm_max = rules.clip_norm, .step = rules.clip_norm / bound};
  made.share_deviation = ratio * norm_after_rounding(made, length);
  if (!(made.share_deviation >= noise_share_scale_min))
    return bad(fmt::format("each client's noise has a deviation of {:.3g} steps of the finest grid "
                           "that {} bits allow, and {} are the least that is accounted for; take "
                           "more bits, or more noise",
                           made.share_deviation, rules.bits, noise_share_scale_min));
  return made;
}

accounting::privacy_event release_of(const secure_sum::noised_terms& x, std::uint64_t length,
                                     std::uint32_t honest_count) {
  const double l2 = norm_after_rounding(x, length);
  const double l1 = std::min(std::sqrt(static_cast<double>(length)) * l2, l2 * l2);
  if (x.law == noise_kind::skellam)
    return {.mechanism = accounting::skellam{.variance = x.share_deviation * x.share_deviation *
                                                         honest_count,
                                             .l2_norm = l2,
                                             .l1_norm = l1}};
  return {.mechanism = accounting::discrete_gaussian{.sigma = x.share_deviation,
                                                     .l2_norm = l2,
                                                     .l1_norm = l1,
                                                     .dimension = length,
                                                     .client_count = honest_count}};
}

} // namespace godwit
