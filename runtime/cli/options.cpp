#include "options.hpp"

#include "telemetry/log_sink.hpp"

namespace godwit::cli {

std::shared_ptr<event_log> log_of(const log_choice& choice) {
  log_options options;
  options.format = parse_log_format(choice.format).value_or(log_format::text);
  options.least = parse_log_level(choice.level).value_or(log_level::info);
  return log_sink::to_stderr(options);
}

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

void add_edge_options(CLI::App& app, edge_command& command, predict_command& predict,
                      std::function<void()> on_edge, std::function<void()> on_predict) {
  const auto* config =
      app.add_option("--config", command.config, "edge.yml; see `godwit config reference`");
  add_set(app, command.over.set);
  add_log(app, command.log);
  auto* sub = app.add_subcommand(
      "predict", "what the newest model that this edge has got says; needs no server");
  sub->add_option("--config", predict.config, "the edge's edge.yml")->required();
  add_set(*sub, predict.set);
  sub->add_option("--input", predict.input,
                  "a CSV file of examples, with the columns of the edge's data, a label or none; "
                  "without it: the edge's own held-out examples");
  sub->add_option("--output", predict.output, "a CSV file for the predictions, a line each");
  sub->callback(std::move(on_predict));
  app.callback([&app, config, on_edge = std::move(on_edge)] {
    if (!app.get_subcommands().empty())
      return;
    if (config->empty())
      throw CLI::RequiredError(config->get_name());
    on_edge();
  });
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
