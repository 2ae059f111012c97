// The accountant of privacy losses: an independent interval, closed forms, brute force, and that it
// is never below the truth.
#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/pld_accountant.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

#include "accounting/loss_grid.hpp"
#include "reference.hpp"

namespace {

using namespace godwit;
using namespace godwit::accounting;

constexpr auto added = relation::add_or_remove_one;
constexpr auto replaced = relation::replace_one;

double epsilon_of(const std::vector<privacy_event>& events, double delta,
                  double interval = pld_accountant::usual_interval) {
  pld_accountant accountant(interval);
  for (const auto& event : events) {
    auto composed = accountant.compose(event);
    REQUIRE_MESSAGE(composed, composed.why().detail);
  }
  auto epsilon = accountant.epsilon(delta);
  REQUIRE_MESSAGE(epsilon, epsilon.why().detail);
  return *epsilon;
}

double delta_of(const std::vector<privacy_event>& events, double epsilon) {
  pld_accountant accountant;
  for (const auto& event : events)
    REQUIRE(accountant.compose(event));
  auto delta = accountant.delta(epsilon);
  REQUIRE_MESSAGE(delta, delta.why().detail);
  return *delta;
}

privacy_event sampled(double rate, double noise, std::uint64_t count = 1) {
  return {gaussian{noise}, poisson_sampling{rate}, added, count};
}

/// delta of one Poisson-sampled Gaussian release, by summing the positive parts of P - e^eps Q.
double integrated_delta(double rate, double noise, double epsilon) {
  const double step = 1e-4 * noise;
  double there = 0, back = 0;
  for (double x = -10 * noise; x < 1 + 10 * noise; x += step) {
    const double q = std::exp(-x * x / (2 * noise * noise));
    const double shifted = std::exp(-(x - 1) * (x - 1) / (2 * noise * noise));
    const double p = (1 - rate) * q + rate * shifted;
    there += std::max(0.0, p - std::exp(epsilon) * q);
    back += std::max(0.0, q - std::exp(epsilon) * p);
  }
  return std::max(there, back) * step / (noise * std::sqrt(2 * std::numbers::pi));
}

} // namespace

TEST_CASE("epsilons are within 1e-3 of the reference and inside of the independent interval") {
  const auto lower = reference_rows("prv_lower"), upper = reference_rows("prv_upper");
  std::size_t inside_count = 0;
  for (auto row : reference_rows("pld_upper")) {
    INFO(row.name());
    if (std::holds_alternative<randomised_response>(row.event.mechanism))
      row.event.count = 1; // what the reference computed, whatever its column says
    const double found = epsilon_of({row.event}, row.delta);
    CHECK(relative_error(found, row.epsilon) < 1e-3);
    for (const auto& low : lower)
      if (low.same_setting(row)) {
        CHECK(found >= low.epsilon);
        ++inside_count;
      }
    for (const auto& high : upper)
      if (high.same_setting(row))
        CHECK(found <= high.epsilon + 1e-3);
  }
  CHECK(inside_count >= 5);
}

TEST_CASE("published values come out") {
  for (const std::string kind : {"published_prv_upper", "published_exact"})
    for (const auto& row : reference_rows(kind)) {
      INFO(row.name()); // the former are ends of intervals of 0.02
      const double slack = kind == "published_exact" ? 1e-3 : 1.2e-2;
      CHECK(std::abs(epsilon_of({row.event}, row.delta) - row.epsilon) < slack);
    }
  for (const auto& row : reference_rows("published_pld"))
    CHECK(std::abs(epsilon_of({row.event}, row.delta) - row.epsilon) < 1e-6);
}

TEST_CASE("Gaussian releases of everybody cost what the exact accountant says") {
  for (const double noise : {0.5, 1.0, 10.0, 200.0})
    for (const std::uint64_t count : {1U, 3U, 1000U})
      for (const double delta : {1e-2, 1e-5, 1e-10}) {
        CAPTURE(noise);
        CAPTURE(count);
        CAPTURE(delta);
        const double exact = gaussian_epsilon(std::sqrt(static_cast<double>(count)) / noise, delta);
        const double found = epsilon_of({{gaussian{noise}, everyone{}, added, count}}, delta);
        CHECK(found == doctest::Approx(exact).epsilon(1e-12));
      }
}

