// Does a good file become the configuration that it says?
#include <chrono>
#include <string>

#include "config_support.hpp"

using namespace config_test;
using namespace godwit;
using namespace godwit::config;
using namespace std::chrono_literals;

TEST_CASE("every key of a server file reaches its member") {
  const auto read = read_server_config(
      "kind: server\n"
      "listen: '[::1]:0'\n"
      "state: /var/lib/godwit\n"
      "out: /srv/runs\n"
      "seed: 18446744073709551615\n"
      "token_lifetime: 2min\n"
      "wait_for_edges: 12\n"
      "tls: {certificate: /k/a.pem, key: /k/a.key, authority: /k/ca.pem}\n"
      "job:\n"
      "  name: \"a: b\"\n"
      "  model: softmax\n"
      "  selection: by_size\n"
      "  rounds: 1000000\n"
      "  target_accuracy: 0.5\n"
      "  evaluate_every: 2\n"
      "  federated_evaluate_every: 3\n"
      "  round: {cohort: 7, cohort_min: 6, over_selection: 1.5, deadline: 1500ms}\n"
      "  client: {epochs: 2, batch_size: 0, learning_rate: 1e-2, momentum: .5,\n"
      "           weight_decay: 0.001}\n"
      "test_data: {source: csv, folder: /d, label_column: y, key_column: '',\n"
      "            example_limit: 9}\n",
      "server.yml", no_files);
  REQUIRE(read);
  server_config wanted;
  wanted.listen = "[::1]:0";
  wanted.state = "/var/lib/godwit";
  wanted.out = "/srv/runs";
  wanted.seed = 18446744073709551615U;
  wanted.token_lifetime = 120s;
  wanted.wait_for_edges = 12;
  wanted.tls = {"/k/a.pem", "/k/a.key", "/k/ca.pem"};
  wanted.job.name = "a: b";
  wanted.job.model = "softmax";
  wanted.job.selection = "by_size";
  wanted.job.rounds = 1'000'000;
  wanted.job.target_accuracy = 0.5;
  wanted.job.evaluate_every = 2;
  wanted.job.federated_evaluate_every = 3;
  wanted.job.round = {7, 6, 1.5, 1500ms};
  wanted.job.client = {2, 0, 0.01F, 0.5F, 0.001F, 0};
  wanted.test_data.source = "csv";
  wanted.test_data.folder = "/d";
  wanted.test_data.label_column = "y";
  wanted.test_data.example_limit = 9;
  CHECK(*read == wanted);
}

TEST_CASE("keys that are left out have the defaults of the structs") {
  const auto read = read_simulation_config("kind: simulation\n", "job.yml", no_files);
  REQUIRE(read);
  simulation_config wanted;
  wanted.out = std::filesystem::current_path() / wanted.out;
  CHECK(*read == wanted);
}

TEST_CASE("a path in the file starts at the file's folder, other paths at the working directory") {
  const auto here = std::filesystem::current_path();
  const auto read = read_server_config(least_server + "state: ../state\ntest_data: {folder: ''}\n",
                                       "/etc/godwit/server.yml", {{"tls.key=keys/a.key"}, false});
  REQUIRE(read);
  CHECK(read->tls.certificate == "/etc/godwit/a.pem");
  CHECK(read->state == "/etc/state");
  CHECK(read->tls.key == here / "keys/a.key");
  CHECK(read->out == here / "runs/server");
  CHECK(read->test_data.folder.empty());
}

TEST_CASE("the command line is stronger than the file, and its last word counts") {
  const auto read = read_simulation_config(
      "job: {rounds: 5}\n", "job.yml", {{"job.rounds=6", "job.rounds=7", "job.name=a=b"}, false});
  REQUIRE(read);
  CHECK(read->job.rounds == 7);
  CHECK(read->job.name == "a=b");
}

TEST_CASE("the command line can give what the file lacks") {
  const auto read = read_edge_config("tls: {certificate: a, key: b}\ndata: {source: mnist}\n",
                                     "edge.yml", {{"tls.authority=c"}, false});
  CHECK(read);
}

TEST_CASE("problems of the command line are reported as such, after those of the file") {
  const auto read = read_simulation_config(
      "threads: -1\n", "job.yml",
      {{"job.rounds=0", "job.round=5", "nonsense", "=3", "job.ruonds=3", "job.rounds="}, false});
  REQUIRE_FALSE(read);
  const auto& all = read.why();
  REQUIRE(all.size() == 7);
  CHECK(all[0].file == "job.yml");
  check_problem(all[1], "command line", 0, "job.rounds", "\"0\"", "an integer from 1 to 1000000");
  CHECK(text(all[1]) ==
        "command line: job.rounds: found \"0\"; accepted: an integer from 1 to 1000000");
  check_problem(all[2], "command line", 0, "job.round", "\"5\"",
                "a section with the keys cohort, cohort_min, over_selection, deadline");
  check_problem(all[3], "command line", 0, "", "\"nonsense\"", "key=value");
  check_problem(all[4], "command line", 0, "", "\"=3\"", "key=value");
  CHECK(all[5].hint == "did you mean job.rounds?");
  check_problem(all[6], "command line", 0, "job.rounds", "\"\"", "an integer from 1 to 1000000");
}

