// Do two numbers say as much of a release as its divergences, and do they add up?
#include <godwit/privacy/concentrated_cost.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

using namespace godwit;
using namespace godwit::accounting;

namespace {

/// What the Rényi accountant says of so many of them.
double by_divergences(const privacy_event& event, std::uint64_t count, double delta) {
  rdp_accountant all;
  auto many = event;
  many.count = count;
  REQUIRE(all.compose(many));
  return all.epsilon(delta).value();
}

double by_cost(const privacy_event& event, std::uint64_t count, double delta) {
  concentrated_cost all;
  const auto one = cost_of(event);
  REQUIRE(one);
  for (std::uint64_t i = 0; i < count; ++i)
    all = all + *one;
  return epsilon_of(all, delta);
}

/// A sum of 7,850 values of a norm of 11,000 steps, with noise of z times that.
privacy_event shared(double z, std::uint64_t clients) {
  return {.mechanism = discrete_gaussian{.sigma = z * 11'000 / std::sqrt(clients),
                                         .l2_norm = 11'000,
                                         .l1_norm = 11'000 * std::sqrt(7850.),
                                         .dimension = 7850,
                                         .client_count = clients}};
}

privacy_event of_skellam(double z, double l2_norm) {
  return {.mechanism = skellam{.variance = std::pow(z * l2_norm, 2),
                               .l2_norm = l2_norm,
                               .l1_norm = l2_norm * std::sqrt(7850.)}};
}

} // namespace

TEST_CASE("noise of many costs what the Rényi accountant says, and a little more than Gaussian") {
  for (const double z : {0.8, 4., 12.})
    for (const std::uint64_t count : {1U, 20U, 100U})
      for (const double delta : {1e-5, 1e-9}) {
        CAPTURE(z);
        CAPTURE(count);
        const double epsilon = by_cost(shared(z, 90), count, delta);
        CHECK(epsilon == doctest::Approx(by_divergences(shared(z, 90), count, delta)));
        const double gaussian = gaussian_epsilon(std::sqrt(static_cast<double>(count)) / z, delta);
        CHECK(epsilon > gaussian);
        CHECK(epsilon < 1.35 * gaussian + 0.05);
      }
}

TEST_CASE("Skellam noise costs no less than the Rényi accountant says, and hardly more") {
  for (const double l2_norm : {60., 2'000., 14'000.})
    for (const double z : {1., 4.})
      for (const std::uint64_t count : {1U, 100U}) {
        CAPTURE(l2_norm);
        CAPTURE(z);
        const double epsilon = by_cost(of_skellam(z, l2_norm), count, 1e-5);
        const double divergences = by_divergences(of_skellam(z, l2_norm), count, 1e-5);
        CHECK(epsilon >= divergences * (1 - 1e-12));
        CHECK(epsilon < 1.1 * divergences + 0.01);
      }
}

TEST_CASE("Gaussian noise costs exactly what its accountant says, whatever was there before") {
  const privacy_event one{.mechanism = gaussian{3}}, other{.mechanism = gaussian{5}};
  const auto sum = cost_of(one).value() + cost_of(other).value() + cost_of(one).value();
  CHECK(sum.is_gaussian);
  CHECK(epsilon_of(sum, 1e-6) ==
        doctest::Approx(gaussian_epsilon(std::sqrt(2. / 9 + 1. / 25), 1e-6)).epsilon(1e-12));
  const privacy_event tree{.mechanism = tree_aggregation{.noise_multiplier = 8, .step_count = 16}};
  CHECK(cost_of(tree).value().rho == doctest::Approx(5. / 64 / 2));
  CHECK(epsilon_of({}, 1e-5) == 0);
}

TEST_CASE("with noise of another kind among it a sum is not taken for Gaussian") {
  const privacy_event one{.mechanism = gaussian{3}};
  const auto sum = cost_of(one).value() + cost_of(shared(3, 90)).value();
  CHECK_FALSE(sum.is_gaussian);
  CHECK(epsilon_of(sum, 1e-5) > gaussian_epsilon(std::sqrt(2. / 9), 1e-5));
  auto replaced = shared(3, 90);
  replaced.neighbours = relation::replace_one;
  CHECK(cost_of(replaced).value().rho == doctest::Approx(4 * cost_of(shared(3, 90)).value().rho));
}

TEST_CASE("what does not add up so is refused") {
  CHECK_FALSE(cost_of({.mechanism = laplace{1}}));
  CHECK_FALSE(cost_of({.mechanism = gaussian{0}}));
  CHECK_FALSE(cost_of({.mechanism = gaussian{1}, .sampling = poisson_sampling{0.1}}));
  auto two = shared(3, 90);
  two.count = 2;
  CHECK(cost_of(two).value().rho == doctest::Approx(2 * cost_of(shared(3, 90)).value().rho));
}