TEST_CASE("releases on the grid and through the transform are never below the exact value, and "
          "close to it") {
  // A rate just below 1 keeps them from being made one Gaussian beforehand.
  for (const std::uint64_t count : {1U, 2U, 30U, 1000U})
    for (const double delta : {1e-3, 1e-6, 1e-12, 1e-30}) {
      CAPTURE(count);
      CAPTURE(delta);
      const double noise = 2 * std::sqrt(static_cast<double>(count));
      const double exact = gaussian_epsilon(0.5, delta);
      const double found = epsilon_of({sampled(1 - 1e-15, noise, count)}, delta);
      CHECK(found >= exact - 1e-9);
      CHECK(relative_error(found, exact) < 1e-4);
    }
}

TEST_CASE("one sampled release is what numerical integration says") {
  for (const double rate : {0.001, 0.1, 0.7})
    for (const double noise : {0.6, 1.5})
      for (const double epsilon : {0.01, 0.3, 2.0}) {
        CAPTURE(rate);
        CAPTURE(noise);
        CAPTURE(epsilon);
        const double right = integrated_delta(rate, noise, epsilon);
        const double found = delta_of({sampled(rate, noise)}, epsilon);
        CHECK(found >= right - 1e-8); // what the sum leaves at its kink
        CHECK(found <= right + 1e-7);
      }
}

TEST_CASE("answers by chance compose as the binomial distribution says") {
  // 20 answers of a coin that lies with probability 1/4: the loss is (20 - 2 lies) log 3.
  const std::uint64_t count = 20;
  for (const double epsilon : {0.0, 1.0, 7.5, 15.0, 21.5}) {
    double right = 0, choose = 1;
    for (std::uint64_t lies = 0; lies <= count; ++lies) {
      const double truths = static_cast<double>(count - lies), wrong = static_cast<double>(lies);
      const double loss = (truths - wrong) * std::log(3);
      if (loss > epsilon)
        right += choose * std::pow(0.75, truths) * std::pow(0.25, wrong) *
                 (1 - std::exp(epsilon - loss));
      choose = choose * truths / (wrong + 1);
    }
    const double found =
        delta_of({{randomised_response{2, 0.5}, everyone{}, replaced, count}}, epsilon);
    CHECK(found >= right - 1e-12);
    CHECK(found == doctest::Approx(right).epsilon(1e-3));
  }
}

