// How hard an edge may work right now, and whether it may work at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/messages/power.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::power {

/// From best to worst; a greater number is a worse mode.
enum class mode : std::uint8_t {
  performance = 1, ///< on mains and cool: work as asked
  balanced = 2,    ///< on battery, or warm
  low_power = 3,   ///< on a low battery, or hot
  critical = 4,    ///< nearly empty, too hot or out of memory: no work
};

std::string_view name(mode) noexcept;

/// Thresholds. Battery rules hold only while the device runs on its battery.
struct rules {
  double battery_low_percent = 50;        ///< below: low_power
  double battery_critical_percent = 20;   ///< below: critical
  double warm_celsius = 70;               ///< from here on: balanced
  double hot_celsius = 80;                ///< from here on: low_power
  double critical_celsius = 85;           ///< from here on: critical
  double memory_pressure_max_percent = 5; ///< above: critical
  double battery_margin_percent =
      5; ///< a worse mode is left only so far above its battery threshold,
  double temperature_margin_celsius = 5; ///< and so far below its temperature threshold,
  duration recovery =
      std::chrono::seconds{60};    ///< once all readings of this time allow the better mode
  double battery_min_percent = 40; ///< on battery: below this the edge declines work
  double cpu_pressure_max_percent =
      60; ///< from here on the edge declines work; above 100: never. The pressure is
          ///< the whole machine's, other edges on it included
  std::int64_t memory_needed_bytes = 0; ///< less available: the edge declines work
  bool metered_allowed = false;         ///< work although the link is paid by volume
};

struct mode_changed {
  mode from;
  mode to;
  std::string_view because; ///< what decided, e.g. "battery_critical"; static text
};
using effect = std::variant<mode_changed>;

/// Turns readings into a mode, with hysteresis, and into a yes or no to work. Worse modes are
/// entered at once; better ones after `rules.recovery` of readings that clear the thresholds by
/// their margins. Starts in performance and eligible. Unknown values (-1) count as mains, cool and
/// unloaded.
class machine {
public:
  explicit machine(rules limits = {});
  /// Takes one reading. `now` never goes back. The caller owes the world the effects, in order.
  std::vector<effect> apply(const power_reading& reading, instant now);
  mode current() const noexcept { return mode_; }
  /// Why the device may not work now, e.g. "battery_below_minimum"; nothing if it may.
  std::optional<std::string_view> ineligible_because() const noexcept { return ineligible_; }

private:
  /// A better mode that is on its way.
  struct recovery {
    mode to;
    instant since;
  };

  rules rules_;
  mode mode_ = mode::performance;
  std::optional<recovery> recovery_;
  std::optional<std::string_view> ineligible_;
};

} // namespace godwit::power
