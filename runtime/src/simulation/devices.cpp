#include "simulation/devices.hpp"

#include <algorithm>
#include <cmath>

#include "data/portable_math.hpp"
#include "data/random.hpp"

namespace godwit::simulated {
namespace {

constexpr double sigmas_max = 2.0;
constexpr double seconds_max = 30.0 * 24 * 3600; // so that no sum of durations overflows

duration of_seconds(double seconds) {
  return duration(static_cast<std::int64_t>(std::min(seconds, seconds_max) * 1e9));
}

double cut_lognormal(random_stream& random, double median, double sigma) {
  return median * portable_exp(sigma * std::clamp(random.normal(), -sigmas_max, sigmas_max));
}

} // namespace

device_profile profile_of(std::string_view name) {
  constexpr double giga = 1e9, megabit = 1e6 / 8;
  if (name == "uniform")
    return {10 * giga, 0, 5 * megabit, 0};
  if (name == "iot")
    return {1 * giga, 0.6, 1 * megabit, 0.6};
  if (name == "workstations")
    return {100 * giga, 0.4, 100 * megabit, 0.5};
  return {10 * giga, 0.6, 5 * megabit, 1.0};
}

device devices::of(std::uint32_t client) const {
  random_stream random(seed_, "device", client);
  device made;
  made.operations_per_second =
      cut_lognormal(random, kind_.operations_median, kind_.operations_sigma);
  made.bytes_per_second = cut_lognormal(random, kind_.bytes_median, kind_.bytes_sigma);
  return made;
}

duration devices::training(const device& on, std::uint64_t example_count,
                           std::uint32_t epochs) const {
  const double operations = 6.0 * static_cast<double>(parameter_count_) *
                            static_cast<double>(example_count) * static_cast<double>(epochs);
  return of_seconds(operations * model_scale_ / on.operations_per_second);
}

duration devices::evaluating(const device& on, std::uint64_t example_count) const {
  const double operations =
      2.0 * static_cast<double>(parameter_count_) * static_cast<double>(example_count);
  return of_seconds(operations * model_scale_ / on.operations_per_second);
}

duration devices::transfer(const device& on) const {
  return of_seconds(static_cast<double>(parameter_count_ * sizeof(float)) * model_scale_ /
                    on.bytes_per_second);
}

std::uint64_t devices::traffic(std::uint64_t bytes) const {
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * model_scale_);
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
