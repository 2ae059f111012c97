// Calibration: the least noise and the most releases that keep a budget, always on the safe side.
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/calibration.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

#include "reference.hpp"

namespace {

using namespace godwit;
using namespace godwit::accounting;

constexpr auto added = relation::add_or_remove_one;

double epsilon_at(const privacy_event& event, double delta, method by = method::tightest) {
  const auto spent = epsilon_of({{event}}, delta, by);
  REQUIRE_MESSAGE(spent, spent.why().detail);
  return spent->epsilon;
}

privacy_event sampled(double rate, double noise, std::uint64_t count) {
  return {gaussian{noise}, poisson_sampling{rate}, added, count};
}

} // namespace

TEST_CASE("the tightest accountant that knows the events is asked, and named") {
  const auto by = [](const privacy_event& event) { return epsilon_of({{event}}, 1e-5)->by; };
  CHECK(by({gaussian{1}}) == method::exact);
  CHECK(by(sampled(0.1, 1, 10)) == method::pld);
  CHECK(by({skellam{10}}) == method::rdp);
  const auto event = sampled(0.01, 1, 100);
  CHECK(epsilon_at(event, 1e-5, method::pld) < epsilon_at(event, 1e-5, method::rdp));
  CHECK_FALSE(epsilon_of({{event}}, 1e-5, method::exact));
  CHECK_FALSE(epsilon_of({{event}}, 0));
}

TEST_CASE("the published noise for one sampled release at epsilon 1 is found within 1e-6") {
  for (const auto& row : reference_rows("published_pld")) {
    auto event = row.event;
    event.mechanism = gaussian{1};
    const auto found = with_least_noise(event, {row.epsilon, row.delta}, method::pld, 1e-8);
    REQUIRE(found);
    CHECK(std::abs(std::get<gaussian>(found->mechanism).noise_multiplier - row.noise) < 1e-6);
  }
}

TEST_CASE("calibrated noise keeps the target, and a little less does not") {
  const std::vector<privacy_event> events{
      {gaussian{1}},
      sampled(0.02, 1, 300),
      {laplace{1}, everyone{}, added, 5},
      {discrete_gaussian{1, 20, 60}},
      {discrete_laplace{1, 4}},
      {skellam{1, 30, 200}, poisson_sampling{0.1}, added, 20},
      {randomised_response{4, 0.5}, everyone{}, relation::replace_one},
      {tree_aggregation{1, 100}},
      {concentrated{1}}};
  const privacy_target target{2, 1e-6};
  for (const auto& event : events) {
    INFO(describe(event));
    const auto found = with_least_noise(event, target, method::tightest, 1e-3);
    REQUIRE_MESSAGE(found, found.why().detail);
    const double epsilon = epsilon_at(*found, target.delta);
    CHECK(epsilon <= target.epsilon);
    CHECK(epsilon > 0.99 * target.epsilon);
  }
}

TEST_CASE("the least Gaussian noise of one release is the analytic one") {
  const auto found = with_least_noise({gaussian{1}}, {1, 1e-5}, method::tightest, 1e-11);
  REQUIRE(found);
  CHECK(std::get<gaussian>(found->mechanism).noise_multiplier ==
        doctest::Approx(1 / gaussian_mu(1, 1e-5)).epsilon(1e-10));
}

TEST_CASE("as many releases as fit are allowed, and one more is too many") {
  for (const method by : {method::pld, method::rdp}) {
    auto event = sampled(0.01, 1, 1);
    const privacy_target target{1.5, 1e-5};
    const auto count = releases_within(event, target, by);
    REQUIRE(count);
    event.count = *count;
    CHECK(epsilon_at(event, target.delta, by) <= target.epsilon);
    ++event.count;
    CHECK(epsilon_at(event, target.delta, by) > target.epsilon);
  }
  CHECK(*releases_within({gaussian{0.1}}, {1, 1e-5}) == 0);
  CHECK(*releases_within({concentrated{0}}, {1, 1e-5}) == event_count_max);
  CHECK(*releases_within({gaussian{100}}, {1, 1e-5}) ==
        static_cast<std::uint64_t>(std::pow(100 * gaussian_mu(1, 1e-5), 2)));
}

TEST_CASE("the cost by round rises to the cost of all rounds") {
  const auto costs = cost_by_count(sampled(0.01, 1, 105), 1e-5, 10);
  REQUIRE(costs);
  REQUIRE(costs->size() == 10);
  CHECK(costs->front().count == 10);
  CHECK(costs->back().count == 105);
  CHECK(costs->back().epsilon == epsilon_at(sampled(0.01, 1, 105), 1e-5));
  for (std::size_t i = 1; i < costs->size(); ++i)
    CHECK((*costs)[i].epsilon > (*costs)[i - 1].epsilon);
  CHECK(cost_by_count(sampled(0.01, 1, 3), 1e-5, 10)->size() == 3);
  CHECK_FALSE(cost_by_count(sampled(0.01, 1, 3), 2, 10));
}

TEST_CASE("a budget that is none, and one that no noise keeps, are refused") {
  CHECK_FALSE(with_least_noise({gaussian{1}}, {0, 1e-5}));
  CHECK_FALSE(with_least_noise({gaussian{1}}, {1, 0}));
  CHECK_FALSE(with_least_noise({gaussian{1}}, {std::nan(""), 1e-5}));
  CHECK_FALSE(with_least_noise({gaussian{1}}, {1, 1e-5}, method::tightest, 0));
  CHECK_FALSE(with_least_noise({gaussian{1}, poisson_sampling{2}}, {1, 1e-5}));
  CHECK_FALSE(releases_within({gaussian{1}}, {-1, 1e-5}));
  CHECK_FALSE(releases_within({gaussian{0}}, {1, 1e-5}));
  const auto hopeless =
      with_least_noise({gaussian{1}, everyone{}, added, event_count_max}, {1e-6, 1e-30});
  REQUIRE_FALSE(hopeless);
  CHECK(hopeless.why().detail.find("no noise is enough") != std::string::npos);
}
