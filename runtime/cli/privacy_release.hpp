// godwit privacy release: which options it has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace godwit::cli {

struct privacy_release_command {
  std::filesystem::path vectors; ///< a CSV table: a line for each client
  std::filesystem::path store;   ///< the folder of the ledger
  std::string population = "population";
  std::string client_column; ///< empty: each line is another client's
  double epsilon = 0;
  double delta = 0;
  double clip_norm = 0;
  double client_count = 0;
  std::optional<std::uint64_t> release_count;
  std::optional<double> noise;
  std::string relation = "add-or-remove-one"; ///< or replace-one
  std::optional<std::filesystem::path> out;   ///< none: the standard output
};
int run(const privacy_release_command&);

/// The subcommand `release`, for `privacy` being `godwit privacy`; its callback sets `status`.
void add_privacy_release(CLI::App& privacy, privacy_release_command& command, int& status);

} // namespace godwit::cli
