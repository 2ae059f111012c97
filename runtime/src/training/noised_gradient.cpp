#include "training/noised_gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <godwit/messages/secret.hpp>

namespace godwit {
namespace {

constexpr double grid_steps = 0x1p22;  ///< of the clip norm
constexpr double slack = 0x1p-6;       ///< what floats and the grid may add to it
constexpr double largest_sum = 0x1p30; ///< in steps: of 256 rows

constexpr stream_nonce nonce_of(std::string_view purpose) {
  stream_nonce made{};
  for (std::size_t i = 0; i < purpose.size(); ++i)
    made[i] = static_cast<std::byte>(purpose[i]);
  return made;
}
constexpr stream_nonce keys_nonce = nonce_of("step keys");
constexpr stream_nonce draw_nonce = nonce_of("who is in");

/// A step's two keys.
class step_keys {
public:
  step_keys(mask_key key, std::uint64_t step) {
    write_stream(bytes_, key, {.nonce = keys_nonce}, step * bytes_.size());
  }
  ~step_keys() { wipe(bytes_); }
  step_keys(const step_keys&) = delete;
  step_keys& operator=(const step_keys&) = delete;
  mask_key draw() const { return mask_key(bytes_.data(), mask_key_bytes); }
  mask_key noise() const { return mask_key(bytes_.data() + mask_key_bytes, mask_key_bytes); }

private:
  std::array<std::byte, 2 * mask_key_bytes> bytes_;
};

} // namespace

attempt<noised_gradient> noised_gradient::begin(const training_plan& plan,
                                                std::uint64_t example_count,
                                                std::size_t parameter_count, mask_key key) {
  const auto& noise = plan.noise;
  const auto refuse = [](std::string detail) {
    return failure{failure_code::bad_config, false, std::move(detail)};
  };
  if (!(noise.clip_norm >= clip_norm_min && noise.clip_norm <= clip_norm_max))
    return refuse(fmt::format("a clip norm of {} for an example's gradient; give {} to {}",
                              noise.clip_norm, clip_norm_min, clip_norm_max));
  if (!(noise.noise_multiplier >= noise_multiplier_min &&
        noise.noise_multiplier <= noise_multiplier_max))
    return refuse(fmt::format("a noise multiplier of {} for a step's gradient; give {} to {}",
                              noise.noise_multiplier, noise_multiplier_min, noise_multiplier_max));
  if (parameter_count > parameter_count_max)
    return refuse(fmt::format("noise for a gradient of {} values; {} can be had", parameter_count,
                              parameter_count_max));
  auto sampler =
      noise_sampler::make(noise_kind::discrete_gaussian,
                          static_cast<double>(noise.noise_multiplier) * (1 + slack) * grid_steps);
  if (!sampler)
    return sampler.why();
  return noised_gradient(plan, example_count, parameter_count, key, std::move(*sampler));
}

noised_gradient::noised_gradient(const training_plan& plan, std::uint64_t example_count,
                                 std::size_t parameter_count, mask_key key, noise_sampler noise)
    : steps_(noised_steps_of(plan, example_count)),
      batch_(steps_.rate * static_cast<double>(example_count)),
      grid_(static_cast<double>(plan.noise.clip_norm) / grid_steps), key_(key),
      noise_(std::move(noise)), draws_(example_count),
      groups_(static_cast<std::size_t>(std::ceil(batch_ / static_cast<double>(group_size)))),
      sum_(parameter_count) {}

const std::vector<std::vector<std::uint32_t>>&
noised_gradient::draw_groups(std::span<const std::uint32_t> rows) {
  const step_keys keys(key_, step_);
  const mask_term term{.key = keys.draw()};
  std::ranges::fill(draws_, 0);
  add_masks(std::span(draws_), std::span(&term, 1), {.nonce = draw_nonce});
  for (auto& group : groups_)
    group.clear();
  const double included = std::floor(steps_.rate * 0x1p53);
  const auto group_count = static_cast<double>(groups_.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto draw = static_cast<double>(draws_[i] >> 11U); // uniform on 0 ..< 2^53
    if (draw >= included)
      continue;
    const auto group = static_cast<std::size_t>(draw / included * group_count);
    groups_[std::min(group, groups_.size() - 1)].push_back(rows[i]);
  }
  return groups_;
}

void noised_gradient::add(std::span<const float> sum) {
  const double steps = 1 / grid_;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double value = std::clamp(static_cast<double>(sum[i]) * steps, -largest_sum, largest_sum);
    sum_[i] += static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
  }
}

void noised_gradient::release(std::span<float> gradient) {
  const step_keys keys(key_, step_++);
  noise_.add_to(sum_, keys.noise());
  const double unit = grid_ / batch_;
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] =
        static_cast<float>(static_cast<double>(static_cast<std::int64_t>(sum_[i])) * unit);
  std::ranges::fill(sum_, 0);
}

} // namespace godwit
