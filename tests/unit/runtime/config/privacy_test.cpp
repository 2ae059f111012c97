// Is a job whose releases are private taken where its budget fits, and refused with what to change
// where it does not?
#include <string>

#include <doctest/doctest.h>

#include "config_support.hpp"

using namespace godwit::config;
using namespace config_test;

namespace {

auto read(const std::string& privacy) {
  return read_server_config(least_server + "job:\n  federated_evaluate_every: 0\n  privacy: {" +
                                privacy + "}\n",
                            "server.yml", no_files);
}

} // namespace

TEST_CASE("a norm stays where it is, unless it is to adapt itself") {
  const auto fixed = read("mechanism: gaussian, noise_multiplier: 4");
  REQUIRE(fixed);
  CHECK(fixed->job.privacy.clip == "fixed");
  const auto adaptive = read("mechanism: gaussian, noise_multiplier: 4, clip: adaptive, "
                             "clip_norm: 0.001, clip_quantile: 0.8, clip_rate: 1");
  REQUIRE(adaptive);
  CHECK(adaptive->job.privacy.clip_quantile == 0.8);
}

TEST_CASE("what a norm that stays, or noise of a tree, cannot do is refused in a sentence") {
  auto what = only_problem(read("mechanism: gaussian, noise_multiplier: 4, clip_quantile: 0.8"));
  CHECK(what.key == "job.privacy.clip_quantile");
  what = only_problem(read("mechanism: gaussian, noise_multiplier: 4, clip: guessed"));
  CHECK(what.key == "job.privacy.clip");
  for (const std::string wrong : {"0", "1", "-1", "nan"}) {
    what = only_problem(
        read("mechanism: gaussian, noise_multiplier: 4, clip: adaptive, clip_quantile: " + wrong));
    CHECK(what.key == "job.privacy.clip_quantile");
  }
  what = only_problem(read("mechanism: tree, noise_multiplier: 20, clip: adaptive"));
  CHECK(what.key == "job.privacy.clip");
  CHECK(what.accepted.find("job.privacy.mechanism is gaussian") != std::string::npos);
  what = only_problem(read("mechanism: gaussian, noise_multiplier: 4, tree_rounds: 8"));
  CHECK(what.key == "job.privacy.tree_rounds");
  what = only_problem(read("mechanism: tree, noise_multiplier: 20, tree_rounds: 5000"));
  CHECK(what.key == "job.privacy.tree_rounds");
  for (const std::string norm : {"0", "inf", "nan", "-1"}) {
    what = only_problem(read("mechanism: gaussian, noise_multiplier: 4, clip_norm: " + norm));
    CHECK(what.key == "job.privacy.clip_norm");
  }
}

TEST_CASE("noise whose first part in a tree exceeds the budget is refused, with what would do") {
  const std::string budget = "epsilon: 2, delta: 0.00001, tree_rounds: 64, mechanism: tree, ";
  CHECK(read(budget + "noise_multiplier: 6"));
  const auto what = only_problem(read(budget + "noise_multiplier: 4")); // 64 rounds: 7 nodes
  CHECK(what.key == "job.privacy.noise_multiplier");
  CHECK(what.accepted.starts_with("at least "));
  CHECK(read("epsilon: 2, delta: 0.00001, mechanism: gaussian, noise_multiplier: 4"));
}
