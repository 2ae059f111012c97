#include <godwit/privacy/noised_release.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <godwit/messages/check.hpp>

namespace godwit {

namespace {

__extension__ using u128 = unsigned __int128;

constexpr double steps_of_norm = 0x1p23;
constexpr std::uint64_t vector_count_max = std::uint64_t{1} << 32; // 2^32 times 2^23 < 2^63

failure bad(std::string what) {
  return {.code = failure_code::bad_config, .detail = std::move(what)};
}

bool is_norm(double norm) {
  return norm >= 0x1p-100 && std::isfinite(norm);
}

bool is_length(std::size_t length) {
  return length >= 1 && length <= clipped_length_max;
}

attempt<done> check_grid(const grid_clip& grid, std::size_t length) {
  if (!is_norm(grid.norm_max))
    return bad("the clip norm must be finite and above 0");
  if (!(grid.step > 0 && grid.norm_max / grid.step >= 1 && grid.norm_max / grid.step <= 0x1p24))
    return bad("the clip norm must be 1 to 2^24 steps of the grid");
  if (!is_length(length))
    return bad("a vector must have 1 to 2^30 values");
  return done{};
}

} // namespace

noised_sum::noised_sum(const noised_sum_terms& terms, noise_sampler noise)
    : terms_(terms), noise_(std::move(noise)), sum_(terms.length), clipped_(terms.length) {}

attempt<noised_sum> noised_sum::begin(const noised_sum_terms& terms) {
  if (!is_length(terms.length))
    return bad("a vector must have 1 to 2^30 values");
  if (!is_norm(terms.norm_max))
    return bad("the clip norm must be finite and above 0");
  if (!(terms.noise_multiplier >= 0x1p-15 && terms.noise_multiplier <= 256))
    return bad("the noise multiplier must lie between 2^-15 and 256");
  if (!(terms.client_count >= 1 && std::isfinite(terms.client_count)))
    return bad("the expected number of clients must be 1 or more");
  if (std::sqrt(static_cast<double>(terms.length)) / 2 > steps_of_norm / 100)
    return bad("the vector is too long for the grid: sum it in parts");
  auto noise =
      noise_sampler::make(noise_kind::discrete_gaussian, terms.noise_multiplier * steps_of_norm);
  if (!noise)
    return noise.why();
  return noised_sum(terms, std::move(*noise));
}

noised_sum noised_sum::begin_next(double norm_max) const {
  GODWIT_CHECK(is_norm(norm_max), "a norm that bounds nothing");
  auto terms = terms_;
  terms.norm_max = norm_max;
  return {terms, noise_};
}

result<clip_finding> noised_sum::add(std::span<const float> values) {
  if (values.size() != terms_.length)
    return refusal::wrong_shape;
  if (count_ == vector_count_max)
    return refusal::full;
  std::ranges::copy(values, clipped_.begin());
  const auto found = clip_to_norm(clipped_, terms_.norm_max);
  if (!found)
    return found;
  // Rounding to the nearest step adds half a step to each value: sqrt(d) / 2 to the norm.
  const double room = std::sqrt(static_cast<double>(terms_.length)) / 2 + 1;
  const double factor = (steps_of_norm - room) / terms_.norm_max;
  u128 square = 0;
  for (const double value : clipped_) {
    const auto steps = std::llrint(value * factor);
    square += static_cast<std::uint64_t>(steps * steps);
  }
  GODWIT_CHECK(square <= u128{1} << 46, "a clipped vector is too long");
  for (std::size_t i = 0; i < sum_.size(); ++i)
    sum_[i] += static_cast<std::uint64_t>(std::llrint(clipped_[i] * factor));
  ++count_;
  return found;
}

std::vector<double> noised_sum::mean_of(std::span<const std::uint64_t> steps) const {
  const double room = std::sqrt(static_cast<double>(terms_.length)) / 2 + 1;
  const double step = terms_.norm_max / (steps_of_norm - room);
  std::vector<double> mean(steps.size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    mean[i] = static_cast<double>(static_cast<std::int64_t>(steps[i])) * step / terms_.client_count;
  return mean;
}

std::vector<double> noised_sum::release(mask_key key) && {
  noise_.add_to(std::span(sum_), key);
  auto mean = mean_of(sum_);
  sum_.clear();
  return mean;
}

std::vector<double> noised_sum::release_in_tree(secret seed, const tree_place& at) const {
  const noise_tree tree(noise_, std::move(seed));
  auto sum = sum_;
  const auto negate = [&sum] {
    for (auto& value : sum)
      value = 0 - value;
  };
  negate();
  tree.add_to_prefix(sum, at.tree, at.step);
  negate();
  tree.add_to_prefix(sum, at.tree, at.step + 1);
  return mean_of(sum);
}

attempt<local_release> local_release::gaussian(const grid_clip& grid, std::size_t length,
                                               double noise_multiplier) {
  if (const auto fits = check_grid(grid, length); !fits)
    return fits.why();
  if (!(noise_multiplier > 0 && std::isfinite(noise_multiplier)))
    return bad("the noise multiplier must be finite and above 0");
  auto noise = noise_sampler::make(
      noise_kind::discrete_gaussian,
      noise_multiplier * std::sqrt(static_cast<double>(grid_square_max(grid, length))));
  if (!noise)
    return noise.why();
  return local_release(grid, length, std::move(*noise));
}

attempt<local_release> local_release::laplace(const grid_clip& grid, std::size_t length,
                                              double epsilon) {
  if (const auto fits = check_grid(grid, length); !fits)
    return fits.why();
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    return bad("epsilon must be finite and above 0");
  auto noise = noise_sampler::make(noise_kind::discrete_laplace,
                                   2 * grid.norm_max / (grid.step * epsilon) * (1 + 0x1p-50));
  if (!noise)
    return noise.why();
  return local_release(grid, length, std::move(*noise));
}

result<std::vector<std::int32_t>> local_release::shorten(std::span<const float> values,
                                                         mask_key key) const {
  if (noise_.kind() == noise_kind::discrete_gaussian)
    return clip_to_grid(values, grid_, key);
  double norm = 0;
  for (const double value : values)
    norm += std::abs(value);
  if (!std::isfinite(norm))
    return refusal::value_not_finite;
  // 2^-20 covers the rounding of the sum; towards zero, no value grows.
  const double factor = std::min(1.0, grid_.norm_max / norm) * (1 - 0x1p-20) / grid_.step;
  std::vector<std::int32_t> steps;
  std::uint64_t sum = 0;
  for (const double value : values) {
    steps.push_back(static_cast<std::int32_t>(value * factor));
    sum += static_cast<std::uint64_t>(std::abs(steps.back()));
  }
  GODWIT_CHECK(static_cast<double>(sum) <= grid_.norm_max / grid_.step,
               "a clipped vector is too long");
  return steps;
}

result<std::vector<double>> local_release::release(std::span<const float> values,
                                                   mask_key key) const {
  if (values.size() != length_)
    return refusal::wrong_shape;
  const auto steps = shorten(values, key);
  if (!steps)
    return steps.why();
  std::vector<std::int64_t> noise(values.size());
  noise_.draw(noise, key);
  std::vector<double> released(values.size());
  for (std::size_t i = 0; i < released.size(); ++i)
    released[i] = static_cast<double>((*steps)[i] + noise[i]) * grid_.step;
  return released;
}

} // namespace godwit
