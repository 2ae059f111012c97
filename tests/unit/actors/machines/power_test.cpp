// Does the power machine fall at once, rise slowly, and say no for the right reason?
#include <godwit/actors/machines/power.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

using namespace godwit;
using namespace std::chrono_literals;
using power::mode;
using power::mode_changed;

namespace {

power_reading on_battery(double percent) {
  return {.battery_percent = percent, .charging = 0};
}
power_reading on_mains(double celsius) {
  return {.charging = 1, .temperature_celsius = celsius};
}

mode first_mode(const power_reading& reading) {
  power::machine m;
  m.apply(reading, 0s);
  return m.current();
}

std::optional<std::string_view> why_not(const power_reading& reading, power::rules limits = {}) {
  power::machine m{limits};
  m.apply(reading, 0s);
  return m.ineligible_because();
}

} // namespace

TEST_CASE("a device that knows nothing about itself works at full performance") {
  power::machine m;
  CHECK(m.current() == mode::performance);
  CHECK_FALSE(m.ineligible_because());
  CHECK(m.apply(power_reading{}, 0s).empty());
  CHECK(m.current() == mode::performance);
  CHECK_FALSE(m.ineligible_because());
}

TEST_CASE("battery charge decides the mode, but only while the device runs on it") {
  CHECK(first_mode(on_battery(100)) == mode::balanced);
  CHECK(first_mode(on_battery(50)) == mode::balanced);
  CHECK(first_mode(on_battery(49.9)) == mode::low_power);
  CHECK(first_mode(on_battery(20)) == mode::low_power);
  CHECK(first_mode(on_battery(19.9)) == mode::critical);
  CHECK(first_mode(on_battery(0)) == mode::critical);
  CHECK(first_mode(on_battery(-1)) == mode::balanced);
  CHECK(first_mode({.battery_percent = 3, .charging = 1}) == mode::performance);
  CHECK(first_mode({.battery_percent = 3, .charging = -1}) == mode::performance);
}

TEST_CASE("heat decides the mode, on mains too") {
  CHECK(first_mode(on_mains(0)) == mode::performance);
  CHECK(first_mode(on_mains(69.9)) == mode::performance);
  CHECK(first_mode(on_mains(70)) == mode::balanced);
  CHECK(first_mode(on_mains(80)) == mode::low_power);
  CHECK(first_mode(on_mains(84.9)) == mode::low_power);
  CHECK(first_mode(on_mains(85)) == mode::critical);
}

TEST_CASE("the worst of battery, heat and memory wins") {
  CHECK(first_mode({.battery_percent = 90, .charging = 0, .temperature_celsius = 82}) ==
        mode::low_power);
  CHECK(first_mode({.battery_percent = 10, .charging = 0, .temperature_celsius = 20}) ==
        mode::critical);
  CHECK(first_mode({.memory_pressure_percent = 5}) == mode::performance);
  CHECK(first_mode({.memory_pressure_percent = 5.1}) == mode::critical);
}

TEST_CASE("a worse mode is entered at once, and the change says from where, to where and why") {
  power::machine m;
  auto effects = m.apply(on_battery(19), 1s);
  REQUIRE(effects.size() == 1);
  const auto& change = std::get<mode_changed>(effects[0]);
  CHECK(change.from == mode::performance);
  CHECK(change.to == mode::critical);
  CHECK(change.because == "battery_critical");
  CHECK(m.apply(on_battery(18), 2s).empty());
}

TEST_CASE("a worse mode is left only five points above its threshold") {
  power::machine m;
  m.apply(on_battery(49), 0s);
  for (auto t = 1s; t < 1000s; t += 10s)
    CHECK(m.apply(on_battery(54.9), t).empty());
  CHECK(m.current() == mode::low_power);
  m.apply(on_battery(55), 1000s);
  m.apply(on_battery(55), 1060s);
  CHECK(m.current() == mode::balanced);
}

TEST_CASE("a worse mode is left only five degrees below its threshold") {
  power::machine m;
  m.apply(on_mains(86), 0s);
  for (auto t = 1s; t < 1000s; t += 10s)
    CHECK(m.apply(on_mains(80), t).empty());
  m.apply(on_mains(79), 1000s);
  m.apply(on_mains(79), 1060s);
  CHECK(m.current() == mode::low_power); // 79 is not yet five below 80
  m.apply(on_mains(74.9), 1061s);
  m.apply(on_mains(74.9), 1121s);
  CHECK(m.current() == mode::balanced);
  m.apply(on_mains(64.9), 1122s);
  m.apply(on_mains(64.9), 1182s);
  CHECK(m.current() == mode::performance);
}

