// The Rényi accountant: independent implementations, published values, brute force, and order.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include <doctest/doctest.h>

#include <godwit/privacy/gaussian_accountant.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

#include "reference.hpp"

namespace {

using namespace godwit;
using namespace godwit::accounting;

constexpr auto replaced = relation::replace_one;

double divergence_of(const privacy_event& event, double order) {
  rdp_accountant accountant({order});
  REQUIRE(accountant.compose(event));
  return accountant.curve().divergences[0];
}

double epsilon_of(const privacy_event& event, double delta, conversion by = conversion::improved,
                  std::vector<double> orders = usual_orders()) {
  rdp_accountant accountant(std::move(orders));
  REQUIRE(accountant.compose(event));
  auto epsilon = accountant.epsilon(delta, by);
  REQUIRE(epsilon);
  return *epsilon;
}

/// The orders that Opacus 1.5.4 takes.
std::vector<double> opacus_orders() {
  auto orders = usual_orders();
  std::erase_if(orders, [](double order) { return order == 11 || order > 63; });
  return orders;
}

/// log E_Q[(P / Q)^order] / (order - 1) over the integers, for masses given by their logarithms.
double summed_divergence(double order, const std::function<double(int)>& log_p,
                         const std::function<double(int)>& log_q, int reach) {
  double sum = 0;
  for (int x = -reach; x <= reach; ++x)
    sum += std::exp(order * log_p(x) + (1 - order) * log_q(x));
  return std::log(sum) / (order - 1);
}

/// log P(x) of Skellam noise: a Poisson's convolution with its mirror image.
double log_skellam(int x, double variance) {
  const double mean = variance / 2, m = std::abs(x);
  double sum = 0;
  for (double k = 0; k < 400; ++k)
    sum += std::exp((m + 2 * k) * std::log(mean) - std::lgamma(k + 1) - std::lgamma(m + k + 1) -
                    variance);
  return std::log(sum);
}

} // namespace

TEST_CASE("Rényi epsilons are those of independent implementations within 1e-6") {
  for (const std::string kind : {"rdp_upper", "published_rdp_upper"})
    for (const auto& row : reference_rows(kind)) {
      INFO(row.name());
      if (row.text.at("mechanism") == "zcdp")
        continue; // dense orders: below
      const bool is_opacus = row.text.at("source").starts_with("opacus");
      const double found = epsilon_of(row.event, row.delta, conversion::improved,
                                      is_opacus ? opacus_orders() : usual_orders());
      CHECK(relative_error(found, row.epsilon) < 1e-6);
    }
}

TEST_CASE("zCDP converts as with dense orders") {
  std::vector<double> dense;
  for (double order = 1.02; order < 64; order += 0.02)
    dense.push_back(order);
  for (const auto& row : reference_rows("rdp_upper"))
    if (row.text.at("mechanism") == "zcdp") {
      INFO(row.name());
      CHECK(relative_error(epsilon_of(row.event, row.delta, conversion::improved, dense),
                           row.epsilon) < 1e-3);
    }
}

TEST_CASE("published values of the classic conversion come out") {
  for (const std::string kind : {"published_classic_rdp_conversion", "published_moments"})
    for (const auto& row : reference_rows(kind)) {
      INFO(row.name());
      CHECK(std::abs(epsilon_of(row.event, row.delta, conversion::classic) - row.epsilon) < 3e-2);
    }
}

TEST_CASE("a flat curve converts to the published value") {
  for (const auto& row : reference_rows("published_rdp_conversion")) {
    divergence_curve curve;
    for (int order = 2; order <= 32; ++order) {
      curve.orders.push_back(order);
      curve.divergences.push_back(row.noise);
    }
    CHECK(std::abs(*curve.epsilon(row.delta) - row.epsilon) < 1e-8);
  }
}

TEST_CASE("a sampled Gaussian's divergence is the integral that defines it") {
  for (const double rate : {1e-4, 0.01, 0.3, 0.9})
    for (const double noise : {0.4, 1.0, 5.0})
      for (const double order : {1.1, 2.0, 2.5, 7.3}) {
        // Ten thousand steps of the same integral, with the plain integrand.
        const double low = -12 * noise, high = order + 12 * noise, step = (high - low) / 1e4;
        double sum = 0;
        for (double x = low; x < high; x += step)
          sum +=
              std::exp(-x * x / (2 * noise * noise)) *
              (std::pow(1 - rate + rate * std::exp((2 * x - 1) / (2 * noise * noise)), order) - 1);
        const double excess = sum * step / (noise * std::sqrt(2 * std::numbers::pi));
        CAPTURE(rate);
        CAPTURE(noise);
        CAPTURE(order);
        const double found = divergence_of({gaussian{noise}, poisson_sampling{rate}}, order);
        CHECK(found > 0);
        CHECK(std::abs(found - std::log1p(excess) / (order - 1)) < 1e-12 + 1e-9 * found);
      }
}

