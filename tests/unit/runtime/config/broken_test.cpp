// Is each way to break a configuration found, in its line, with what was found and what is
// accepted?
#include <string>

#include "config_support.hpp"

using namespace config_test;
using namespace godwit::config;

namespace {

problem of_simulation(const std::string& text) {
  return only_problem(read_simulation_config(text, "job.yml", no_files));
}
problem of_server(const std::string& more) {
  return only_problem(read_server_config(least_server + more, "server.yml", no_files));
}
problem of_edge(const std::string& text) {
  return only_problem(read_edge_config(text, "edge.yml", no_files));
}

} // namespace

TEST_CASE("the files that the broken ones are made from can be used") {
  CHECK(read_server_config(least_server, "server.yml", no_files));
  CHECK(read_edge_config(least_edge, "edge.yml", no_files));
  CHECK(read_simulation_config("seed: 1\n", "job.yml", no_files));
}

TEST_CASE("a number below its range is refused, and printed on one line") {
  const auto what = of_simulation("seed: 1\njob:\n  round:\n    cohort: -3\n");
  check_problem(what, "job.yml", 4, "job.round.cohort", "\"-3\"", "an integer from 1 to 100000");
  CHECK(text(what) ==
        "job.yml:4: job.round.cohort: found \"-3\"; accepted: an integer from 1 to 100000");
}

TEST_CASE("a number above its range is refused, also where no integer type could hold it") {
  check_problem(of_simulation("threads: 4097\n"), "job.yml", 1, "threads", "\"4097\"",
                "an integer from 0 to 4096");
  check_problem(of_simulation("seed: 18446744073709551616\n"), "job.yml", 1, "seed",
                "\"18446744073709551616\"", "an integer from 0 to 18446744073709551615");
}

TEST_CASE("a word where a number belongs is refused") {
  check_problem(of_simulation("job: {rounds: many}\n"), "job.yml", 1, "job.rounds", "\"many\"",
                "an integer from 1 to 1000000");
  check_problem(of_simulation("job: {rounds: 5x}\n"), "job.yml", 1, "job.rounds", "\"5x\"",
                "an integer from 1 to 1000000");
}

TEST_CASE("a fraction where an integer belongs is refused") {
  check_problem(of_simulation("\njob:\n  rounds: 2.5\n"), "job.yml", 3, "job.rounds", "\"2.5\"",
                "an integer from 1 to 1000000");
}

TEST_CASE("a number that is none, or infinite, is refused") {
  for (const std::string value : {"nan", ".nan", "inf", ".inf", "1e999", "-inf"})
    check_problem(of_simulation("job:\n  client:\n    learning_rate: " + value + '\n'), "job.yml",
                  3, "job.client.learning_rate", '"' + value + '"', "a number above 0, to 1000");
}

TEST_CASE("a momentum of one is refused, also one that only float rounds to one") {
  for (const std::string value : {"1", "1.0", "0.99999999999"})
    check_problem(of_simulation("job:\n  client:\n    momentum: " + value + '\n'), "job.yml", 3,
                  "job.client.momentum", '"' + value + '"', "a number from 0 to below 1");
  CHECK(read_simulation_config("job: {client: {momentum: 0.99}}\n", "job.yml", no_files));
}

TEST_CASE("a decimal comma is refused, and the hint says so") {
  const auto what = of_simulation("drop_out: 0,1\n");
  check_problem(what, "job.yml", 1, "drop_out", "\"0,1\"", "a number from 0 to below 1");
  CHECK(what.hint == "decimals are written with a point");
}

TEST_CASE("an over-selection below one is refused") {
  check_problem(of_simulation("job: {round: {over_selection: 0.9}}\n"), "job.yml", 1,
                "job.round.over_selection", "\"0.9\"", "a number from 1 to 4");
}

TEST_CASE("a duration without its unit is refused, and the hint has it") {
  const auto what = of_simulation("job:\n  round:\n    deadline: 60\n");
  check_problem(what, "job.yml", 3, "job.round.deadline", "\"60\"",
                "a duration from 100ms to 1d, such as 60s or 2min");
  CHECK(what.hint == "a duration needs its unit: 60s or 60ms");
}

TEST_CASE("a token lifetime that is no whole number of seconds is refused") {
  check_problem(of_server("token_lifetime: 1500ms\n"), "server.yml", 7, "token_lifetime",
                "\"1500ms\"", "a duration from 1s to 1d, such as 60s or 2min");
}

