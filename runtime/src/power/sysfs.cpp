// The few files of sysfs and procfs that matter, read with suspicion.
#include "sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace godwit {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line))
    return std::nullopt;
  return line;
}

std::optional<std::int64_t> whole_number(const fs::path& file) {
  const auto line = first_line(file);
  if (!line)
    return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  if (error != std::errc{} || end != line->data() + line->size())
    return std::nullopt;
  return value;
}

/// The entries of a folder, none if it cannot be read.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    found.push_back(entry->path());
  return found;
}

/// The value of `key` in a pressure line such as "some avg10=1.50 avg60=0.70 avg300=0.20 total=12".
double pressure_of(const fs::path& file, std::string_view kind) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    words.imbue(std::locale::classic());
    std::string word;
    if (!(words >> word) || word != kind)
      continue;
    constexpr std::string_view key = "avg10=";
    double percent = -1;
    if (words >> word && word.starts_with(key)) {
      std::istringstream number(word.substr(key.size()));
      number.imbue(std::locale::classic());
      if (number >> percent && percent >= 0 && percent <= 100)
        return percent;
    }
    return -1;
  }
  return -1;
}

std::int64_t memory_available(const fs::path& meminfo) {
  constexpr std::int64_t kibibytes_max = std::int64_t{1} << 50;
  std::ifstream in(meminfo);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string key;
    std::int64_t kibibytes = -1;
    if (words >> key && key == "MemAvailable:" && words >> kibibytes && kibibytes >= 0 &&
        kibibytes <= kibibytes_max)
      return kibibytes * 1024;
  }
  return -1;
}

/// The hottest zone, in degrees. Values outside 0 ..= 150 degrees are a broken sensor's, except for
/// real frost.
double hottest_zone(const fs::path& thermal) {
  double hottest = -1;
  for (const auto& zone : entries_of(thermal)) {
    if (!zone.filename().string().starts_with("thermal_zone"))
      continue;
    const auto thousandths = whole_number(zone / "temp");
    if (thousandths && *thousandths >= -60'000 && *thousandths <= 150'000)
      hottest = std::max({hottest, 0.0, static_cast<double>(*thousandths) / 1000.0});
  }
  return hottest;
}

/// Fills battery_percent (the mean of all batteries) and charging.
void look_at_supplies(const fs::path& supplies, power_reading& reading) {
  std::int64_t percent_sum = 0, battery_count = 0;
  bool battery_seen = false, discharging = false, filling = false;
  bool line_seen = false, line_on = false;
  for (const auto& supply : entries_of(supplies)) {
    if (first_line(supply / "scope") == "Device") // a mouse's battery is not ours
      continue;
    const auto type = first_line(supply / "type");
    if (type == "Battery") {
      battery_seen = true;
      const auto percent = whole_number(supply / "capacity");
      if (percent && *percent >= 0 && *percent <= 100) {
        percent_sum += *percent;
        ++battery_count;
      }
      const auto status = first_line(supply / "status");
      discharging = discharging || status == "Discharging";
      filling = filling || status == "Charging" || status == "Full";
    } else if (const auto online = whole_number(supply / "online")) { // Mains, USB, Wireless
      line_seen = true;
      line_on = line_on || *online > 0;
    }
  }
  if (battery_count > 0)
    reading.battery_percent = static_cast<double>(percent_sum) / static_cast<double>(battery_count);
  // A line that says it is on is believed first: a battery may discharge beside it for its own
  // good.
  if (line_on || filling)
    reading.charging = 1;
  else if (discharging || (battery_seen && line_seen)) // a free USB port alone means nothing
    reading.charging = 0;
}

} // namespace

sysfs_power_source::sysfs_power_source(fs::path sysroot) : sysroot_(std::move(sysroot)) {}

attempt<power_reading> sysfs_power_source::read() {
  power_reading reading;
  look_at_supplies(sysroot_ / "sys/class/power_supply", reading);
  reading.temperature_celsius = hottest_zone(sysroot_ / "sys/class/thermal");
  reading.cpu_pressure_percent = pressure_of(sysroot_ / "proc/pressure/cpu", "some");
  reading.memory_pressure_percent = pressure_of(sysroot_ / "proc/pressure/memory", "full");
  reading.memory_available_bytes = memory_available(sysroot_ / "proc/meminfo");
  return reading;
}

} // namespace godwit
