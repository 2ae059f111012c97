#include "simulation/availability.hpp"

#include "data/portable_math.hpp"

namespace godwit::simulated {
namespace {

using namespace std::chrono_literals;

constexpr duration day = 24h;
constexpr duration peak = 2h + 30min;
constexpr double mean_chance = 0.15;
// 0.6 swings by 4 to 1; four zones together lose 3.5 % of each device's swing.
constexpr double swing = 0.6 / 0.9653;
constexpr double forgets = 1.0; // an hour: the sum of both rates
// No rate is above these; the slope of the chance is at most 0.15 * 0.6216 * 8 / 24 an hour.
constexpr double coming_max = 0.3, going_max = 1.1;

/// Where in its day a time lies, 0 ..< 1, counted from a quarter of a day before the peak.
double phase_of(duration time_of_day) {
  auto since = (time_of_day - peak + day / 4) % day;
  if (since < duration::zero())
    since += day;
  return static_cast<double>(since.count()) / static_cast<double>(day.count());
}

/// Like a sine: 0, 1 at a quarter, 0 at the half, -1 at three quarters.
double wave(double x) {
  return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x);
}

/// How much the chance grows in an hour.
double slope(double x) {
  const double of_wave = x < 0.5 ? 8 - 32 * x : 32 * x - 24;
  return mean_chance * swing * of_wave / 24;
}

/// Changes an hour. With these rates a chance that is right once is right for ever:
/// p' = coming - (coming + going) p.
double rate(bool is_there, duration time_of_day) {
  const double chance = chance_to_be_there(time_of_day);
  const double growth = slope(phase_of(time_of_day));
  return is_there ? forgets * (1 - chance) - growth : forgets * chance + growth;
}

} // namespace

duration time_of_day_offset(std::uint64_t seed, std::uint32_t client) {
  random_stream random(seed, "time zone", client);
  return 12h - 1h * static_cast<std::int64_t>(random.below(4));
}

double chance_to_be_there(duration time_of_day) {
  return mean_chance * (1 + swing * wave(phase_of(time_of_day)));
}

availability::availability(std::uint64_t seed, std::uint32_t client)
    : random_(seed, "availability", client), offset_(time_of_day_offset(seed, client)),
      is_there_(random_.uniform() < chance_to_be_there(offset_)) {
  foresee();
}

void availability::change() {
  is_there_ = !is_there_;
  foresee();
}

/// Thinning (Lewis and Shedler 1979): draws at the highest rate, and keeps each with the share
/// that the rate of its moment has in it.
void availability::foresee() {
  const double highest = is_there_ ? going_max : coming_max;
  do {
    const double hours = -portable_log(1 - random_.uniform()) / highest;
    changes_at_ += duration(static_cast<std::int64_t>(hours * 3600e9) + 1);
  } while (random_.uniform() * highest >= rate(is_there_, changes_at_ + offset_));
}

} // namespace godwit::simulated
