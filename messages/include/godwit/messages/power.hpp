// What an edge knows about its own power, heat and load at one moment.
#pragma once

#include <cstdint>

namespace godwit {

/// One look at the device. Every value may be unknown, which is -1 and never speaks against
/// working: a server without battery or sensors says -1 throughout.
struct power_reading {
  static constexpr std::uint16_t schema = 1;
  double battery_percent = -1; ///< charge, 0 ..= 100
  std::int32_t charging =
      -1; ///< 1: on external power, whether or not the battery fills; 0: on battery
  double temperature_celsius = -1; ///< the hottest sensor; a real one below 0 is given as 0
  double cpu_pressure_percent =
      -1; ///< time in which some task waited for a processor, last 10 s (PSI some)
  double memory_pressure_percent =
      -1; ///< time in which all tasks waited for memory, last 10 s (PSI full)
  std::int64_t memory_available_bytes = -1; ///< that new work could take without swapping
  std::int32_t metered = -1;                ///< 1: the link is paid by volume; 0: it is not

  friend bool operator==(const power_reading&, const power_reading&) = default;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.battery_percent, self.charging, self.temperature_celsius,
                 self.cpu_pressure_percent, self.memory_pressure_percent,
                 self.memory_available_bytes, self.metered);
  }
};

} // namespace godwit
