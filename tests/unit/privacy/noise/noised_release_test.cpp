// Does what is released have the stated noise, and does nothing get in that was not clipped?
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/noised_release.hpp>

#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

noised_sum_terms small_terms() {
  return {.length = 2000, .norm_max = 2.0, .noise_multiplier = 0.5, .client_count = 10};
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const auto value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const auto value : values)
    sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size());
}

} // namespace

TEST_CASE("a released mean is that of the clipped vectors over the expected count, with noise") {
  auto sum = noised_sum::begin(small_terms()).value();
  const float value = 1.0F; // a norm of sqrt 2000: clipped to 2
  for (int client = 0; client < 7; ++client)
    CHECK_FALSE(sum.add(std::vector<float>(2000, value))->was_short);
  CHECK(sum.add(std::vector<float>(2000, 0.001F))->was_short);
  const auto released = std::move(sum).release(noise_key(60));
  // Deviation 0.5 times 2, over 10.
  CHECK(variance_of(released) == doctest::Approx(0.01).epsilon(0.15));
  const double expected = (7 * 2 / std::sqrt(2000.0) + 0.001) / 10;
  CHECK(std::abs(mean_of(released) - expected) < 5 * 0.1 / std::sqrt(2000.0));
}

TEST_CASE("a vector with NaN or of another shape is refused, and the sum is as it was") {
  auto sum = noised_sum::begin(small_terms()).value();
  auto same = sum.begin_next(small_terms().norm_max);
  std::vector<float> wrong(2000, 0.01F);
  REQUIRE(sum.add(wrong));
  REQUIRE(same.add(wrong));
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    wrong[1999] = value;
    CHECK(sum.add(wrong).why() == refusal::value_not_finite);
  }
  CHECK(sum.add(std::vector<float>(1999, 0.01F)).why() == refusal::wrong_shape);
  CHECK(std::move(sum).release(noise_key(61)) == std::move(same).release(noise_key(61)));
}

TEST_CASE("terms that promise nothing are refused in a sentence each") {
  const auto why = [](auto&& change) {
    auto terms = small_terms();
    change(terms);
    const auto begun = noised_sum::begin(terms);
    REQUIRE_FALSE(begun);
    return begun.why().detail;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(why([](auto& t) { t.length = 0; }).find("values") != std::string::npos);
  CHECK(why([=](auto& t) { t.norm_max = infinity; }).find("clip norm") != std::string::npos);
  CHECK(why([](auto& t) { t.norm_max = 0; }).find("clip norm") != std::string::npos);
  CHECK(why([](auto& t) { t.norm_max = std::nan(""); }).find("clip norm") != std::string::npos);
  CHECK(why([](auto& t) { t.noise_multiplier = 0; }).find("multiplier") != std::string::npos);
  CHECK(why([](auto& t) { t.client_count = 0; }).find("expected") != std::string::npos);
}

TEST_CASE("a client's own release has noise for any other vector in its place") {
  const grid_clip grid{.norm_max = 1.0, .step = 1.0 / 1024};
  const std::vector<float> values(5000, 1.0F);
  const auto gaussian = local_release::gaussian(grid, values.size(), 2.0);
  REQUIRE(gaussian);
  const auto released = gaussian->release(values, noise_key(62));
  REQUIRE(released);
  const double norm = std::sqrt(static_cast<double>(grid_square_max(grid, values.size()))) / 1024;
  CHECK(variance_of(*released) == doctest::Approx(4 * norm * norm).epsilon(0.1));
  const auto laplace = local_release::laplace(grid, values.size(), 4.0);
  REQUIRE(laplace);
  CHECK(laplace->noise().scale() == doctest::Approx(2 * 1024 / 4.0));
  const auto noisy = laplace->release(values, noise_key(63));
  REQUIRE(noisy);
  CHECK(variance_of(*noisy) == doctest::Approx(2 * 0.5 * 0.5).epsilon(0.2));
  for (const double value : *noisy)
    REQUIRE(value * 1024 == std::round(value * 1024)); // on the grid, and nowhere between
}

TEST_CASE("a local release refuses what is no vector of its terms") {
  const auto laplace = local_release::laplace({1.0, 0.01}, 3, 1.0);
  CHECK(laplace->release(std::vector<float>{1, 2}, noise_key(64)).why() == refusal::wrong_shape);
  const std::vector<float> wrong{1, std::numeric_limits<float>::quiet_NaN(), 0};
  CHECK(laplace->release(wrong, noise_key(64)).why() == refusal::value_not_finite);
  const std::vector<float> far{3e38F, -3e38F, 0}, none{0, 0, 0};
  CHECK(laplace->release(far, noise_key(64)));
  CHECK(laplace->release(none, noise_key(64)));
  CHECK_FALSE(local_release::laplace({1.0, 0.01}, 3, 0.0));
  CHECK_FALSE(local_release::gaussian({1.0, 2.0}, 3, 1.0));
  CHECK_FALSE(local_release::gaussian({1.0, 0.01}, 3, 0.0));
}