TEST_CASE("sampling everybody is no sampling, and broken orders lie between whole ones") {
  for (const double order : {1.5, 2.0, 8.25, 64.0}) {
    CHECK(divergence_of({gaussian{2}, poisson_sampling{1}}, order) ==
          divergence_of({gaussian{2}}, order));
    CHECK(divergence_of({gaussian{2}, poisson_sampling{1 - 1e-9}}, order) ==
          doctest::Approx(order / 8).epsilon(1e-6));
  }
  for (double order = 1.1; order < 9; order += 0.1)
    CHECK(divergence_of({gaussian{1}, poisson_sampling{0.02}}, order) <
          divergence_of({gaussian{1}, poisson_sampling{0.02}}, order + 0.1));
}

TEST_CASE("discrete noise on the integers: bounds hold, and exact ones are exact") {
  for (const double order : {2.0, 3.0, 8.0}) {
    CAPTURE(order);
    const auto discrete = [](double x) { return -x * x / 2; };
    double norm = 0;
    for (int x = -60; x <= 60; ++x)
      norm += std::exp(discrete(x));
    const double exact = summed_divergence(
        order, [&](int x) { return discrete(x - 1) - std::log(norm); },
        [&](int x) { return discrete(x) - std::log(norm); }, 50);
    CHECK(divergence_of({discrete_gaussian{1}}, order) >= exact - 1e-12);
    CHECK(divergence_of({discrete_gaussian{1}}, order) < 1.1 * exact);
    for (const int reach : {1, 3}) {
      const auto two_sided = [](int x) { return -0.7 * std::abs(x) + std::log(std::tanh(0.35)); };
      const double geometric = summed_divergence(
          order, [&](int x) { return two_sided(x - reach); }, two_sided, 400);
      CHECK(divergence_of({discrete_laplace{1 / 0.7, static_cast<std::uint32_t>(reach)}}, order) ==
            doctest::Approx(geometric).epsilon(1e-10));
    }
  }
}

TEST_CASE("the bound for Skellam noise holds and is close") {
  for (const double variance : {4.0, 30.0})
    for (const int reach : {1, 2, 5})
      for (const double order : {2.0, 4.0}) {
        CAPTURE(variance);
        CAPTURE(reach);
        CAPTURE(order);
        const double exact = summed_divergence(
            order, [&](int x) { return log_skellam(x - reach, variance); },
            [&](int x) { return log_skellam(x, variance); }, 120);
        const double norm = reach;
        const double bound = divergence_of({skellam{variance, norm, norm}}, order);
        CHECK(bound >= exact);
        CHECK(bound < 2.5 * exact);
      }
}

