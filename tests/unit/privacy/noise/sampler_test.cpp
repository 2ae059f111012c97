// Is the noise that is drawn the noise that was asked for?
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "noise/plain_samplers.hpp"
#include "support/goodness_of_fit.hpp"
#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

TEST_CASE("a scale that is none, or off the grid's range, is refused with a sentence") {
  for (const double scale : {0.0, -1.0, 0.2, 0x1.8p31, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    const auto made = noise_sampler::make(noise_kind::discrete_gaussian, scale);
    REQUIRE_FALSE(made);
    CHECK(made.why().code == failure_code::bad_config);
    CHECK(made.why().detail.find("between 0.25 and 2^31") != std::string::npos);
  }
  CHECK(noise_sampler::make(noise_kind::discrete_gaussian, 0.25));
  CHECK(noise_sampler::make(noise_kind::discrete_laplace, 0x1p31));
  CHECK(noise_sampler::make(noise_kind::skellam, 1000.0));
  const auto wide = noise_sampler::make(noise_kind::skellam, 4097.0);
  REQUIRE_FALSE(wide);
  CHECK(wide.why().detail.find("between 0.25 and 4096") != std::string::npos);
}

TEST_CASE("samples fit their law: Gaussian and Laplace, small and large") {
  for (const auto kind : {noise_kind::discrete_gaussian, noise_kind::discrete_laplace})
    for (const double scale : {0.4, 1.0, 2.7, 31.0, 500.5}) {
      CAPTURE(scale);
      const std::uint64_t seed = 20;
      CAPTURE(seed);
      const auto samples = drawn(kind, scale, 200'000, seed);
      const auto fit = fit_to_weights(samples, noise_weight{kind, scale},
                                      static_cast<std::int64_t>(12 * scale) + 3,
                                      static_cast<std::int64_t>(scale / 8) + 1);
      CHECK_MESSAGE(fit.is_good(), fit.statistic << " of at most " << fit.statistic_max());
    }
}

TEST_CASE("samples fit the Skellam law, narrow and wide") {
  for (const double scale : {0.4, 1.0, 2.7, 25.0}) {
    CAPTURE(scale);
    const auto samples = drawn(noise_kind::skellam, scale, 200'000, 26);
    const auto fit = fit_to_weights(samples, noise_weight{noise_kind::skellam, scale},
                                    static_cast<std::int64_t>(9 * scale) + 5,
                                    static_cast<std::int64_t>(scale / 8) + 1);
    CHECK_MESSAGE(fit.is_good(), fit.statistic << " of at most " << fit.statistic_max());
  }
}

TEST_CASE("a sum of Skellam shares is Skellam noise of the sum of their variances") {
  std::vector<std::int64_t> sum(100'000), part(sum.size());
  const auto share = noise_sampler::make(noise_kind::skellam, 0.5);
  for (std::uint64_t client = 0; client < 4; ++client) {
    share->draw(part, noise_key(2700 + client));
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += part[i];
  }
  CHECK(share->variance() == 0.25);
  CHECK(fit_to_weights(sum, noise_weight{noise_kind::skellam, 1.0}, 30).is_good());
  CHECK_FALSE(fit_to_weights(sum, noise_weight{noise_kind::discrete_gaussian, 1.0}, 30).is_good());
}

TEST_CASE("samples drawn by the book fit their laws, too") {
  noise::plain_samplers plain(noise_key(21));
  std::vector<std::int64_t> gaussian, laplace, skellam;
  for (int i = 0; i < 100'000; ++i) {
    gaussian.push_back(plain.discrete_gaussian(37));
    laplace.push_back(plain.discrete_laplace(5));
    skellam.push_back(plain.skellam(6));
  }
  CHECK(fit_to_weights(gaussian, noise_weight{noise_kind::discrete_gaussian, std::sqrt(37.0)}, 60)
            .is_good());
  CHECK(fit_to_weights(laplace, noise_weight{noise_kind::discrete_laplace, 5.0}, 120).is_good());
  CHECK(fit_to_weights(skellam, noise_weight{noise_kind::skellam, std::sqrt(6.0)}, 30).is_good());
}

TEST_CASE("a wrong law is noticed: a tenth more of the scale does not fit") {
  const auto samples = drawn(noise_kind::discrete_gaussian, 3.3, 200'000, 22);
  CHECK_FALSE(
      fit_to_weights(samples, noise_weight{noise_kind::discrete_gaussian, 3.0}, 40).is_good());
}

TEST_CASE("a stated variance is that of the samples") {
  for (const auto kind : {noise_kind::discrete_gaussian, noise_kind::discrete_laplace})
    for (const double scale : {0.3, 0.5, 1.0, 7.9, 8.1, 1000.0}) {
      CAPTURE(scale);
      double mass = 0, moment = 0;
      const noise_weight weight{kind, scale};
      for (double x = -50 * scale - 50; x <= 50 * scale + 50; ++x) {
        const double at = std::round(x);
        mass += weight(at);
        moment += at * at * weight(at);
      }
      const auto sampler = noise_sampler::make(kind, scale);
      CHECK(sampler->variance() == doctest::Approx(moment / mass).epsilon(1e-6));
    }
}

TEST_CASE("blocks stand alone, so ranges of a vector can be drawn apart") {
  const auto sampler = noise_sampler::make(noise_kind::discrete_gaussian, 100.0);
  std::vector<std::int64_t> whole(3 * noise_block_size + 17), parts(whole.size());
  sampler->draw(whole, noise_key(23), 5);
  const auto view = std::span(parts);
  sampler->draw(view.subspan(noise_block_size), noise_key(23), 6);
  sampler->draw(view.first(noise_block_size), noise_key(23), 5);
  CHECK(whole == parts);
  sampler->draw(parts, noise_key(24), 5);
  CHECK(whole != parts);
}

TEST_CASE("noise is added mod 2^W, whatever W is") {
  const auto sampler = noise_sampler::make(noise_kind::discrete_gaussian, 1e6);
  std::vector<std::int64_t> noise(noise_block_size + 3);
  sampler->draw(noise, noise_key(25));
  const auto check = [&]<class Lane>(Lane first) {
    std::vector<Lane> lanes(noise.size(), first);
    sampler->add_to(lanes, noise_key(25));
    for (std::size_t i = 0; i < lanes.size(); ++i)
      REQUIRE(lanes[i] == static_cast<Lane>(first + static_cast<Lane>(noise[i])));
  };
  check(std::uint16_t{65000});
  check(std::uint32_t{7});
  check(std::uint64_t{0});
}
