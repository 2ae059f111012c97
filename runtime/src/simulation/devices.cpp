#include "simulation/devices.hpp"

#include <algorithm>
#include <cmath>

#include "data/portable_math.hpp"
#include "data/random.hpp"

namespace godwit::simulated {
namespace {

constexpr double operations_median = 10e9;
constexpr double operations_sigma = 0.6;
constexpr double bytes_median = 5e6 / 8;
constexpr double bytes_sigma = 1.0;
constexpr double sigmas_max = 2.0;
constexpr double seconds_max = 30.0 * 24 * 3600; // so that no sum of durations overflows

duration of_seconds(double seconds) {
  return duration(static_cast<std::int64_t>(std::min(seconds, seconds_max) * 1e9));
}

double cut_lognormal(random_stream& random, double median, double sigma) {
  return median * portable_exp(sigma * std::clamp(random.normal(), -sigmas_max, sigmas_max));
}

} // namespace

device devices::of(std::uint32_t client) const {
  random_stream random(seed_, "device", client);
  device made;
  made.operations_per_second = cut_lognormal(random, operations_median, operations_sigma);
  made.bytes_per_second = cut_lognormal(random, bytes_median, bytes_sigma);
  return made;
}

duration devices::training(const device& on, std::uint64_t example_count,
                           std::uint32_t epochs) const {
  const double operations = 6.0 * static_cast<double>(parameter_count_) *
                            static_cast<double>(example_count) * static_cast<double>(epochs);
  return of_seconds(operations / on.operations_per_second);
}

duration devices::evaluating(const device& on, std::uint64_t example_count) const {
  const double operations =
      2.0 * static_cast<double>(parameter_count_) * static_cast<double>(example_count);
  return of_seconds(operations / on.operations_per_second);
}

duration devices::transfer(const device& on) const {
  return of_seconds(static_cast<double>(parameter_count_ * sizeof(float)) / on.bytes_per_second);
}

std::optional<double> devices::vanishes_after(std::uint32_t client, round_id round) const {
  if (drop_out_ <= 0)
    return std::nullopt;
  random_stream random(seed_, "drop-out", (round.value << 32) ^ client);
  const bool vanishes = random.uniform() < drop_out_;
  const double part = random.uniform();
  return vanishes ? std::optional(part) : std::nullopt;
}

} // namespace godwit::simulated
