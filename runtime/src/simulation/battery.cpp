#include "simulation/battery.hpp"

#include <algorithm>

#include "data/portable_math.hpp"
#include "data/random.hpp"
#include "simulation/availability.hpp"

namespace godwit::simulated {
namespace {

using namespace std::chrono_literals;

constexpr double capacity_median = 15, capacity_sigma = 0.25; // watt hours
constexpr double use_watts = 0.7, idle_watts = 0.07, training_watts = 3.5, charger_watts = 7.5;
constexpr double charged_before = 0.85;
constexpr duration day = 24h, bed_time = 22h, wake_time = 7h, spread = 1h;
constexpr duration history = 24h; // lived through before the run begins

double hours(duration x) {
  return std::chrono::duration<double, std::ratio<3600>>(x).count();
}

/// An hour more or less, two at most.
duration habit(random_stream& random) {
  return duration(static_cast<std::int64_t>(std::clamp(random.normal(), -2.0, 2.0) *
                                            static_cast<double>(spread.count())));
}

} // namespace

battery::battery(std::uint64_t seed, std::uint32_t client, double charged_nights)
    : seed_(seed), client_(client), charged_nights_(charged_nights),
      offset_(time_of_day_offset(seed, client)), at_(-history), piece_ends_(-history) {
  random_stream random(seed, "battery", client);
  capacity_ =
      capacity_median * portable_exp(capacity_sigma * std::clamp(random.normal(), -2.0, 2.0));
  held_ = capacity_ * (0.5 + 0.5 * random.uniform());
  enter_next_piece();
  settle(instant::zero(), false, duration::zero());
}

battery::night battery::night_of(std::int64_t number) const {
  // The two nights before the run's first day have numbers below zero.
  random_stream random(seed_, "night",
                       (std::uint64_t{client_} << 32) ^ static_cast<std::uint64_t>(number + 4));
  night made{};
  made.from = number * day + bed_time + habit(random);
  made.until = (number + 1) * day + wake_time + habit(random);
  made.is_charged = random.uniform() < (number < 0 ? charged_before : charged_nights_);
  return made;
}

void battery::enter_next_piece() {
  const auto now = piece_ends_ + offset_;
  const std::int64_t today = (now + 4 * day) / day - 4; // rounds down
  for (auto number = today - 1;; ++number) {
    const auto next = night_of(number);
    if (now >= next.until)
      continue;
    is_night_ = now >= next.from;
    is_charged_ = next.is_charged;
    piece_ends_ = (is_night_ ? next.until : next.from) - offset_;
    return;
  }
}

void battery::settle(instant now, bool lay_idle, duration trained) {
  held_ = std::max(0.0, held_ - training_watts * hours(trained));
  while (at_ < now) {
    const auto until = std::min(now, piece_ends_);
    const double watts = is_charging()           ? charger_watts
                         : is_night_ || lay_idle ? -idle_watts
                                                 : -use_watts;
    held_ = std::clamp(held_ + watts * hours(until - at_), 0.0, capacity_);
    at_ = until;
    if (at_ == piece_ends_)
      enter_next_piece();
  }
}

} // namespace godwit::simulated
