// Does the sysfs source understand what Linux writes, and shrug at what it does not?
#include "power/sysfs.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <stdlib.h>

using namespace godwit;
namespace fs = std::filesystem;

namespace {

/// A sysroot that vanishes with the test.
class tree {
public:
  tree() {
    std::string name = (fs::temp_directory_path() / "godwit-power-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  tree(const tree&) = delete;
  tree& operator=(const tree&) = delete;
  ~tree() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  tree& file(const fs::path& path, std::string_view content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
    return *this;
  }
  tree& supply(const std::string& name, std::string_view key, std::string_view value) {
    return file("sys/class/power_supply/" + name + "/" + std::string(key),
                std::string(value) + "\n");
  }
  tree& battery(const std::string& name, std::string_view capacity, std::string_view status) {
    return supply(name, "type", "Battery")
        .supply(name, "capacity", capacity)
        .supply(name, "status", status);
  }
  tree& line(const std::string& name, std::string_view type, std::string_view online) {
    return supply(name, "type", type).supply(name, "online", online);
  }
  tree& zone(int number, std::string_view temperature) {
    return file("sys/class/thermal/thermal_zone" + std::to_string(number) + "/temp",
                std::string(temperature) + "\n");
  }
  power_reading read() const {
    auto reading = sysfs_power_source{root_}.read();
    REQUIRE(reading);
    return *reading;
  }

private:
  fs::path root_;
};

} // namespace

TEST_CASE("where there is nothing to read, nothing is known") {
  CHECK(tree{}.read() == power_reading{});
  auto nowhere = sysfs_power_source{"/nonexistent-sysroot"}.read();
  REQUIRE(nowhere);
  CHECK(*nowhere == power_reading{});
}

TEST_CASE("a laptop on its battery") {
  tree root;
  root.battery("BAT0", "63", "Discharging").line("AC", "Mains", "0");
  root.zone(0, "41000").zone(1, "57500");
  root.file("proc/pressure/cpu", "some avg10=12.34 avg60=1.00 avg300=0.10 total=5\n"
                                 "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  root.file("proc/pressure/memory", "some avg10=9.00 avg60=1.00 avg300=0.10 total=5\n"
                                    "full avg10=2.50 avg60=0.00 avg300=0.00 total=0\n");
  root.file("proc/meminfo", "MemTotal:       16384000 kB\nMemFree:          100 kB\n"
                            "MemAvailable:    2048 kB\n");
  CHECK(root.read() == power_reading{.battery_percent = 63,
                                     .charging = 0,
                                     .temperature_celsius = 57.5,
                                     .cpu_pressure_percent = 12.34,
                                     .memory_pressure_percent = 2.5,
                                     .memory_available_bytes = 2048 * 1024,
                                     .metered = -1});
}

TEST_CASE("external power is seen in a line that is on or in a battery that fills") {
  tree line_on, filling, full, topped_up, line_off, unknown;
  line_on.battery("BAT0", "20", "Discharging").line("AC", "Mains", "1");
  filling.battery("BAT0", "20", "Charging");
  full.battery("BAT0", "100", "Full");
  topped_up.battery("BAT0", "80", "Not charging").line("ucsi", "USB", "1").line("AC", "Mains", "0");
  line_off.battery("BAT0", "80", "Unknown").line("AC", "Mains", "0");
  unknown.battery("BAT0", "80", "Unknown");
  CHECK(line_on.read().charging == 1);
  CHECK(filling.read().charging == 1);
  CHECK(full.read().charging == 1);
  CHECK(topped_up.read().charging == 1);
  CHECK(line_off.read().charging == 0);
  CHECK(unknown.read().charging == -1);
}

TEST_CASE("a desktop with a free USB port does not run on a battery") {
  tree root;
  root.line("ucsi-source-psy-1", "USB", "0");
  CHECK(root.read() == power_reading{});
}

TEST_CASE("two batteries count by their mean, and a mouse's battery does not count") {
  tree root;
  root.battery("BAT0", "0", "Unknown").battery("BAT1", "70", "Discharging");
  root.battery("hid-mouse", "5", "Discharging").supply("hid-mouse", "scope", "Device");
  CHECK(root.read().battery_percent == 35);
  tree mouse_only;
  mouse_only.battery("hid-mouse", "5", "Discharging").supply("hid-mouse", "scope", "Device");
  CHECK(mouse_only.read() == power_reading{});
}

TEST_CASE("broken sensors are passed over and frost counts as zero degrees") {
  tree root;
  root.zone(0, "-274000").zone(1, "2147483647").zone(2, "hot").zone(3, "");
  root.file("sys/class/thermal/cooling_device0/temp", "99000\n");
  CHECK(root.read().temperature_celsius == -1);
  root.zone(4, "-12000");
  CHECK(root.read().temperature_celsius == 0);
  root.zone(5, "33000");
  CHECK(root.read().temperature_celsius == 33);
}

TEST_CASE("nonsense in any file is unknown") {
  for (auto capacity : {"", "x", "101", "-1", "50%", "999999999999999999999"}) {
    tree root;
    root.battery("BAT0", capacity, "Discharging");
    CHECK(root.read().battery_percent == -1);
    CHECK(root.read().charging == 0);
  }
  for (auto line : {"", "some\n", "some avg10=\n", "some avg10=x\n", "some avg10=101\n",
                    "some avg10=-1\n", "some avg60=5\n", "full avg10=5\n", "some avg10=nan\n"}) {
    tree root;
    root.file("proc/pressure/cpu", line);
    CHECK(root.read().cpu_pressure_percent == -1);
  }
  for (auto line : {"", "MemAvailable:\n", "MemAvailable: x kB\n", "MemAvailable: -5 kB\n",
                    "MemAvailable: 9223372036854775807 kB\n", "MemFree: 5 kB\n"}) {
    tree root;
    root.file("proc/meminfo", line);
    CHECK(root.read().memory_available_bytes == -1);
  }
}
