// Does what each client is told to do keep what is promised of the sum, and fit its bits for
// certain?
#include <godwit/privacy/distributed_noise.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <godwit/privacy/clipping.hpp>

#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

constexpr distributed_noise usual{.law = noise_kind::discrete_gaussian,
                                  .clip_norm = 0.5,
                                  .noise_multiplier = 2,
                                  .survivors_min = 70,
                                  .corrupt_max = 10,
                                  .bits = 16};

double norm_in_steps(const secure_sum::noised_terms& x, std::size_t length) {
  return std::sqrt(static_cast<double>(grid_square_max({x.norm_max, x.step}, length)));
}

} // namespace

TEST_CASE("no sample is further out than the reach that entries have room for") {
  for (const double scale : {8., 8.5, 12., 31.9, 32., 33., 63., 64., 65., 127.5, 300., 1000.}) {
    CAPTURE(scale);
    for (const auto law : {noise_kind::discrete_gaussian, noise_kind::skellam}) {
      const auto sampler = noise_sampler::make(law, scale);
      REQUIRE(sampler);
      CHECK(static_cast<double>(sampler->reach()) <= noise_share_reach(scale));
      CHECK(static_cast<double>(sampler->reach()) > 11.8 * scale); // and it is no idle bound
    }
  }
  for (const double scale : {2047., 2048., 2049., 4096.}) {
    const auto sampler = noise_sampler::make(noise_kind::skellam, scale);
    CHECK(static_cast<double>(sampler->reach()) <= noise_share_reach(scale));
  }
  for (const auto sample : drawn(noise_kind::discrete_gaussian, 8, 100'000, 3))
    CHECK(std::abs(static_cast<double>(sample)) <= noise_share_reach(8));
}

TEST_CASE("the shares of the fewest honest clients make up the noise that is promised") {
  for (const auto law : {noise_kind::discrete_gaussian, noise_kind::skellam})
    for (const double multiplier : {0.1, 1., 2., 30.})
      for (const std::size_t length : {1UL, 7850UL, 1'000'000UL}) {
        auto rules = usual;
        rules.law = law;
        rules.noise_multiplier = multiplier;
        const auto made = noised_terms_for(rules, length);
        CAPTURE(multiplier);
        CAPTURE(length);
        if (multiplier > 10 && length > 100'000) { // rounding would use up the norm
          CHECK_FALSE(made);
          continue;
        }
        REQUIRE(made);
        const double norm = norm_in_steps(*made, length);
        CHECK(std::sqrt(60.) * made->share_deviation == doctest::Approx(multiplier * norm));
        CHECK(norm * made->step < 1.1 * rules.clip_norm);
        CHECK(norm * made->step >= rules.clip_norm);
        const auto stream = secure_sum::noised_stream(*made, length);
        CHECK(stream.bits <= 16);
        CHECK(std::ldexp(1, stream.bits - 1) - 1 >=
              std::floor(norm) + noise_share_reach(made->share_deviation));
        CHECK(stream.high - stream.low ==
              doctest::Approx(made->step * (std::ldexp(1, stream.bits) - 1)));
      }
}

TEST_CASE("more bits make a finer grid, and Skellam noise one that is as fine as it can be") {
  auto rules = usual;
  const auto coarse = noised_terms_for(rules, 7850);
  rules.bits = 20;
  const auto fine = noised_terms_for(rules, 7850);
  REQUIRE(coarse);
  REQUIRE(fine);
  CHECK(fine->step < coarse->step / 15);
  rules.law = noise_kind::skellam;
  const auto skellam = noised_terms_for(rules, 7850);
  REQUIRE(skellam);
  CHECK(skellam->share_deviation <= skellam_scale_max);
  CHECK(secure_sum::noised_stream(*skellam, 7850).bits < 20);
}

TEST_CASE("what cannot be kept to is refused in a sentence") {
  const auto why = [](const distributed_noise& rules, std::uint64_t length = 7850) {
    const auto made = noised_terms_for(rules, length);
    REQUIRE_FALSE(made);
    CHECK(made.why().code == failure_code::bad_config);
    return made.why().detail;
  };
  auto rules = usual;
  rules.corrupt_max = 70;
  CHECK(why(rules).find("nobody to rely upon") != std::string::npos);
  rules = usual;
  rules.bits = 6;
  CHECK(why(rules).find("take more bits") != std::string::npos);
  rules = usual;
  rules.noise_multiplier = 1e-4;
  CHECK(why(rules).find("more noise") != std::string::npos);
  rules = usual;
  CHECK(why(rules, clipped_length_max).find("take more bits") != std::string::npos);
}

TEST_CASE("the event of a sum says the noise of those who are relied upon") {
  auto rules = usual;
  const auto gaussian = noised_terms_for(rules, 7850);
  REQUIRE(gaussian);
  const auto event = release_of(*gaussian, 7850, 60);
  const auto& said = std::get<accounting::discrete_gaussian>(event.mechanism);
  CHECK(said.client_count == 60);
  CHECK(said.dimension == 7850);
  CHECK(std::sqrt(60.) * said.sigma / said.l2_norm == doctest::Approx(2));
  CHECK(said.l1_norm == doctest::Approx(std::sqrt(7850.) * said.l2_norm));
  rules.law = noise_kind::skellam;
  const auto skellam = noised_terms_for(rules, 7850);
  REQUIRE(skellam);
  const auto other = release_of(*skellam, 7850, 60);
  const auto& sum = std::get<accounting::skellam>(other.mechanism);
  CHECK(std::sqrt(sum.variance) / sum.l2_norm == doctest::Approx(2));
}