TEST_CASE("an unknown choice is refused, with the nearest one as hint") {
  const auto what = of_simulation("job:\n  model: mlp-2n\n");
  check_problem(what, "job.yml", 2, "job.model", "\"mlp-2n\"",
                "one of softmax, mlp-2nn, cnn-mcmahan");
  CHECK(what.hint == "did you mean mlp-2nn?");
  check_problem(of_simulation("job: {strategy: fed_magic}\n"), "job.yml", 1, "job.strategy",
                "\"fed_magic\"", "fed_avg");
  check_problem(of_simulation("job: {selection: lottery}\n"), "job.yml", 1, "job.selection",
                "\"lottery\"", "one of random, by_size");
  check_problem(of_simulation("data: {source: none}\n"), "job.yml", 1, "data.source", "\"none\"",
                "one of fashion-mnist, mnist, synthetic, synthetic_iid, idx, csv");
}

TEST_CASE("an address without a port, or with an impossible one, is refused") {
  const std::string needed = "host:port, with a port from 0 to 65535";
  const auto what = of_server("listen: localhost\n");
  check_problem(what, "server.yml", 7, "listen", "\"localhost\"", needed);
  CHECK(what.hint == "the port is missing: localhost:7443");
  check_problem(of_server("listen: 127.0.0.1:65536\n"), "server.yml", 7, "listen",
                "\"127.0.0.1:65536\"", needed);
  check_problem(of_server("listen: 127.0.0.256:1\n"), "server.yml", 7, "listen",
                "\"127.0.0.256:1\"", needed);
  check_problem(of_edge("server: h:0\n" + least_edge), "edge.yml", 1, "server", "\"h:0\"",
                "host:port, with a port from 1 to 65535");
}

TEST_CASE("an unknown key is refused, with the nearest key as hint") {
  const auto what = of_simulation("job:\n  round:\n    chort: 5\n");
  check_problem(what, "job.yml", 3, "job.round.chort", "an unknown key",
                "cohort, cohort_min, over_selection, deadline");
  CHECK(what.hint == "did you mean job.round.cohort?");
}

TEST_CASE("a key in the wrong section is refused, and the hint has the right one") {
  const auto what = of_simulation("rounds: 5\n");
  check_problem(what, "job.yml", 1, "rounds", "an unknown key",
                "kind, seed, threads, out, drop_out, evaluation_percent, job, example_limit, "
                "update_limit, data, devices, partition");
  CHECK(what.hint == "did you mean job.rounds?");
}

TEST_CASE("a key of another kind of file is refused, and the hint says whose it is") {
  const auto what = of_simulation("wait_for_edges: 3\n");
  CHECK(what.key == "wait_for_edges");
  CHECK(what.found == "an unknown key");
  CHECK(what.hint == "a key of a file of kind server");
}

TEST_CASE("an unknown section is one problem, not one for each of its keys") {
  const auto what = of_simulation("seed: 1\nquantum:\n  qubits: 5\n  spin: up\n");
  check_problem(what, "job.yml", 2, "quantum", "an unknown key",
                "kind, seed, threads, out, drop_out, evaluation_percent, job, example_limit, "
                "update_limit, data, devices, partition");
  CHECK(what.hint.empty());
}

TEST_CASE("a key with points instead of sections is refused, and the hint says how it is written") {
  const auto what = of_simulation("job.rounds: 5\n");
  CHECK(what.key == "job.rounds");
  CHECK(what.found == "an unknown key");
  CHECK(what.hint == "sections are written as indented lines, not with points");
}

TEST_CASE("a key that stands twice is refused in its second line") {
  const auto what = of_simulation("job:\n  rounds: 5\n  model: softmax\n  rounds: 6\n");
  check_problem(what, "job.yml", 4, "job.rounds", "the key a second time", "each key once");
  CHECK(what.hint == "the first one is in line 2");
}

TEST_CASE("a section that stands twice is one problem") {
  check_problem(of_simulation("job:\n  rounds: 5\nseed: 2\njob:\n  rounds: 6\n"), "job.yml", 4,
                "job", "the key a second time", "each key once");
}

TEST_CASE("a list where a value belongs is refused") {
  check_problem(of_simulation("job:\n  rounds: [1, 2]\n"), "job.yml", 2, "job.rounds", "a list",
                "an integer from 1 to 1000000");
}

TEST_CASE("a section where a value belongs is refused, and the other way round") {
  check_problem(of_simulation("seed:\n  value: 1\n"), "job.yml", 1, "seed", "a section",
                "an integer from 0 to 18446744073709551615");
  check_problem(of_simulation("partition: iid\n"), "job.yml", 1, "partition", "\"iid\"",
                "a section with the keys scheme, clients, alpha, shards_per_client, "
                "labels_per_client, similarity, "
                "examples_min");
}

TEST_CASE("a key without a value is refused; a section without keys is an empty one") {
  check_problem(of_simulation("seed:\n"), "job.yml", 1, "seed", "nothing",
                "an integer from 0 to 18446744073709551615");
  CHECK(read_simulation_config("job:\n", "job.yml", no_files));
}