TEST_CASE("a worse mode is left after sixty seconds of better readings, not a moment before") {
  power::machine m;
  m.apply(on_battery(10), 0s);
  CHECK(m.apply({.battery_percent = 10, .charging = 1}, 100s).empty());
  CHECK(m.apply({.battery_percent = 12, .charging = 1}, 160s - 1ns).empty());
  CHECK(m.current() == mode::critical);
  auto effects = m.apply({.battery_percent = 12, .charging = 1}, 160s);
  REQUIRE(effects.size() == 1);
  const auto& change = std::get<mode_changed>(effects[0]);
  CHECK(change.from == mode::critical);
  CHECK(change.to == mode::performance);
  CHECK(change.because == "recovered");
}

TEST_CASE("one bad reading starts the sixty seconds anew") {
  power::machine m;
  m.apply(on_mains(86), 0s);
  m.apply(on_mains(40), 1s);
  m.apply(on_mains(82), 50s); // below 85, but not five below
  CHECK(m.apply(on_mains(40), 61s).empty());
  CHECK(m.apply(on_mains(40), 120s).empty());
  CHECK(m.apply(on_mains(40), 121s).size() == 1);
}

TEST_CASE("a recovery goes no further than what was true for the whole time") {
  power::machine m;
  m.apply(on_mains(86), 0s);
  m.apply(on_mains(78), 1s);  // enough for low_power
  m.apply(on_mains(20), 30s); // enough for performance, but only since now
  m.apply(on_mains(20), 61s);
  CHECK(m.current() == mode::low_power);
  m.apply(on_mains(20), 62s);
  m.apply(on_mains(20), 122s);
  CHECK(m.current() == mode::performance);
}

TEST_CASE("flapping readings around a threshold change the mode once") {
  power::machine m;
  std::size_t changes = 0;
  for (int i = 0; i < 1000; ++i)
    changes += m.apply(on_battery(i % 2 ? 49.5 : 51.5), std::chrono::seconds{i}).size();
  CHECK(changes ==
        2); // performance to balanced at the first reading, balanced to low_power at the second
  CHECK(m.current() == mode::low_power);
}

TEST_CASE("an edge may work unless something speaks against it, and then it says what") {
  CHECK_FALSE(why_not(on_mains(20)));
  CHECK_FALSE(why_not(on_battery(40)));
  CHECK(why_not(on_battery(39.9)) == "battery_below_minimum");
  CHECK_FALSE(why_not({.battery_percent = 5, .charging = 1}));
  CHECK_FALSE(why_not(on_battery(-1)));
  CHECK(why_not(on_battery(19)) == "power_critical");
  CHECK(why_not(on_mains(90)) == "power_critical");
  CHECK(why_not({.metered = 1}) == "link_metered");
  CHECK_FALSE(why_not({.metered = 0}));
  CHECK_FALSE(why_not({.metered = 1}, {.metered_allowed = true}));
  CHECK_FALSE(why_not({.cpu_pressure_percent = 59.9}));
  CHECK(why_not({.cpu_pressure_percent = 60}) == "processor_busy");
  CHECK_FALSE(why_not({.cpu_pressure_percent = 100}, {.cpu_pressure_max_percent = 101}));
  CHECK_FALSE(why_not({.memory_available_bytes = 999}));
  CHECK(why_not({.memory_available_bytes = 999}, {.memory_needed_bytes = 1000}) == "memory_short");
  CHECK_FALSE(why_not({.memory_available_bytes = 1000}, {.memory_needed_bytes = 1000}));
  CHECK_FALSE(why_not({.memory_available_bytes = -1}, {.memory_needed_bytes = 1000}));
}

TEST_CASE("plugging in makes a device with a low battery eligible at once") {
  power::machine m;
  m.apply(on_battery(30), 0s);
  CHECK(m.ineligible_because() == "battery_below_minimum");
  m.apply({.battery_percent = 30, .charging = 1}, 1s);
  CHECK_FALSE(m.ineligible_because());
  CHECK(m.current() == mode::low_power);
}

TEST_CASE("every mode has its name") {
  CHECK(power::name(mode::performance) == "performance");
  CHECK(power::name(mode::balanced) == "balanced");
  CHECK(power::name(mode::low_power) == "low_power");
  CHECK(power::name(mode::critical) == "critical");
}
