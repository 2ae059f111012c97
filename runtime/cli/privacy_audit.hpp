// godwit privacy canary, audit: which options they have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace godwit::cli {

struct privacy_canary_command {
  std::vector<std::filesystem::path> configs; ///< edge.yml, one for each canary
  std::filesystem::path trials;               ///< what they see is written behind what is there
  double norm = 0;                            ///< of the updates that are sent
  std::uint64_t parameter = 0;                ///< the first canary's; the next ones' follow
  std::vector<std::string> set;               ///< key=value
  log_choice log;
};
int run(const privacy_canary_command&);

struct privacy_audit_command {
  std::filesystem::path trials;
  double noise = 0;     ///< claimed: deviation / clip norm
  double clip_norm = 0; ///< claimed
  double cohort = 0;    ///< what a round's sum is divided by
  double delta = 1e-5;
  double confidence = 0.95;
  std::optional<std::filesystem::path> page; ///< none: no page is written
  bool as_json = false;
};
int run(const privacy_audit_command&);

/// The subcommands `canary` and `audit`, for `privacy` being `godwit privacy`; their callbacks set
/// `status`.
void add_privacy_canary(CLI::App& privacy, privacy_canary_command& command, int& status);
void add_privacy_audit(CLI::App& privacy, privacy_audit_command& command, int& status);

} // namespace godwit::cli
