// What Linux says about battery, heat, load and memory.
#pragma once

#include <filesystem>

#include <godwit/actors/power_source.hpp>

namespace godwit {

/// Reads sys/class/power_supply, sys/class/thermal, proc/pressure and proc/meminfo below `sysroot`.
/// All of them are optional: what is missing or makes no sense is unknown (-1) in the reading.
/// Never fails. Whether the link is metered is not known here.
class sysfs_power_source final : public power_source {
public:
  explicit sysfs_power_source(std::filesystem::path sysroot);
  attempt<power_reading> read() override;

private:
  std::filesystem::path sysroot_;
};

} // namespace godwit
