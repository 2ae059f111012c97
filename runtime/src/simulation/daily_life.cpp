#include "simulation/daily_life.hpp"

namespace godwit::simulated {
namespace {

using namespace std::chrono_literals;

constexpr duration look_every = 10min;
constexpr double charged_nights = 0.85; // as before the run

} // namespace

daily_life::daily_life(const devices_config& models, std::uint64_t seed, std::uint32_t client_count,
                       timeline& time)
    : lives_(client_count), time_(time) {
  for (std::uint32_t client = 0; client < client_count; ++client) {
    auto& here = lives_[client];
    if (models.battery != "none")
      here.charge.emplace(seed, client, models.battery == "unplugged" ? 0 : charged_nights);
    if (models.availability == "diurnal") {
      here.comings.emplace(seed, client);
      foresee_coming(client);
    }
    if (is_there(client))
      read_power(client);
  }
}

void daily_life::come_or_go(std::uint32_t client, duration trained) {
  auto& here = lives_[client];
  const bool was_there = here.comings->is_there();
  if (here.charge)
    here.charge->settle(time_.now(), was_there, trained);
  here.comings->change();
  ++here.stay;
  foresee_coming(client);
  here.power = power::machine();
  if (!was_there)
    read_power(client);
}

bool daily_life::look(const event& what, duration trained) {
  auto& here = lives_[what.client];
  if (what.turn != here.stay)
    return false;
  // One that is always there is in its owner's hands by day; else only an idle one is there.
  here.charge->settle(time_.now(), here.comings.has_value(), trained);
  read_power(what.client);
  return true;
}

void daily_life::foresee_coming(std::uint32_t client) {
  time_.add(lives_[client].comings->changes_at(), happening::comes_or_goes, client);
}

void daily_life::read_power(std::uint32_t client) {
  auto& here = lives_[client];
  if (!here.charge)
    return;
  power_reading reading;
  reading.battery_percent = here.charge->percent();
  reading.charging = here.charge->is_charging() ? 1 : 0;
  here.power.apply(reading, time_.now());
  time_.add(time_.now() + look_every, happening::power_look, client, here.stay);
}

} // namespace godwit::simulated
