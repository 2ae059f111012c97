// The exact Gaussian accountant: values computed elsewhere with 40 digits, and its own inverses.
#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>

#include "reference.hpp"

namespace {

using namespace godwit;
using namespace godwit::accounting;

double epsilon_of(const privacy_event& event, double delta) {
  gaussian_accountant accountant;
  REQUIRE(accountant.compose(event));
  auto epsilon = accountant.epsilon(delta);
  REQUIRE(epsilon);
  return *epsilon;
}

} // namespace

TEST_CASE("Gaussian releases cost what 40 digits of the formula say, within 1e-9") {
  for (const auto& row : reference_rows("exact")) {
    INFO(row.name());
    CHECK(std::abs(epsilon_of(row.event, row.delta) - row.epsilon) < 1e-9);
  }
}

TEST_CASE("epsilon, delta and mu are each other's inverses, far out in the tail as well") {
  for (const double mu : {1e-3, 0.02, 0.3, 1.0, 4.0, 40.0})
    for (const double delta : {0.3, 1e-3, 1e-5, 1e-12, 1e-40, 1e-90}) {
      CAPTURE(mu);
      CAPTURE(delta);
      const double epsilon = gaussian_epsilon(mu, delta);
      if (epsilon == 0) {
        CHECK(gaussian_delta(mu, 0) <= delta);
        continue;
      }
      CHECK(relative_error(gaussian_delta(mu, epsilon), delta) < 1e-8);
      CHECK(relative_error(gaussian_mu(epsilon, delta), mu) < 1e-8);
    }
}

TEST_CASE("delta at epsilon 0 is the total variation of the two Gaussians") {
  for (const double mu : {0.01, 0.5, 3.0})
    CHECK(relative_error(gaussian_delta(mu, 0), std::erf(mu / (2 * std::numbers::sqrt2))) < 1e-12);
}

TEST_CASE("many releases cost as much as one with less noise, in any order and cut") {
  gaussian_accountant apart;
  REQUIRE(apart.compose({gaussian{3}, everyone{}, relation::add_or_remove_one, 9}));
  REQUIRE(apart.compose({gaussian{0.5}}));
  CHECK(relative_error(apart.mu(), std::sqrt(1 + 4.0)) < 1e-15);
  CHECK(epsilon_of({gaussian{10}, everyone{}, relation::add_or_remove_one, 100}, 1e-5) ==
        doctest::Approx(epsilon_of({gaussian{1}}, 1e-5)).epsilon(1e-13));
}

TEST_CASE("a replaced client costs as half the noise, and a chosen one as everybody") {
  CHECK(epsilon_of({gaussian{4}, everyone{}, relation::replace_one}, 1e-5) ==
        epsilon_of({gaussian{2}}, 1e-5));
  CHECK(epsilon_of({gaussian{2}, chosen{"the fastest ten"}}, 1e-5) ==
        epsilon_of({gaussian{2}}, 1e-5));
}

TEST_CASE("a tree costs its height, and repeated contributions what they add up to in its nodes") {
  gaussian_accountant once, all;
  REQUIRE(once.compose({tree_aggregation{1, 1000}}));
  CHECK(once.mu() * once.mu() == doctest::Approx(10));
  // Three contributions to three neighbouring steps of four: leaves 3, pairs 4 + 1, the root 9.
  REQUIRE(all.compose({tree_aggregation{1, 4, 3, 1}}));
  CHECK(all.mu() * all.mu() == doctest::Approx(3 + 5 + 9));
  gaussian_accountant apart; // never two of them in one node below the root
  REQUIRE(apart.compose({tree_aggregation{1, 4, 2, 2}}));
  CHECK(apart.mu() * apart.mu() == doctest::Approx(2 + 2 + 4));
}

TEST_CASE("what is not Gaussian or is sampled is refused, and nothing has been added") {
  gaussian_accountant accountant;
  CHECK_FALSE(accountant.compose({laplace{1}}));
  CHECK_FALSE(accountant.compose({gaussian{1}, poisson_sampling{0.1}}));
  CHECK_FALSE(accountant.compose({gaussian{std::nan("")}}));
  CHECK(accountant.mu() == 0);
  CHECK(*accountant.epsilon(1e-5) == 0);
  for (const double delta : {0.0, -1.0, 1.0, 1e-101, std::nan("")})
    CHECK_FALSE(accountant.epsilon(delta));
  for (const double epsilon : {-0.1, 1e7, std::nan(""), HUGE_VAL})
    CHECK_FALSE(accountant.delta(epsilon));
}
