#include <godwit/actors/machines/private_sum.hpp>

#include <algorithm>
#include <cmath>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/clipping.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/noise.hpp>

namespace godwit {
namespace {

constexpr double grid = 1 << fixed_point::fraction_bits; ///< steps in 1
constexpr double sigma_steps_min = 0x1p8;

/// What the values' norm may be, so that it is at most clip_norm once each of them was rounded to
/// the grid, which moves the vector by sqrt(d) / 2 steps at most.
double norm_before_rounding(double clip_norm, std::uint64_t parameter_count) {
  return clip_norm - std::sqrt(static_cast<double>(parameter_count)) / 2 / grid;
}

double sigma_in_steps(const private_mean& rules) {
  return rules.noise_multiplier * rules.clip_norm * grid;
}

secret noise_key(const secret& seed, round_id round, std::span<const std::uint64_t> words) {
  const auto digest = sha256(std::as_bytes(words));
  const auto bound =
      canonical::writer().raw(as_bytes("godwit/noise")).u8(0).u64(round.value).raw(digest).take();
  return hkdf_sha256(seed.reveal(), {}, bound, mask_key_bytes);
}

} // namespace

bool is_possible(const private_mean& rules, std::uint64_t parameter_count) noexcept {
  const double sigma = sigma_in_steps(rules);
  return rules.cohort > 0 && std::isfinite(rules.clip_norm) &&
         norm_before_rounding(rules.clip_norm, parameter_count) > 0 && sigma >= sigma_steps_min &&
         sigma <= noise_scale_max;
}

private_sum::private_sum(const private_mean& rules, std::size_t parameter_count)
    : rules_(rules), sum_(parameter_count) {
  GODWIT_CHECK(is_possible(rules, parameter_count), "a private mean that cannot be made");
}

result<done> private_sum::add(const client_id& client, bytes_view update) {
  if (update.size() != parameter_count() * sizeof(float))
    return refusal::wrong_shape;
  const auto place = std::ranges::lower_bound(clients_, client);
  if (place != clients_.end() && *place == client)
    return refusal::duplicate;
  std::vector<float> values(parameter_count());
  std::ranges::copy(update, std::as_writable_bytes(std::span(values)).begin());
  const double bound = norm_before_rounding(rules_.clip_norm, parameter_count());
  if (auto clipped = clip_to_norm(values, bound); !clipped)
    return clipped.why();
  if (auto added = sum_.add(std::span<const float>(values), 1); !added)
    return added.why();
  clients_.insert(place, client);
  return done{};
}

void private_sum::release(const secret& seed, round_id round, std::span<float> mean) const {
  GODWIT_CHECK(mean.size() == parameter_count(), "a sum and its mean have one shape");
  std::vector<std::uint64_t> words(sum_.words().begin(), sum_.words().end());
  const auto key = noise_key(seed, round, words);
  const auto sampler = noise_sampler::make(noise_kind::discrete_gaussian, sigma_in_steps(rules_));
  GODWIT_CHECK(sampler, "noise of a scale that was found possible");
  sampler->add_to(std::span(words), mask_key(key.reveal().data(), mask_key_bytes));
  const double divisor = grid * rules_.cohort;
  for (std::size_t i = 0; i < words.size(); ++i)
    mean[i] =
        static_cast<float>(static_cast<double>(static_cast<std::int64_t>(words[i])) / divisor);
}

void private_sum::clear() noexcept {
  sum_.clear();
  clients_.clear();
}

} // namespace godwit
