// Which options mean the same in all of godwit's executables?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace godwit::cli {

/// --log-format and --log-level.
void add_log(CLI::App& app, log_choice& log);

/// --set, as often as wanted.
void add_set(CLI::App& app, std::vector<std::string>& set);

/// All that an edge can be asked: to take part, and, with the subcommand `predict`, what its newest
/// model says. `on_edge` and `on_predict` are called when it is.
void add_edge_options(CLI::App& app, edge_command& command, predict_command& predict,
                      std::function<void()> on_edge, std::function<void()> on_predict);

/// The subcommand `check`, for `app` being `config`.
CLI::App* add_config_check(CLI::App& app, config_command& command);

/// Parses the command line and runs what the callbacks say; they set `status`. Returns the exit
/// status.
int parse(CLI::App& app, int argc, char** argv, const int& status);

} // namespace godwit::cli
