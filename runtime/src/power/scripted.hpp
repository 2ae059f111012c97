// A power source that plays readings from a file: for trying out what an edge does when its battery
// runs low.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <godwit/actors/power_source.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

/// Plays a script. One reading a line, four values with blanks between them:
///
///     # seconds  battery  charging  temperature
///     0          90       no        35
///     120        18       no        -
///     300.5      22       yes       41.5
///
/// seconds: since the first read(), ascending, the first line's is 0; battery: percent, 0 to 100;
/// charging: yes (on external power) or no; temperature: degrees Celsius, -60 to 150. "-" means
/// unknown. What follows # is a remark. A reading holds until the next line's time; the last one
/// holds for ever.
class scripted_power_source final : public power_source {
public:
  using clock = std::function<instant()>;

  struct line {
    duration since;
    power_reading reading;
  };

  /// Fails with failure_code::bad_config and the number of the first line that breaks the format.
  static attempt<std::vector<line>> parse(std::string_view script);

  /// Reads and parses a file. Also fails with failure_code::not_found.
  static attempt<std::unique_ptr<power_source>> open(const std::filesystem::path& file, clock now);

  /// `lines` as parse() gives them: at least one.
  scripted_power_source(std::vector<line> lines, clock now);
  attempt<power_reading> read() override;

private:
  std::vector<line> lines_;
  clock now_;
  bool started_ = false;
  instant start_{};
};

} // namespace godwit
