// The power machine's rules: what a reading means, and how slowly good news is believed.
#include <godwit/actors/machines/power.hpp>

#include <algorithm>

namespace godwit::power {

std::string_view name(mode which) noexcept {
  switch (which) {
  case mode::performance:
    return "performance";
  case mode::balanced:
    return "balanced";
  case mode::low_power:
    return "low_power";
  case mode::critical:
    return "critical";
  }
  return "unknown";
}

namespace {

/// A mode, and the value that decided it.
struct standing {
  mode in = mode::performance;
  std::string_view because = "mains_and_cool";
};

bool on_battery(const power_reading& reading) {
  return reading.charging == 0;
}

standing by_battery(const rules& limits, const power_reading& reading, double margin) {
  if (!on_battery(reading))
    return {};
  if (reading.battery_percent >= 0) {
    if (reading.battery_percent < limits.battery_critical_percent + margin)
      return {mode::critical, "battery_critical"};
    if (reading.battery_percent < limits.battery_low_percent + margin)
      return {mode::low_power, "battery_low"};
  }
  return {mode::balanced, "on_battery"};
}

standing by_temperature(const rules& limits, const power_reading& reading, double margin) {
  if (reading.temperature_celsius < 0)
    return {};
  if (reading.temperature_celsius >= limits.critical_celsius - margin)
    return {mode::critical, "temperature_critical"};
  if (reading.temperature_celsius >= limits.hot_celsius - margin)
    return {mode::low_power, "temperature_hot"};
  if (reading.temperature_celsius >= limits.warm_celsius - margin)
    return {mode::balanced, "temperature_warm"};
  return {};
}

standing by_memory(const rules& limits, const power_reading& reading) {
  if (reading.memory_pressure_percent > limits.memory_pressure_max_percent)
    return {mode::critical, "memory_pressure"};
  return {};
}

/// The worst of all, with thresholds moved by the margins to the careful side.
standing judge(const rules& limits, const power_reading& reading, double battery_margin,
               double temperature_margin) {
  return std::max({by_battery(limits, reading, battery_margin),
                   by_temperature(limits, reading, temperature_margin), by_memory(limits, reading)},
                  [](const standing& a, const standing& b) { return a.in < b.in; });
}

std::optional<std::string_view> judge_eligibility(const rules& limits, mode now_in,
                                                  const power_reading& reading) {
  if (now_in == mode::critical)
    return "power_critical";
  if (on_battery(reading) && reading.battery_percent >= 0 &&
      reading.battery_percent < limits.battery_min_percent)
    return "battery_below_minimum";
  if (reading.metered == 1 && !limits.metered_allowed)
    return "link_metered";
  if (reading.cpu_pressure_percent >= limits.cpu_pressure_max_percent)
    return "processor_busy";
  if (reading.memory_available_bytes >= 0 &&
      reading.memory_available_bytes < limits.memory_needed_bytes)
    return "memory_short";
  return std::nullopt;
}

} // namespace

machine::machine(rules limits) : rules_(limits) {}

std::vector<effect> machine::apply(const power_reading& reading, instant now) {
  std::vector<effect> effects;
  const auto change = [&](mode to, std::string_view because) {
    effects.push_back(mode_changed{.from = mode_, .to = to, .because = because});
    mode_ = to;
    recovery_.reset();
  };
  const standing entered = judge(rules_, reading, 0, 0);
  const standing cleared =
      judge(rules_, reading, rules_.battery_margin_percent, rules_.temperature_margin_celsius);
  if (entered.in > mode_) {
    change(entered.in, entered.because);
  } else if (cleared.in < mode_) {
    // The worst that was seen while waiting is all that has been true for the whole time.
    recovery_ = recovery{recovery_ ? std::max(recovery_->to, cleared.in) : cleared.in,
                         recovery_ ? recovery_->since : now};
    if (now - recovery_->since >= rules_.recovery)
      change(recovery_->to, "recovered");
  } else {
    recovery_.reset();
  }
  ineligible_ = judge_eligibility(rules_, mode_, reading);
  return effects;
}

} // namespace godwit::power
