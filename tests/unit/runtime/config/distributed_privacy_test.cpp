// Which settings go together with noise that edges add, and which are refused before anything
// starts?
#include <initializer_list>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "config_support.hpp"

using namespace godwit::config;
using namespace config_test;

namespace {

/// A job whose edges add the noise, with other values for some of its keys.
struct settings {
  std::string mechanism = "discrete_gaussian";
  std::string numbers = "epsilon: 2, delta: 0.001, clip_norm: 1, noise_multiplier: 4";
  std::string secure_sum = "profile: semi_honest, colluding: 0.1, dropping: 0.1";
  std::string round = "cohort: 100, cohort_min: 50, over_selection: 1.3";
  std::string others = "federated_evaluate_every: 0";
};

std::string job_of(const settings& with) {
  return "job:\n  privacy: {mechanism: " + with.mechanism + ", " + with.numbers +
         "}\n  secure_sum: {" + with.secure_sum + "}\n  round: {" + with.round + "}\n  " +
         with.others + "\n";
}

auto read(const settings& with) {
  return read_server_config(least_server + job_of(with), "server.yml", no_files);
}

problem refused(const settings& with) {
  return only_problem(read(with));
}

} // namespace

TEST_CASE("edges add discrete Gaussian or Skellam noise under any secure sum") {
  for (const std::string mechanism : {"discrete_gaussian", "skellam"})
    for (const std::string sum : {"profile: semi_honest", "profile: malicious",
                                  "profile: semi_honest, method: encryption"}) {
      const auto taken = read({.mechanism = mechanism, .secure_sum = sum});
      REQUIRE(taken);
      CHECK(godwit::is_distributed(taken->job.privacy));
    }
  CHECK_FALSE(godwit::is_distributed({.mechanism = "gaussian"}));
}

TEST_CASE("so many of those invited are not relied upon as may work with the server") {
  const auto taken = read({});
  REQUIRE(taken);
  CHECK(godwit::corrupt_max_of(taken->job) == 13);
  const auto what = refused({.secure_sum = "profile: malicious, colluding: 0.33, dropping: 0",
                             .round = "cohort: 100, cohort_min: 33, over_selection: 1"});
  CHECK(what.key == "job.round.cohort_min");
  CHECK(what.accepted.starts_with("at least "));
}

TEST_CASE("without a secure sum no share of the noise is enough") {
  const auto what = only_problem(read_server_config(
      least_server + "job:\n  privacy: {mechanism: skellam, noise_multiplier: 4}\n"
                     "  federated_evaluate_every: 0\n",
      "server.yml", no_files));
  CHECK(what.key == "job.secure_sum.profile");
  CHECK(what.accepted.starts_with("semi_honest or malicious"));
}

TEST_CASE("the server's own noise does not go with a sum that it cannot look into") {
  const auto what = refused({.mechanism = "gaussian"});
  CHECK(what.key == "job.secure_sum.profile");
  CHECK(what.accepted.starts_with("none"));
  CHECK(what.hint.find("discrete_gaussian") != std::string::npos);
}

TEST_CASE("what cannot be accounted for is refused, each in a sentence") {
  using cases = std::initializer_list<std::pair<std::string, std::string>>;
  for (const auto& [numbers, key] : cases{
           {"epsilon: 0, delta: 0.001, clip_norm: 1, noise_multiplier: 4", "job.privacy.epsilon"},
           {"epsilon: .nan, delta: 0.001, clip_norm: 1, noise_multiplier: 4",
            "job.privacy.epsilon"},
           {"epsilon: 2, delta: 0.01, clip_norm: 1, noise_multiplier: 4", "job.privacy.delta"},
           {"epsilon: 2, delta: 0, clip_norm: 1, noise_multiplier: 4", "job.privacy.delta"},
           {"epsilon: 2, delta: 0.001, clip_norm: .inf, noise_multiplier: 4",
            "job.privacy.clip_norm"},
           {"epsilon: 2, delta: 0.001, clip_norm: .nan, noise_multiplier: 4",
            "job.privacy.clip_norm"},
           {"epsilon: 2, delta: 0.001, clip_norm: 0, noise_multiplier: 4", "job.privacy.clip_norm"},
           {"epsilon: 2, delta: 0.001, clip_norm: 1, noise_multiplier: .nan",
            "job.privacy.noise_multiplier"},
           {"epsilon: 2, delta: 0.001, clip_norm: 1, noise_multiplier: 0.5",
            "job.privacy.noise_multiplier"}})
    for (const std::string mechanism : {"discrete_gaussian", "skellam"})
      CHECK_MESSAGE(refused({.mechanism = mechanism, .numbers = numbers}).key == key, numbers);
  CHECK(refused({.secure_sum = "profile: semi_honest, weight_max: 5"}).key ==
        "job.secure_sum.weight_max");
  CHECK(refused({.others = "federated_evaluate_every: 0\n  selection: by_size"}).key ==
        "job.selection");
  CHECK(refused({.others = "federated_evaluate_every: 2"}).key == "job.federated_evaluate_every");
}

TEST_CASE("noise is held against the budget by its divergences, which say a little more") {
  const auto at = [](const std::string& mechanism, const std::string& multiplier) {
    return read_server_config(
        least_server + "job:\n  privacy: {mechanism: " + mechanism +
            ", epsilon: 2, delta: 0.00001, noise_multiplier: " + multiplier + "}\n" +
            (mechanism == "gaussian" ? "" : "  secure_sum: {profile: semi_honest}\n") +
            "  round: {cohort: 50}\n  federated_evaluate_every: 0\n",
        "server.yml", no_files);
  };
  CHECK(at("gaussian", "2"));
  CHECK_FALSE(at("discrete_gaussian", "2"));
  const auto what = only_problem(at("discrete_gaussian", "2"));
  CHECK(what.key == "job.privacy.noise_multiplier");
  CHECK(what.accepted.starts_with("at least 2.1"));
  CHECK(at("discrete_gaussian", "2.2"));
}

TEST_CASE("a simulation takes a secure sum, with noise and without") {
  const auto simulated = [](const std::string& text) {
    return read_simulation_config("kind: simulation\npartition: {clients: 200}\n" + text, "job.yml",
                                  no_files);
  };
  CHECK(simulated(job_of({})));
  CHECK(simulated("job:\n  secure_sum: {profile: semi_honest, bits: 12}\n"));
  CHECK_FALSE(simulated(job_of({.numbers = "epsilon: 2, delta: 0.005, noise_multiplier: 4"})));
  CHECK_FALSE(simulated("job:\n  privacy: {mechanism: skellam, noise_multiplier: 4}\n"));
}
