// Which devices are there now, and which of them may work? Their days, by the models that are on.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <godwit/actors/machines/power.hpp>
#include <godwit/runtime/config.hpp>

#include "simulation/availability.hpp"
#include "simulation/battery.hpp"
#include "simulation/timeline.hpp"

namespace godwit::simulated {

/// The lives of all devices. Each has the power machine of a real edge and feeds it a reading every
/// ten minutes while it is there (a real edge: every five seconds), and when it comes: a device
/// that was away begins anew.
class daily_life {
public:
  /// Foresees all first events. At least one of the two models is on. `time` outlives this.
  daily_life(const devices_config& models, std::uint64_t seed, std::uint32_t client_count,
             timeline& time);

  bool is_there(std::uint32_t client) const {
    return !lives_[client].comings || lives_[client].comings->is_there();
  }
  /// Why a device that is there may not work.
  std::optional<std::string_view> ineligible_because(std::uint32_t client) const {
    return lives_[client].power.ineligible_because();
  }
  power::mode mode_of(std::uint32_t client) const { return lives_[client].power.current(); }

  /// happening::comes_or_goes. `trained`: for so long since it was asked last.
  void come_or_go(std::uint32_t client, duration trained);
  /// happening::power_look. False: the event is of an earlier stay, and nothing is changed.
  bool look(const event& what, duration trained);

private:
  struct life {
    std::optional<availability> comings; ///< nothing: always there
    std::optional<battery> charge;       ///< nothing: on mains
    power::machine power;
    std::uint32_t stay = 0; ///< rises when it comes or goes
  };
  void read_power(std::uint32_t client);
  void foresee_coming(std::uint32_t client);

  std::vector<life> lives_;
  timeline& time_;
};

} // namespace godwit::simulated
