#include <godwit/privacy/noise_share.hpp>

#include <cmath>
#include <string>

#include <godwit/messages/check.hpp>

namespace godwit {

namespace {

failure bad(std::string what) {
  return {.code = failure_code::bad_config, .detail = "shares of noise: " + std::move(what)};
}

} // namespace

double noise_share_reach(double deviation) noexcept {
  return 13 * deviation + 1;
}

std::uint32_t honest_survivors(const noise_share_terms& terms) noexcept {
  return terms.survivors_min - terms.corrupt_max;
}

attempt<noise_sampler> noise_share(const noise_share_terms& terms) {
  if (terms.kind == noise_kind::discrete_laplace)
    return bad("sums of discrete Laplace noise are not accounted for; choose discrete Gaussian");
  if (!(terms.sum_deviation > 0 && std::isfinite(terms.sum_deviation)))
    return bad("the deviation of the sum's noise must be finite and above 0");
  if (terms.survivors_min < 1 || terms.corrupt_max >= terms.survivors_min)
    return bad("fewer clients may be corrupt than the fewest that a sum is opened for");
  return noise_sampler::make(
      terms.kind, terms.sum_deviation / std::sqrt(static_cast<double>(honest_survivors(terms))));
}

double noise_variance(const noise_sampler& share, std::uint32_t survivors, std::uint32_t silent) {
  GODWIT_CHECK(silent <= survivors, "more are silent than there are");
  return share.variance() * static_cast<double>(survivors - silent);
}

} // namespace godwit
