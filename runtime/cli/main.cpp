// godwit's command line: which subcommands there are, and what each of their options means.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <godwit/runtime/version.hpp>

#include "commands.hpp"
#include "config/nearest.hpp"
#include "options.hpp"
#include "privacy_audit.hpp"
#include "privacy_plan.hpp"
#include "privacy_release.hpp"

namespace {

using namespace godwit::cli;

void add_overrides(CLI::App& app, overrides& over) {
  add_set(app, over.set);
  app.add_option("--seed", over.seed,
                 "the seed of everything that is drawn: the same seed gives the same bits");
  app.add_option("--out", over.out,
                 "the folder that the run writes: report, model, a line a round");
}

CLI::App* add_server(CLI::App& app, server_command& command) {
  auto* sub =
      app.add_subcommand("server", "hold a job: coordinate rounds, sum updates, keep the model");
  sub->footer("Start it again with the same command after a crash: it goes on from the last "
              "finished round.\n"
              "Example: godwit server --config server.yml");
  sub->add_option("--config", command.config, "server.yml; see `godwit config reference`")
      ->required();
  add_overrides(*sub, command.over);
  add_log(*sub, command.log);
  return sub;
}

void add_edge(CLI::App& app, edge_command& command, predict_command& predict, int& status) {
  auto* sub = app.add_subcommand("edge", "take part: train on data that stays here");
  sub->footer("It dials the server and keeps dialling; the server never dials an edge.\n"
              "Example: godwit edge --config edge.yml");
  add_edge_options(
      *sub, command, predict, [&] { status = run(command); }, [&] { status = run(predict); });
}

CLI::App* add_trustee(CLI::App& app, trustee_command& command) {
  auto* sub = app.add_subcommand(
      "trustee", "hold a part of another owner's sums, so that nobody opens them alone");
  sub->footer("It dials the server and keeps dialling. Run it where the server's owner has no "
              "say.\nExample: godwit trustee --config trustee.yml");
  sub->add_option("--config", command.config, "trustee.yml; see `godwit config reference`")
      ->required();
  add_set(*sub, command.set);
  add_log(*sub, command.log);
  return sub;
}

CLI::App* add_demo(CLI::App& app, demo_command& command) {
  auto* sub =
      app.add_subcommand("demo", "a server and N edge processes on this machine, on mutual TLS");
  sub->footer("Example: godwit demo --edges 10 --rounds 25 --out runs/demo");
  sub->add_option("--edges", command.edges, "edge processes")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  sub->add_option("--rounds", command.rounds, "rounds")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  sub->add_option("--seed", command.seed, "the seed of everything that is drawn")
      ->capture_default_str();
  sub->add_option("--out", command.out,
                  "the folder for all of it; if it holds a run, DIR-2 and so on is taken")
      ->capture_default_str();
  sub->add_option("--model", command.model, "what is trained")
      ->check(CLI::IsMember({"softmax", "mlp-2nn", "cnn-mcmahan"}))
      ->capture_default_str();
  sub->add_option("--data", command.data, "whose training part is dealt to the edges")
      ->check(CLI::IsMember({"fashion-mnist", "mnist"}))
      ->capture_default_str();
  sub->add_option("--alpha", command.alpha,
                  "how alike the edges' data are (Dirichlet): small means different")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  add_set(*sub, command.set);
  add_log(*sub, command.log);
  return sub;
}

CLI::App* add_simulate(CLI::App& app, simulate_command& command) {
  auto* sub =
      app.add_subcommand("simulate", "a whole federation in one process, under a virtual clock");
  sub->footer("The result is the same bits for any number of threads.\n"
              "Example: godwit simulate --config simulation.yml --seed 3 --threads 2");
  sub->add_option("--config", command.config, "job.yml; see `godwit config reference`")->required();
  sub->add_option("--threads", command.threads, "threads that train; 0: one for each core");
  add_overrides(*sub, command.over);
  add_log(*sub, command.log);
  return sub;
}

CLI::App* add_compare(CLI::App& app, compare_command& command) {
  auto* sub =
      app.add_subcommand("compare", "hold runs against each other: a table and their curves");
  sub->footer("Runs with the same NAME are one case with several seeds: their mean is shown, and "
              "how far they differ. The table is Markdown, on the standard output.\n"
              "Example: godwit compare plain=runs/plain-1 plain=runs/plain-2 private=runs/private");
  sub->add_option("runs", command.runs, "NAME=FOLDER, or FOLDER: what `--out` of a run was")
      ->required();
  sub->add_option("--out", command.out, "the page to write")->capture_default_str();
  sub->add_option("--title", command.title, "what stands above it")->capture_default_str();
  return sub;
}

void add_keys_folder(CLI::App& sub, keys_command& command) {
  sub.add_option("--folder", command.folder, "where the files lie")->capture_default_str();
}

CLI::App* add_keys(CLI::App& app, keys_command& command) {
  auto* sub =
      app.add_subcommand("keys", "make a certificate authority and the nodes' certificates");
  sub->require_subcommand(1);
  sub->footer(
      "What is there already is kept. Example: godwit keys all --host fl.example.org --edges 3");
  const auto add = [&](const char* what, const char* help, bool is_named, bool is_hosted,
                       bool is_dated) {
    auto* kind = sub->add_subcommand(what, help);
    add_keys_folder(*kind, command);
    if (is_named)
      kind->add_option("name", command.names,
                       "names of the nodes: [a-z0-9._-], at most 64 characters")
          ->required();
    if (is_hosted)
      kind->add_option("--host", command.hosts,
                       "how edges reach the server: a DNS name or an address; may be given again")
          ->allow_extra_args(false)
          ->capture_default_str();
    if (is_dated)
      kind->add_option("--days", command.days, "how long the certificates are valid")
          ->check(CLI::Range(1, 3000))
          ->capture_default_str();
    kind->callback([&command, what] { command.what = what; });
    return kind;
  };
  add("all", "the authority, a server, a person called admin, and some edges", false, true, true)
      ->add_option("--edges", command.edges, "edges: edge-01, edge-02, …")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  add("authority", "the authority alone: ca.pem and ca.key", false, false, false);
  add("server", "certificates for servers", true, true, true);
  add("edge", "certificates for edges", true, false, true);
  add("person", "certificates for people who may ask `godwit status`", true, false, true);
  add("trustee", "certificates for trustees, who hold a part of shared sums", true, false, true);
  return sub;
}

CLI::App* add_status(CLI::App& app, status_command& command) {
  auto* sub = app.add_subcommand("status", "ask a running server how it stands");
  sub->add_option("--server", command.server, "its address: host:port")->capture_default_str();
  sub->add_option("--folder", command.folder, "the folder with ca.pem and the person's certificate")
      ->capture_default_str();
  sub->add_option("--person", command.person, "whose certificate: NAME.pem and NAME.key")
      ->capture_default_str();
  sub->add_flag("--json", command.as_json, "one line of JSON");
  return sub;
}

CLI::App* add_model(CLI::App& app, model_command& command) {
  auto* sub = app.add_subcommand("model", "look at a model file, or write it in another format");
  sub->require_subcommand(1);
  auto* info =
      sub->add_subcommand("info", "names, shapes, ranges and the digest of the parameters");
  info->add_option("file", command.in, "a .safetensors or .npz file")->required();
  auto* convert = sub->add_subcommand("convert", "the same model in the other format");
  convert->add_option("from", command.in, "a .safetensors or .npz file")->required();
  convert->add_option("to", command.out, "the file to write; its ending decides the format")
      ->required();
  return sub;
}

CLI::App* add_inspect(CLI::App& app, inspect_command& command) {
  auto* sub = app.add_subcommand(
      "inspect", "read a node's state folder in words: checkpoint, journal, mailbox");
  sub->add_option("store", command.store, "the state folder of a server or an edge")->required();
  sub->footer(
      "Changes nothing, and may be used while the node runs. Example: godwit inspect state");
  return sub;
}

void add_privacy_ledger(CLI::App& privacy, privacy_ledger_command& command, int& status) {
  auto* spent =
      privacy.add_subcommand("spent", "what the released models of a job tell of its clients");
  spent->add_option("store", command.store, "the state folder of a server, or of an edge")
      ->required();
  spent->add_option("--delta", command.delta, "at this delta")->capture_default_str();
  spent->add_flag("--clients", command.lists_clients, "each client's own part, by name");
  spent->footer("Changes nothing, and may be used while the server runs.\n"
                "Example: godwit privacy spent state --delta 1e-6");
  spent->callback([&] { status = run(command); });
  auto* verify = privacy.add_subcommand(
      "verify", "check the ledger of a job: every line, every signature, and where it stands");
  verify->add_option("store", command.store, "the state folder of a server")->required();
  verify->add_option("--remembered", command.remembered,
                     "COUNT:HASH, as `verify` said it earlier: whether this ledger was ever there");
  verify->footer("Example: godwit privacy verify state --remembered 12:9f86d081...");
  verify->callback([&] {
    command.verifies = true;
    status = run(command);
  });
}

CLI::App* add_config(CLI::App& app, config_command& command) {
  auto* sub = app.add_subcommand("config", "check a configuration, or print what may stand in one");
  sub->require_subcommand(1);
  add_config_check(*sub, command);
  sub->add_subcommand("reference", "the reference page of all keys, as Markdown");
  return sub;
}

std::vector<std::string> subcommand_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

/// A sentence that names the subcommand that was probably meant.
std::string unknown_subcommand(const std::vector<std::string>& names, const std::string& word) {
  std::string said = "no subcommand is called \"" + word + "\"";
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const auto hint = godwit::config::nearest_word(word, views); !hint.empty())
    said.append("; ").append(hint);
  return said.append(" `godwit --help` lists them");
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "godwit: federated learning on edge devices, over mutual TLS, the same bits every time",
      "godwit"};
  app.set_version_flag("--version", std::string("godwit ") + godwit::version);
  app.require_subcommand(1);
  app.footer("`godwit SUBCOMMAND --help` says more. A first run: godwit demo");
  int status = exit_done;
  server_command server;
  edge_command edge;
  predict_command predict;
  trustee_command trustee;
  demo_command demo;
  simulate_command simulate;
  compare_command compare;
  keys_command keys;
  status_command ask;
  model_command model;
  inspect_command inspect;
  config_command config;
  add_demo(app, demo)->callback([&] { status = run(demo); });
  add_server(app, server)->callback([&] { status = run(server); });
  add_edge(app, edge, predict, status);
  add_trustee(app, trustee)->callback([&] { status = run(trustee); });
  add_simulate(app, simulate)->callback([&] { status = run(simulate); });
  add_compare(app, compare)->callback([&] { status = run(compare); });
  add_keys(app, keys)->final_callback([&] { status = run(keys); });
  add_status(app, ask)->callback([&] { status = run(ask); });
  add_model(app, model)->callback([&] { status = run(model); });
  add_inspect(app, inspect)->callback([&] { status = run(inspect); });
  auto* privacy =
      app.add_subcommand("privacy", "plan, look up and check what models tell of clients");
  privacy->require_subcommand(1);
  privacy_ledger_command ledger;
  add_privacy_ledger(*privacy, ledger, status);
  privacy_plan_command plan;
  add_privacy_plan(*privacy, plan, status);
  privacy_release_command release;
  add_privacy_release(*privacy, release, status);
  privacy_canary_command canary;
  add_privacy_canary(*privacy, canary, status);
  privacy_audit_command audit;
  add_privacy_audit(*privacy, audit, status);
  add_config(app, config)->callback([&] { status = run(config); });
  const auto names = subcommand_names(app);
  if (argc > 1 && argv[1][0] != '-' &&
      std::find(names.begin(), names.end(), argv[1]) == names.end())
    return complain(unknown_subcommand(names, argv[1]), exit_usage);
  return parse(app, argc, argv, status);
}
