// From the configuration to the power source, and the source that knows nothing.
#include "source.hpp"

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "scripted.hpp"
#include "sysfs.hpp"

namespace godwit {

namespace {

/// A device on mains without sensors.
class mains_power_source final : public power_source {
public:
  attempt<power_reading> read() override { return power_reading{}; }
};

instant steady_now() {
  return std::chrono::duration_cast<instant>(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

attempt<std::unique_ptr<power_source>> make_power_source(const power_config& config) {
  if (config.source == "none")
    return std::unique_ptr<power_source>(std::make_unique<mains_power_source>());
  if (config.source == "scripted")
    return scripted_power_source::open(config.script, steady_now);
  if (config.source == "sysfs") {
    std::error_code error;
    if (!std::filesystem::is_directory(config.sysroot, error))
      return failure{.code = failure_code::bad_config,
                     .retry = false,
                     .detail = "power.sysroot " + config.sysroot.string() +
                               " is not a folder; use / or the folder that holds sys/ and proc/"};
    return std::unique_ptr<power_source>(std::make_unique<sysfs_power_source>(config.sysroot));
  }
  return failure{.code = failure_code::bad_config,
                 .retry = false,
                 .detail = "power.source is \"" + config.source +
                           "\"; sysfs, scripted or none is accepted"};
}

} // namespace godwit