TEST_CASE("a needed key that is missing is refused in the line of its section") {
  const auto what =
      of_edge("kind: edge\ndata: {source: mnist}\ntls:\n  certificate: a\n  key: b\n");
  check_problem(what, "edge.yml", 3, "tls.authority", "nothing", "the path of a readable file");
  CHECK(what.hint == "there is no default");
}

TEST_CASE("an edge that does not say what it learns from is refused") {
  check_problem(of_edge("tls: {certificate: a, key: b, authority: c}\n"), "edge.yml", 0,
                "data.source", "nothing",
                "one of fashion-mnist, mnist, synthetic, synthetic_iid, idx, csv");
}

TEST_CASE("a missing section is one problem for each needed key") {
  const auto read = read_server_config("kind: server\n", "server.yml", no_files);
  REQUIRE_FALSE(read);
  REQUIRE(read.why().size() == 3);
  check_problem(read.why()[0], "server.yml", 0, "tls.certificate", "nothing",
                "the path of a readable file");
  CHECK(text(read.why()[1]) == "server.yml: tls.key: found nothing; accepted: the path of a "
                               "readable file (there is no default)");
}

TEST_CASE("a file of another kind is refused") {
  check_problem(of_simulation("kind: server\n"), "job.yml", 1, "kind", "\"server\"", "simulation");
}

TEST_CASE("a cohort_min above the cohort is refused in the line of the one that is written") {
  check_problem(of_simulation("job:\n  round:\n    cohort: 5\n    cohort_min: 8\n"), "job.yml", 4,
                "job.round.cohort_min", "\"8\"", "at most 5, which is job.round.cohort");
}

TEST_CASE("a cohort above the number of clients is refused, also a default one") {
  check_problem(of_simulation("job: {round: {cohort: 30}}\npartition: {clients: 20}\n"), "job.yml",
                1, "job.round.cohort", "\"30\"", "at most 20, which is partition.clients");
  check_problem(of_simulation("seed: 1\npartition: {clients: 5}\n"), "job.yml", 2,
                "job.round.cohort", "\"10\", the default", "at most 5, which is partition.clients");
}

TEST_CASE("a parameter of a scheme that was not chosen is refused") {
  const auto what = of_simulation("partition:\n  scheme: shards\n  alpha: 0.5\n");
  check_problem(
      what, "job.yml", 3, "partition.alpha", "\"0.5\"",
      "this key only where partition.scheme is dirichlet_class or dirichlet_client or quantity");
  CHECK(what.hint == "it is shards");
}

TEST_CASE("the CNN on data that are no images is refused") {
  check_problem(of_simulation("job: {model: cnn-mcmahan}\ndata: {source: synthetic}\n"), "job.yml",
                1, "job.model", "\"cnn-mcmahan\"",
                "softmax or mlp-2nn, since data.source is synthetic");
  check_problem(of_server("job: {model: cnn-mcmahan}\ntest_data: {source: synthetic}\n"),
                "server.yml", 7, "job.model", "\"cnn-mcmahan\"",
                "softmax or mlp-2nn, since test_data.source is synthetic");
}

TEST_CASE("a custom model without its shapes, with a test set, or in a simulation is refused") {
  check_problem(of_server("job: {model: custom}\ntest_data: {source: none}\n"), "server.yml", 7,
                "job.initial_model", "nothing", "the path of a file, since job.model is custom");
  check_problem(of_server("job: {model: custom, initial_model: server.yml}\n"
                          "test_data: {source: synthetic}\n"),
                "server.yml", 8, "test_data.source", "\"synthetic\"",
                "none, since job.model is custom");
  check_problem(of_simulation("job: {model: custom}\n"), "job.yml", 1, "job.model", "\"custom\"",
                "one of softmax, mlp-2nn, cnn-mcmahan");
}

TEST_CASE("a source that needs a folder and has none is refused") {
  check_problem(of_simulation("data: {source: csv}\n"), "job.yml", 1, "data.folder", "nothing",
                "the path of a folder, since data.source is csv");
  check_problem(of_server("test_data:\n  source: idx\n"), "server.yml", 8, "test_data.folder",
                "nothing", "the path of a folder, since test_data.source is idx");
}

TEST_CASE("natural owners of examples that have none are refused") {
  check_problem(of_simulation("data: {source: mnist}\npartition: {scheme: natural}\n"), "job.yml",
                2, "partition.scheme", "\"natural\"", "another scheme, since data.source is mnist");
  check_problem(of_simulation("data: {source: csv, folder: d}\npartition: {scheme: natural}\n"),
                "job.yml", 2, "data.key_column", "nothing",
                "the column that names the owner, since partition.scheme is natural");
}