TEST_CASE("a sum of discrete Gaussians is within its bound, and costs more than one of all noise") {
  // Two clients of sigma 0.6 whose noise is added: by convolution.
  const auto one = [](int x) { return std::exp(-x * x / 0.72); };
  const auto both = [&](int x) {
    double sum = 0;
    for (int y = -40; y <= 40; ++y)
      sum += one(y) * one(x - y);
    return sum;
  };
  double norm = 0;
  for (int x = -40; x <= 40; ++x)
    norm += both(x);
  for (const double order : {2.0, 5.0}) {
    const double exact = summed_divergence(
        order, [&](int x) { return std::log(both(x - 1) / norm); },
        [&](int x) { return std::log(both(x) / norm); }, 12);
    CHECK(divergence_of({discrete_gaussian{0.6, 1, 1, 1, 2}}, order) >= exact);
    CHECK(divergence_of({discrete_gaussian{0.6, 1, 1, 1, 2}}, order) >=
          divergence_of({discrete_gaussian{0.6 * std::numbers::sqrt2}}, order));
  }
  // With noise as it is used, many shares cost nothing more.
  CHECK(divergence_of({discrete_gaussian{4, 100, 800, 1000, 10'000}}, 5) ==
        doctest::Approx(divergence_of({discrete_gaussian{400, 100, 800, 1000, 1}}, 5)));
}

TEST_CASE("sampling never costs, for any noise") {
  for (const mechanism& noise : {mechanism(laplace{1}), mechanism(discrete_laplace{1}),
                                 mechanism(discrete_gaussian{1.5}), mechanism(skellam{3})})
    for (const double order : {1.5, 2.0, 6.0, 33.0}) {
      const double plain = divergence_of({noise}, order);
      const double sampled = divergence_of({noise, poisson_sampling{0.1}}, order);
      CHECK(sampled < plain);
      CHECK(sampled > 0);
    }
  // The general bound at whole orders is the Gaussian's own.
  CHECK(divergence_of({discrete_gaussian{1.5}, poisson_sampling{0.1}}, 6) ==
        doctest::Approx(divergence_of({gaussian{1.5}, poisson_sampling{0.1}}, 6)));
}

TEST_CASE("Laplace noise and answers by chance never cost more than their pure epsilon") {
  for (const double order : {1.1, 2.0, 10.0, 1024.0}) {
    CHECK(divergence_of({laplace{0.5}}, order) <= 2);
    const double pure = std::log((0.2 + 0.8 / 4) / (0.8 / 4));
    CHECK(divergence_of({randomised_response{4, 0.8}, everyone{}, replaced}, order) <= pure);
  }
  CHECK(divergence_of({laplace{0.5}}, 1024) == doctest::Approx(2).epsilon(1e-3));
}

TEST_CASE("epsilon grows with rounds and rate, and falls with noise and delta") {
  const auto at = [](double rate, double noise, std::uint64_t count, double delta) {
    return epsilon_of({gaussian{noise}, poisson_sampling{rate}, relation::add_or_remove_one, count},
                      delta);
  };
  const double base = at(0.01, 1, 1000, 1e-5);
  CHECK(at(0.01, 1, 1001, 1e-5) > base);
  CHECK(at(0.0101, 1, 1000, 1e-5) > base);
  CHECK(at(0.01, 1.01, 1000, 1e-5) < base);
  CHECK(at(0.01, 1, 1000, 1.1e-5) < base);
}

TEST_CASE("composing adds, in any order") {
  const privacy_event first{gaussian{1}, poisson_sampling{0.02}}, second{laplace{5}};
  rdp_accountant ab, ba, twice;
  REQUIRE(ab.compose(first));
  REQUIRE(ab.compose(second));
  REQUIRE(ba.compose(second));
  REQUIRE(ba.compose(first));
  CHECK(ab.curve().divergences == ba.curve().divergences);
  auto two = first;
  two.count = 2;
  REQUIRE(twice.compose(two));
  for (std::size_t i = 0; i < twice.curve().orders.size(); ++i)
    CHECK(twice.curve().divergences[i] ==
          doctest::Approx(2 * divergence_of(first, twice.curve().orders[i])).epsilon(1e-14));
}

TEST_CASE("Rényi epsilon and delta are inverse, and never below the exact ones") {
  rdp_accountant accountant;
  REQUIRE(accountant.compose({gaussian{2}}));
  for (const double delta : {1e-3, 1e-6, 1e-20}) {
    const double epsilon = *accountant.epsilon(delta);
    CHECK(epsilon > gaussian_epsilon(0.5, delta));
    CHECK(relative_error(*accountant.delta(epsilon), delta) < 1e-9);
    CHECK(*accountant.epsilon(delta, conversion::classic) > epsilon);
  }
}

TEST_CASE("what has no bound, and orders that are none, are refused and change nothing") {
  rdp_accountant accountant;
  CHECK_FALSE(accountant.compose({gaussian{1}, poisson_sampling{0.1}, replaced}));
  CHECK_FALSE(accountant.compose({laplace{1}, fixed_size_sampling{1, 10}, replaced}));
  CHECK_FALSE(accountant.compose({gaussian{0}}));
  CHECK(*accountant.epsilon(1e-5) == 0);
  for (const double order : {1.0, 0.5, 1e5, std::nan("")}) {
    rdp_accountant odd({order});
    CHECK_FALSE(odd.compose({gaussian{1}}));
  }
  rdp_accountant none(std::vector<double>{});
  CHECK_FALSE(none.compose({gaussian{1}}));
  CHECK_FALSE(none.epsilon(1e-5));
  CHECK_FALSE(none.delta(1));
  CHECK_FALSE(accountant.epsilon(0));
  CHECK_FALSE(accountant.delta(-1));
}

TEST_CASE("no parameters in range give something that is no number") {
  for (const double rate : {1e-12, 1e-6, 0.5, 1 - 1e-12})
    for (const double noise : {0.05, 0.3, 1.0, 1e3, 1e9})
      for (const double order : {1.01, 1.5, 2.0, 63.0, 100.5, 1024.0}) {
        CAPTURE(rate);
        CAPTURE(noise);
        CAPTURE(order);
        const double found = divergence_of({gaussian{noise}, poisson_sampling{rate}}, order);
        CHECK(std::isfinite(found));
        CHECK(found >= 0);
        CHECK(found <= order / (2 * noise * noise) * (1 + 1e-5));
      }
}
