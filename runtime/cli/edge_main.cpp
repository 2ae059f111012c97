// godwit-edge's command line: what an edge does, and nothing else.
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
  predict_command predict;
  add_edge_options(
      app, edge, predict, [&] { status = run(edge); }, [&] { status = run(predict); });
  auto* configuration = app.add_subcommand("config", "check a configuration");
  configuration->require_subcommand(1);
  add_config_check(*configuration, config)->callback([&] { status = run(config); });
  app.require_subcommand(0, 1);
  return parse(app, argc, argv, status);
}
