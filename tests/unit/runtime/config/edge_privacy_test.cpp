// Is privacy that edges see to themselves configured as it should be, and what does not go with it
// refused?
#include <string>

#include <doctest/doctest.h>

#include "config_support.hpp"

using namespace godwit::config;
using namespace config_test;

namespace {

auto job_with(const std::string& keys) {
  return read_server_config(least_server + "job:\n  federated_evaluate_every: 0\n" + keys,
                            "server.yml", no_files);
}

auto edge_with(const std::string& keys) {
  return read_edge_config(least_edge + keys, "edge.yml", no_files);
}

} // namespace

TEST_CASE("a job can have its edges hide their examples, add noise to their updates, or both") {
  const auto both =
      job_with("  example_privacy: {mechanism: gaussian, clip_norm: 0.5, noise_multiplier: 2}\n"
               "  local_privacy: {mechanism: laplace, clip_norm: 3, noise_multiplier: 4}\n");
  REQUIRE(both);
  CHECK(both->job.example_privacy.noise_multiplier == 2);
  CHECK(both->job.local_privacy.mechanism == "laplace");
  CHECK(both->job.local_privacy.clip_norm == 3);
  REQUIRE(job_with(""));
  CHECK(job_with("")->job.local_privacy.mechanism == "none");
}

TEST_CASE("a norm or noise that cannot be is refused by its key") {
  for (const std::string section : {"example_privacy", "local_privacy"})
    for (const std::string key : {"clip_norm", "noise_multiplier"})
      for (const std::string wrong : {"0", "-1", "nan", "inf", "1e9"}) {
        CAPTURE(section + " " + key + " " + wrong);
        const auto what = only_problem(
            job_with("  " + section + ": {mechanism: gaussian, " + key + ": " + wrong + "}\n"));
        CHECK(what.key == "job." + section + "." + key);
      }
  CHECK(only_problem(job_with("  local_privacy: {noise_multiplier: 3}\n")).key ==
        "job.local_privacy.noise_multiplier"); // which would be of no effect
}

TEST_CASE("what would tell of the examples without noise does not go with it") {
  for (const std::string section : {"example_privacy", "local_privacy"}) {
    CAPTURE(section);
    const auto what =
        only_problem(read_server_config(least_server + "job:\n  federated_evaluate_every: 2\n  " +
                                            section + ": {mechanism: gaussian}\n",
                                        "server.yml", no_files));
    CHECK(what.key == "job.federated_evaluate_every");
    CHECK(what.accepted.find("0, since job." + section + ".mechanism is gaussian") !=
          std::string::npos);
  }
  CHECK(only_problem(job_with("  selection: by_size\n  local_privacy: {mechanism: gaussian}\n"))
            .key == "job.selection");
}

TEST_CASE("an edge's limits are read, and a wrong one is refused") {
  const auto edge = edge_with("example_limit: {demand: required, epsilon: 3, delta: 0.000001}\n"
                              "update_limit: {demand: required, epsilon: 4}\n");
  REQUIRE(edge);
  CHECK(edge->example_limit.epsilon == 3);
  CHECK(edge->update_limit.demand == "required");
  for (const std::string limit : {"example_limit", "update_limit"})
    for (const std::string wrong : {"epsilon: 0", "epsilon: nan", "delta: 0", "delta: 1"}) {
      CAPTURE(limit + " " + wrong);
      CHECK(only_problem(edge_with(limit + ": {demand: required, " + wrong + "}\n"))
                .key.starts_with(limit));
    }
  CHECK(only_problem(edge_with("update_limit: {epsilon: 4}\n")).key == "update_limit.epsilon");
  CHECK(only_problem(edge_with("update_limit: {demand: some}\n")).key == "update_limit.demand");
}
