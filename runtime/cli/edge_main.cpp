// godwit-edge's command line: taking part, and nothing else.
#include <CLI/CLI.hpp>

#include <godwit/runtime/version.hpp>

#include "commands.hpp"
#include "options.hpp"

int main(int argc, char** argv) {
  using namespace godwit::cli;
  CLI::App app{"godwit-edge: take part in federated learning; train on data that stays here",
               "godwit-edge"};
  app.set_version_flag("--version", std::string("godwit-edge ") + godwit::version);
  app.footer("It dials the server and keeps dialling; the server never dials an edge.\n"
             "Example: godwit-edge --config edge.yml");
  int status = exit_done;
  edge_command edge;
  config_command config;
  const auto* config_file = add_edge_options(app, edge);
  auto* configuration = app.add_subcommand("config", "check a configuration");
  configuration->require_subcommand(1);
  add_config_check(*configuration, config)->callback([&] { status = run(config); });
  app.require_subcommand(0, 1);
  app.callback([&] {
    if (configuration->parsed())
      return;
    if (config_file->empty())
      throw CLI::RequiredError(config_file->get_name());
    status = run(edge);
  });
  return parse(app, argc, argv, status);
}
