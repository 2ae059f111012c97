// Is a simulated secure sum that of real edges, with noise and without?
#include <cmath>

#include "simulation/flight.hpp"

using namespace godwit;

namespace {

simulation_config with_noise(const std::string& mechanism) {
  auto config = small_federation();
  config.job.federated_evaluate_every = 0;
  config.job.round = {.cohort = 20, .cohort_min = 12, .over_selection = 1.0};
  config.job.privacy = {.mechanism = mechanism,
                        .epsilon = 20,
                        .delta = 1e-3,
                        .clip_norm = 0.5,
                        .noise_multiplier = 1};
  if (mechanism != "gaussian")
    config.job.secure_sum = {
        .profile = "semi_honest", .bits = 18, .colluding = 0.1, .dropping = 0.2};
  return config;
}

} // namespace

TEST_CASE("noise of the edges is that of all who reported, and nobody's own figures are told") {
  auto config = with_noise("skellam");
  config.drop_out = 0.15;
  config.job.rounds = 8;
  config.job.round.cohort = 30; // all: nobody takes the place of one who vanishes
  const auto flown = fly(config);
  std::size_t fewer = 0;
  double epsilon = 0;
  for (const auto& round : flown.rounds) {
    if (round.outcome != "committed") {
      CHECK_FALSE(round.noise_variance);
      continue;
    }
    fewer += round.reporters < 30 ? 1 : 0;
    REQUIRE(round.noise_variance);
    // A share is sized for 12 of whom 3 add none: 0.25 / 9, and a little for rounding.
    const double share = *round.noise_variance / round.reporters;
    CHECK(share >= 0.25 / 9);
    CHECK(share < 0.26 / 9);
    CHECK(std::isnan(round.train_loss));
    REQUIRE(round.epsilon);
    CHECK(*round.epsilon >= epsilon);
    epsilon = *round.epsilon;
    for (const auto& client : round.clients)
      CHECK(std::isnan(client.loss));
  }
  CHECK(fewer > 0);
  CHECK(epsilon > 1);
  CHECK(epsilon <= 20);
}

TEST_CASE("a simulation with noise is the same with any number of threads, and another by its "
          "seed") {
  auto config = with_noise("discrete_gaussian");
  const auto one = fly(config);
  config.threads = 4;
  CHECK(fly(config).outcome.model_sha256 == one.outcome.model_sha256);
  config.seed = 8;
  CHECK(fly(config).outcome.model_sha256 != one.outcome.model_sha256);
}

TEST_CASE("with hardly any noise the edges' noise and the server's teach the same") {
  auto edges = with_noise("discrete_gaussian"), server = with_noise("gaussian");
  for (auto* each : {&edges, &server}) {
    each->job.rounds = 6;
    each->job.privacy.epsilon = 1000;
    each->job.privacy.clip_norm = 5;
    each->job.privacy.noise_multiplier = 0.3;
  }
  const auto one = fly(edges), other = fly(server);
  REQUIRE(one.rounds.back().test_accuracy);
  REQUIRE(other.rounds.back().test_accuracy);
  CHECK(*one.rounds.back().test_accuracy ==
        doctest::Approx(*other.rounds.back().test_accuracy).epsilon(0.15));
}

TEST_CASE("a secure sum without noise is simulated, too: its updates are cut and rounded") {
  auto plain = small_federation(), summed = small_federation();
  plain.job.federated_evaluate_every = summed.job.federated_evaluate_every = 0;
  summed.job.secure_sum = {.profile = "semi_honest", .clip = 8, .bits = 20, .weight_max = 10'000};
  const auto one = fly(plain), other = fly(summed);
  CHECK(one.outcome.model_sha256 != other.outcome.model_sha256);
  for (std::size_t i = 0; i < one.rounds.size(); ++i) {
    CHECK(other.rounds[i].train_loss == doctest::Approx(one.rounds[i].train_loss).epsilon(0.02));
    CHECK(*other.rounds[i].test_accuracy ==
          doctest::Approx(*one.rounds[i].test_accuracy).epsilon(0.02));
  }
  for (const auto& round : other.rounds)
    for (const auto& client : round.clients)
      CHECK(std::isnan(client.loss));
}

TEST_CASE("noise that cannot be added is refused before anything is trained") {
  auto config = with_noise("skellam");
  config.job.secure_sum.bits = 6;
  const scratch_folder scratch;
  config.out = scratch / "run";
  const auto outcome = run_simulation(config);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.why().code == failure_code::bad_config);
  CHECK(outcome.why().detail.find("job.secure_sum.bits") != std::string::npos);
}
