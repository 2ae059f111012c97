// Do answers hide their categories as far as they are said to, and do many tell the truth?
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/randomised_response.hpp>

#include "support/goodness_of_fit.hpp"
#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

std::vector<std::uint64_t> counts_of(const std::vector<std::uint32_t>& answers, std::size_t k) {
  std::vector<std::uint64_t> counts(k);
  for (const auto answer : answers)
    ++counts.at(answer);
  return counts;
}

} // namespace

TEST_CASE("answers come as often as their probability says, and no more than exp(epsilon) apart") {
  for (const std::uint32_t k : {2U, 3U, 10U})
    for (const double epsilon : {0.1, 1.0, 3.0}) {
      CAPTURE(k);
      CAPTURE(epsilon);
      const auto response = randomised_response::make(k, epsilon);
      REQUIRE(response);
      const double other = response->noise() / k, own = 1 - response->noise() + other;
      CHECK(own / other <= std::exp(epsilon) * (1 + 1e-15));
      CHECK(own / other == doctest::Approx(std::exp(epsilon)));
      std::vector<std::uint32_t> answers(100'000, k - 1);
      REQUIRE(response->answer(answers, noise_key(40)));
      const auto counts = counts_of(answers, k);
      std::vector<double> expected(k, other * 100'000);
      expected[k - 1] = own * 100'000;
      CHECK(fit_of({counts.begin(), counts.end()}, expected).is_good());
    }
}

TEST_CASE("estimates have the true counts as their mean, within the stated variance") {
  const auto response = randomised_response::make(4, 1.0);
  REQUIRE(response);
  std::vector<std::uint32_t> truth;
  for (std::uint32_t i = 0; i < 40'000; ++i)
    truth.push_back(i % 8 < 5 ? 0 : i % 8 < 7 ? 1 : 3); // 25,000, 10,000, 0 and 5,000
  const double expected[] = {25'000, 10'000, 0, 5'000};
  for (std::uint64_t seed = 41; seed < 51; ++seed) {
    auto answers = truth;
    REQUIRE(response->answer(answers, noise_key(seed)));
    CHECK(answers != truth);
    const auto found = response->estimate(counts_of(answers, 4));
    for (std::size_t c = 0; c < 4; ++c)
      CHECK(std::abs(found[c] - expected[c]) <
            5 * std::sqrt(response->estimate_variance_max(truth.size())));
  }
}

TEST_CASE("a metric is answered as one of two categories, and the mean of metrics comes back") {
  const auto response = randomised_response::make(2, 1.0);
  std::vector<std::uint32_t> answers;
  std::vector<std::uint64_t> draws(50'000);
  write_stream(std::as_writable_bytes(std::span(draws)), noise_key(52), {});
  for (std::size_t i = 0; i < draws.size(); ++i)
    answers.push_back(category_of_metric(i % 2 == 0 ? 0.9 : 0.7, draws[i]).value());
  REQUIRE(response->answer(answers, noise_key(53)));
  const auto found = response->estimate(counts_of(answers, 2));
  CHECK(found[1] / 50'000 == doctest::Approx(0.8).epsilon(0.03));
  CHECK(category_of_metric(0.0, 0).value() == 0);
  CHECK(category_of_metric(1.0, ~std::uint64_t{0}).value() == 1);
  CHECK(category_of_metric(1.5, 0).why() == refusal::value_out_of_range);
  CHECK(category_of_metric(-0.1, 0).why() == refusal::value_out_of_range);
  CHECK(category_of_metric(std::nan(""), 0).why() == refusal::value_not_finite);
}

TEST_CASE("a category that is none is refused and nothing is answered; so are senseless terms") {
  const auto response = randomised_response::make(3, 1.0);
  std::vector<std::uint32_t> categories{0, 1, 2, 3};
  CHECK(response->answer(categories, noise_key(54)).why() == refusal::value_out_of_range);
  CHECK(categories == std::vector<std::uint32_t>{0, 1, 2, 3});
  for (const double epsilon : {0.0, -1.0, 41.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK_FALSE(randomised_response::make(3, epsilon));
  CHECK_FALSE(randomised_response::make(1, 1.0));
  CHECK_FALSE(randomised_response::make(randomised_response::category_count_max + 1, 1.0));
}
