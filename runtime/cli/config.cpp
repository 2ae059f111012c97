// godwit config: is this file right, and what may stand in it?
#include <cstdio>

#include <fmt/format.h>

#include "commands.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"

namespace godwit::cli {

int run(const config_command& command) {
  if (command.files.empty()) {
    fmt::print("{}", config::reference_page());
    return exit_done;
  }
  int status = exit_done;
  for (const auto& file : command.files) {
    const auto report =
        config::check_file(file, {.overrides = command.set, .check_files = command.checks_files});
    if (report.problems.empty()) {
      fmt::print("{}: a {} configuration, no problem found\n", file.string(),
                 config::name(*report.kind));
      continue;
    }
    std::fprintf(stderr, "%s", config::text(report.problems).c_str());
    status = exit_config;
  }
  return status;
}

} // namespace godwit::cli
