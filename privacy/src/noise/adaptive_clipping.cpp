#include <godwit/privacy/adaptive_clipping.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <godwit/privacy/noise.hpp>

namespace godwit {

namespace {

failure bad(std::string what) {
  return {.code = failure_code::bad_config, .detail = "adaptive clipping: " + std::move(what)};
}

bool is_positive(double value) {
  return value > 0 && std::isfinite(value);
}

} // namespace

attempt<adaptive_clipping> adaptive_clipping::begin(const adaptive_clipping_terms& terms) {
  return resume(terms, terms.norm_first);
}

attempt<adaptive_clipping> adaptive_clipping::resume(const adaptive_clipping_terms& terms,
                                                     double norm) {
  if (!(terms.quantile > 0 && terms.quantile < 1))
    return bad("the quantile must lie between 0 and 1");
  if (!(terms.rate > 0 && terms.rate <= 1))
    return bad("the rate must be above 0 and at most 1");
  if (!is_positive(terms.norm_min) || !is_positive(terms.norm_max) ||
      terms.norm_min > terms.norm_max)
    return bad("the norm's bounds must be above 0 and in order");
  if (!(terms.client_count >= 1 && std::isfinite(terms.client_count)))
    return bad("the expected number of clients must be 1 or more");
  if (!(2 * terms.count_deviation >= noise_scale_min &&
        2 * terms.count_deviation <= noise_scale_max))
    return bad("without noise on the count (0.125 or more) the norm itself tells of clients");
  if (!(norm >= terms.norm_min && norm <= terms.norm_max))
    return bad("the norm must lie between its bounds");
  return adaptive_clipping(terms, norm);
}

void adaptive_clipping::take(double noised_vote_sum) noexcept {
  const double part = noised_vote_sum / 2 / terms_.client_count + 0.5;
  norm_ = std::clamp(norm_ * std::exp(-terms_.rate * (part - terms_.quantile)), terms_.norm_min,
                     terms_.norm_max);
}

attempt<double> update_noise_multiplier(double noise_multiplier, double count_deviation) {
  const double count_multiplier = 2 * count_deviation;
  if (!is_positive(noise_multiplier) || !(count_multiplier > noise_multiplier))
    return bad("the noise on the count costs the whole budget; its deviation must be above half "
               "the noise multiplier");
  if (std::isinf(count_multiplier))
    return bad("the deviation of the noise on the count must be finite");
  return 1 / std::sqrt(1 / (noise_multiplier * noise_multiplier) -
                       1 / (count_multiplier * count_multiplier));
}

} // namespace godwit