TEST_CASE("pure mechanisms never cost more than their pure epsilon") {
  CHECK(epsilon_of({{laplace{2}, everyone{}, added, 4}}, 1e-50) ==
        doctest::Approx(2).epsilon(1e-6));
  CHECK(epsilon_of({{discrete_laplace{2, 3}}}, 1e-12) <= 1.5 + 1e-9);
  CHECK(epsilon_of({{laplace{2}, everyone{}, replaced}}, 1e-50) ==
        doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("wide discrete noise costs what continuous noise does") {
  CHECK(epsilon_of({{discrete_gaussian{500, 100, 100}}}, 1e-6) ==
        doctest::Approx(gaussian_epsilon(0.2, 1e-6)).epsilon(1e-3));
  CHECK(epsilon_of({{discrete_laplace{300, 100}, poisson_sampling{0.2}, added, 50}}, 1e-6) ==
        doctest::Approx(epsilon_of({{laplace{3}, poisson_sampling{0.2}, added, 50}}, 1e-6))
            .epsilon(1e-3));
}

TEST_CASE("epsilon and delta of a sum are inverse, for common and for tiny delta") {
  for (const auto& event : {sampled(0.001, 1, 1000), sampled(0.1, 2, 100), sampled(0.02, 0.8, 500)})
    for (const double delta : {1e-2, 1e-5, 1e-9, 1e-20}) {
      CAPTURE(delta);
      const double epsilon = epsilon_of({event}, delta);
      CHECK(relative_error(delta_of({event}, epsilon), delta) < 1e-4);
    }
}

TEST_CASE("the Rényi accountant is never below") {
  for (const auto& event : {sampled(0.001, 0.7, 1000), sampled(0.05, 1, 200), sampled(0.5, 5, 30)})
    for (const double delta : {1e-3, 1e-6, 1e-12}) {
      rdp_accountant accountant;
      REQUIRE(accountant.compose(event));
      CHECK(*accountant.epsilon(delta) > epsilon_of({event}, delta));
    }
}

TEST_CASE("epsilon grows with rounds and rate, and falls with noise and delta") {
  const double base = epsilon_of({sampled(0.01, 1, 100)}, 1e-5);
  CHECK(epsilon_of({sampled(0.01, 1, 101)}, 1e-5) > base);
  CHECK(epsilon_of({sampled(0.0101, 1, 100)}, 1e-5) > base);
  CHECK(epsilon_of({sampled(0.01, 1.01, 100)}, 1e-5) < base);
  CHECK(epsilon_of({sampled(0.01, 1, 100)}, 1.1e-5) < base);
}

TEST_CASE("a finer grid comes closer, from above") {
  const double coarse = epsilon_of({sampled(0.02, 1, 300)}, 1e-5, 2e-3);
  const double middle = epsilon_of({sampled(0.02, 1, 300)}, 1e-5, 5e-4);
  const double fine = epsilon_of({sampled(0.02, 1, 300)}, 1e-5, 5e-5);
  CHECK(coarse > middle);
  CHECK(middle > fine);
  CHECK(coarse - fine < 1e-2);
}

TEST_CASE("many releases with next to no loss each are not rounded up by the grid") {
  for (const auto& event : {sampled(1e-4, 5, 10'000), sampled(2e-5, 1.3, 90'000),
                            privacy_event{laplace{9}, poisson_sampling{2e-5}, added, 17'000}}) {
    rdp_accountant accountant;
    REQUIRE(accountant.compose(event));
    CHECK(epsilon_of({event}, 1e-6) < *accountant.epsilon(1e-6));
    CHECK(epsilon_of({event}, 1e-6) <= 1.001 * epsilon_of({event}, 1e-6, 1e-6));
  }
}

TEST_CASE("different releases compose in any order, and equal ones are counted together") {
  const privacy_event a = sampled(0.01, 1, 100), b{laplace{4}, poisson_sampling{0.1}},
                      c{gaussian{20}, chosen{"battery"}, added, 5};
  const double one_way = epsilon_of({a, b, c}, 1e-5);
  CHECK(one_way == doctest::Approx(epsilon_of({c, a, b}, 1e-5)).epsilon(1e-10));
  CHECK(one_way > epsilon_of({a, b}, 1e-5));
  const auto half = sampled(0.01, 1, 50);
  CHECK(epsilon_of({half, half}, 1e-5) == epsilon_of({a}, 1e-5));
  // Split into kinds that differ in nothing that matters, they go through the heterogeneous way.
  CHECK(epsilon_of({half, sampled(0.01, 1 + 1e-13, 50)}, 1e-5) ==
        doctest::Approx(epsilon_of({a}, 1e-5)).epsilon(1e-8));
}

TEST_CASE("exchanging the two populations mirrors the cells") {
  const auto cells = cells_of(sampled(0.1, 1), 1e-3, 1e-15);
  REQUIRE(cells);
  const auto twice = mirrored(mirrored(*cells));
  CHECK(twice.first == cells->first);
  CHECK(twice.p == cells->p);
  CHECK(twice.q_above == cells->q_above);
  // Each grid has all of its distribution.
  for (const auto& side : {*cells, mirrored(*cells)}) {
    const auto grid = connect_the_dots(side, 1e-3);
    double sum = grid.infinite;
    for (const double mass : grid.mass)
      sum += mass;
    CHECK(sum == doctest::Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("what it does not know, and what leaves no privacy, is refused with what can be done") {
  pld_accountant accountant;
  for (const privacy_event& unknown :
       {privacy_event{skellam{5}}, privacy_event{concentrated{0.1}},
        privacy_event{discrete_gaussian{5, 2, 3, 10}}, privacy_event{discrete_gaussian{5, 1.5, 2}},
        privacy_event{gaussian{1}, fixed_size_sampling{1, 10}, replaced},
        privacy_event{laplace{1}, poisson_sampling{0.1}, replaced}}) {
    const auto composed = accountant.compose(unknown);
    REQUIRE_FALSE(composed);
    CHECK(composed.why().detail.find("Rényi") != std::string::npos);
  }
  CHECK_FALSE(accountant.compose(sampled(0.1, 0)));
  CHECK(*accountant.epsilon(1e-5) == 0);
  CHECK(*accountant.delta(1) == 0);
  for (const double delta : {0.0, 1.0, -1e-5, std::nan("")})
    CHECK_FALSE(accountant.epsilon(delta));
  for (const double epsilon : {-1.0, std::nan(""), HUGE_VAL})
    CHECK_FALSE(accountant.delta(epsilon));
  for (const double interval : {0.0, 1.0, std::nan("")}) {
    pld_accountant odd(interval);
    CHECK_FALSE(odd.compose(sampled(0.1, 1)));
  }
  REQUIRE(accountant.compose(sampled(0.1, 0.001)));
  const auto hopeless = accountant.epsilon(1e-5);
  REQUIRE_FALSE(hopeless);
  CHECK(hopeless.why().detail.find("too little noise") != std::string::npos);
}
