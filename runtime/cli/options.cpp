#include "options.hpp"

namespace godwit::cli {

void add_log(CLI::App& app, log_choice& log) {
  app.add_option("--log-format", log.format,
                 "how events are logged: text for people, json for machines (a line each)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--log-level", log.level, "the least important events that are logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

void add_set(CLI::App& app, std::vector<std::string>& set) {
  app.add_option("--set", set,
                 "KEY=VALUE: overrides one key of the configuration; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

CLI::Option* add_edge_options(CLI::App& app, edge_command& command) {
  auto* config =
      app.add_option("--config", command.config, "edge.yml; see `godwit config reference`");
  add_set(app, command.over.set);
  add_log(app, command.log);
  return config;
}

CLI::App* add_config_check(CLI::App& app, config_command& command) {
  auto* check =
      app.add_subcommand("check", "every problem of these files; exit status 78 if there is one");
  check->add_option("file", command.files, "server.yml, edge.yml or job.yml")->required();
  add_set(*check, command.set);
  check->add_flag("!--no-files", command.checks_files,
                  "do not look whether the files named in it are there");
  return check;
}

int parse(CLI::App& app, int argc, char** argv, const int& status) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? exit_done : exit_usage;
  }
  return status;
}

} // namespace godwit::cli