TEST_CASE("a scheme that the command line chose leaves the file's other parameters unused") {
  const std::string file = "partition: {scheme: dirichlet_class, alpha: 0.1}\n";
  const auto read = read_simulation_config(file, "job.yml", {{"partition.scheme=iid"}, false});
  REQUIRE(read);
  CHECK(read->partition.scheme == "iid");
}

TEST_CASE("a rule that compares keys is silent where one of them is wrong already") {
  const auto what = only_problem(
      read_simulation_config("job: {round: {cohort: x, cohort_min: 20}}\n", "job.yml", no_files));
  CHECK(what.key == "job.round.cohort");
}

TEST_CASE("quotes, carriage returns and flow style change nothing") {
  const auto read =
      read_simulation_config("seed: \"3\"\r\njob: {'rounds': '4'}\r\n", "job.yml", no_files);
  REQUIRE(read);
  CHECK(read->seed == 3);
  CHECK(read->job.rounds == 4);
}

TEST_CASE("the examples and the paper's configurations can be used") {
  const auto root = project_root();
  INFO(root.string());
  const auto server = load_server_config(root / "deploy/config/server.yml", no_files);
  REQUIRE(server);
  CHECK(server->tls.key == root / "deploy/config/keys/server.key");
  const auto edge = load_edge_config(root / "deploy/config/edge.yml", no_files);
  REQUIRE(edge);
  CHECK(edge->model == server->job.model);
  CHECK(load_simulation_config(root / "deploy/config/simulation.yml"));
  for (const std::string name : {"iid", "noniid"}) {
    const auto paper =
        load_simulation_config(root / ("benchmarks/papers/mcmahan2017_2nn_" + name + ".yml"));
    REQUIRE(paper);
    // McMahan et al. 2017, Table 1: 100 clients, C = 0.1, E = 1, B = 10, to 97 %.
    CHECK(paper->partition.clients == 100);
    CHECK(paper->job.round.cohort == 10);
    CHECK(paper->job.round.over_selection == 1.0);
    CHECK(paper->job.client.epochs == 1);
    CHECK(paper->job.client.batch_size == 10);
    CHECK(paper->job.target_accuracy == 0.97);
    CHECK(paper->data.source == "mnist");
    CHECK(paper->partition.scheme == (name == "iid" ? "iid" : "shards"));
  }
}

TEST_CASE("a certificate that is not there is refused before the start, and found once it is") {
  const scratch folder;
  const auto file = folder.path() / "server.yml";
  write_all(file, least_server);
  write_all(folder.path() / "a.pem", "x");
  write_all(folder.path() / "ca.pem", "x");
  const auto what = only_problem(load_server_config(file));
  check_problem(what, file.string(), 4, "tls.key",
                '"' + (folder.path() / "a.key").string() + "\", which is not there",
                "the path of a readable file");
  std::filesystem::create_directory(folder.path() / "a.key");
  CHECK(only_problem(load_server_config(file)).found.ends_with(", which is a folder"));
  std::filesystem::remove(folder.path() / "a.key");
  write_all(folder.path() / "a.key", "x");
  CHECK(load_server_config(file));
}

TEST_CASE("a data folder that is not there is refused before the start") {
  const auto what =
      only_problem(read_simulation_config("data:\n  folder: /nowhere/at/all\n", "job.yml"));
  check_problem(what, "job.yml", 2, "data.folder", "\"/nowhere/at/all\", which is not there",
                "the path of a folder (csv: or a file)");
}

TEST_CASE("a file that cannot be read is one problem") {
  const scratch folder;
  const auto absent = folder.path() / "absent.yml";
  check_problem(only_problem(load_edge_config(absent)), absent.string(), 0, "", "no such file",
                "a readable file");
  check_problem(only_problem(load_edge_config(folder.path())), folder.path().string(), 0, "",
                "a folder", "a readable file");
  const auto big = folder.path() / "big.yml";
  write_all(big, std::string(file_bytes_max + 1, '#'));
  CHECK(only_problem(load_edge_config(big)).found == "more than 1048576 bytes");
}

TEST_CASE("the kind of a file is told by its key, or else by the keys that only it has") {
  CHECK(check_text(least_server, "a.yml", no_files).kind == file_kind::server);
  CHECK(check_text("drop_out: 0.1\nseed: 1\n", "a.yml", no_files).kind == file_kind::simulation);
  CHECK(check_text("power: {source: none}\n", "a.yml", no_files).kind == file_kind::edge);
  const auto unclear = check_text("seed: 1\njob: {rounds: 5}\n", "a.yml", no_files);
  CHECK_FALSE(unclear.kind);
  REQUIRE(unclear.problems.size() == 1);
  check_problem(unclear.problems[0], "a.yml", 0, "kind", "nothing",
                "one of server, edge, simulation, trustee");
}

TEST_CASE("a file that cannot be told has its syntax errors reported") {
  const auto report = check_text("seed: {\n", "a.yml", no_files);
  CHECK_FALSE(report.kind);
  REQUIRE_FALSE(report.problems.empty());
  CHECK(report.problems[0].found.starts_with("a syntax error"));
}

TEST_CASE("checking a file by its name reports its kind and its problems") {
  const auto root = project_root();
  const auto good = check_file(root / "benchmarks/papers/mcmahan2017_2nn_iid.yml");
  CHECK(good.kind == file_kind::simulation);
  CHECK(good.problems.empty());
  const auto bad = check_file(root / "deploy/config/absent.yml");
  CHECK_FALSE(bad.kind);
  CHECK(bad.problems.size() == 1);
}