TEST_CASE("zero clients are refused, but for natural owners") {
  check_problem(of_simulation("partition: {clients: 0}\n"), "job.yml", 1, "partition.clients",
                "\"0\"", "at least 1, since partition.scheme is iid");
  CHECK(read_simulation_config(
      "data: {source: synthetic}\npartition: {scheme: natural, clients: 0}\n", "job.yml",
      no_files));
}

TEST_CASE("a deal that the examples do not suffice for is refused") {
  check_problem(
      of_simulation("partition:\n  scheme: dirichlet_class\n  clients: 100\n  examples_min: 601\n"),
      "job.yml", 4, "partition.examples_min", "\"601\"",
      "at most 600, since there are 60000 examples");
  check_problem(of_simulation("data: {example_limit: 50}\npartition: {clients: 51}\n"), "job.yml",
                2, "partition.clients", "\"51\"", "at most 50, since there are 50 examples");
  check_problem(of_simulation("partition: {scheme: label_quantity, labels_per_client: 11}\n"),
                "job.yml", 1, "partition.labels_per_client", "\"11\"",
                "at most 10, the labels of fashion-mnist");
  check_problem(of_simulation("data: {example_limit: 50}\njob: {client: {batch_size: 64}}\n"),
                "job.yml", 2, "job.client.batch_size", "\"64\"",
                "at most 50, all the examples there are; 0: all of a client's");
}

TEST_CASE("a target that would never be measured is refused") {
  check_problem(of_server("job: {target_accuracy: 0.9}\ntest_data: {source: none}\n"), "server.yml",
                7, "job.target_accuracy", "\"0.9\"", "0, since test_data.source is none");
  check_problem(of_simulation("job: {target_accuracy: 0.9, evaluate_every: 0}\n"), "job.yml", 1,
                "job.target_accuracy", "\"0.9\"", "0, since job.evaluate_every is 0");
}

TEST_CASE("two outputs in one folder are refused, however it is spelled") {
  check_problem(of_server("state: runs\nout: a/../runs\n"), "server.yml", 8, "out",
                '"' + (std::filesystem::current_path() / "runs").string() + '"',
                "another folder than state");
}

TEST_CASE("a start with fewer edges than a round needs is refused") {
  check_problem(of_server("wait_for_edges: 2\n"), "server.yml", 7, "wait_for_edges", "\"2\"",
                "0, or at least 5");
}

TEST_CASE("a scripted power source without its script is refused") {
  check_problem(of_edge(least_edge + "power:\n  source: scripted\n"), "edge.yml", 8, "power.script",
                "nothing", "the path of a readable file, since power.source is scripted");
}

TEST_CASE("a path with a control character is refused") {
  check_problem(of_simulation("out: \"a\\0b\"\n"), "job.yml", 1, "out", "\"a\\x00b\"",
                "the path of a folder, made when missing");
}

TEST_CASE("all problems are reported at once, in the order of the lines") {
  const auto read = read_simulation_config("thread: 2\n"
                                           "job:\n"
                                           "  rounds: none\n"
                                           "  round: {cohort: 4, cohort_min: 6}\n"
                                           "  client: {momentum: 2}\n"
                                           "data: {source: fashion-minst}\n",
                                           "job.yml", no_files);
  REQUIRE_FALSE(read);
  std::string keys;
  for (const auto& what : read.why())
    keys += std::to_string(what.line) + ':' + what.key + ' ';
  CHECK(keys ==
        "1:thread 3:job.rounds 4:job.round.cohort_min 5:job.client.momentum 6:data.source ");
}

TEST_CASE("more problems than anybody reads are counted, not listed") {
  std::string many;
  for (int i = 0; i < 300; ++i)
    many += "key" + std::to_string(i) + ": 1\n";
  const auto read = read_simulation_config(many, "job.yml", no_files);
  REQUIRE_FALSE(read);
  CHECK(read.why().size() == problem_count_max + 1);
  CHECK(read.why().back().found == "200 more problems");
}

TEST_CASE("a schedule's window that never ends is refused, and so are windows without a schedule") {
  check_problem(of_edge(least_edge + "sync:\n  mode: scheduled\n  every: 10min\n  for: 10min\n"),
                "edge.yml", 10, "sync.for", "\"10min\"", "less than sync.every");
  CHECK(of_edge(least_edge + "sync:\n  every: 10min\n").key == "sync.every");
}

TEST_CASE("an amount needs its unit") {
  check_problem(of_edge(least_edge + "mailbox:\n  bytes: 256\n"), "edge.yml", 8, "mailbox.bytes",
                "\"256\"", "an amount from 1MB to 1000GB, such as 256MB or 2GB");
}
