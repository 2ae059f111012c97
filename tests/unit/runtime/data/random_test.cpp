// Do the random streams give the published bits and the distributions that they name?
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "data/portable_math.hpp"
#include "data/random.hpp"

using namespace godwit;

TEST_CASE("philox4x32 gives the three known answers of Random123's kat_vectors") {
  using words = std::array<std::uint32_t, 4>;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream is decided by seed, purpose and index, and by each of them") {
  const auto first = [](std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
    return random_stream(seed, purpose, index).bits();
  };
  CHECK(first(1, "a", 0) == first(1, "a", 0));
  CHECK(first(1, "a", 0) != first(2, "a", 0));
  CHECK(first(1, "a", 0) != first(1, "b", 0));
  CHECK(first(1, "a", 0) != first(1, "a", 1));
  CHECK(first(1, "a", 0) != first(std::uint64_t{1} << 32 | 1, "a", 0));
}

TEST_CASE("the bits of a stream are pinned, so that a seed means the same next year") {
  random_stream stream(42, "pinned", 7);
  std::uint64_t mixed = 0;
  for (int i = 0; i < 1000; ++i)
    mixed = mixed * 31 + stream.bits();
  CHECK(mixed == 0x86bf72012dc9fead);
  CHECK(random_stream(42, "pinned normal").normal() == 0x1.670c26e0267c6p+0);
  CHECK(random_stream(42, "pinned gamma").gamma(0.5) == 0x1.4cec64e6a09d5p-1);
}

TEST_CASE("below stays below its bound and reaches every number about equally often") {
  random_stream stream(3, "below");
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) {
    const auto number = stream.below(7);
    REQUIRE(number < 7);
    ++seen[number];
  }
  for (const int count : seen)
    CHECK(std::abs(count - 10'000) < 500); // 5.4 standard deviations
  CHECK(stream.below(1) == 0);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i)
    CHECK(stream.below(large) < large);
}

TEST_CASE("uniform, normal, lognormal and gamma have the moments of their distributions") {
  random_stream stream(5, "moments");
  constexpr int count = 200'000;
  const auto moments = [&](auto draw) {
    double sum = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
      const double x = draw();
      sum += x;
      squares += x * x;
    }
    const double mean = sum / count;
    return std::pair(mean, squares / count - mean * mean);
  };
  const auto near = [](double found, double wanted, double tolerance) {
    return std::abs(found - wanted) < tolerance;
  };
  const auto [uniform_mean, uniform_variance] = moments([&] { return stream.uniform(); });
  CHECK(near(uniform_mean, 0.5, 0.005));
  CHECK(near(uniform_variance, 1.0 / 12, 0.002));
  const auto [normal_mean, normal_variance] = moments([&] { return stream.normal(); });
  CHECK(near(normal_mean, 0.0, 0.012));
  CHECK(near(normal_variance, 1.0, 0.02));
  const auto [log_mean, log_variance] =
      moments([&] { return std::log(stream.lognormal(4.0, 2.0)); });
  CHECK(near(log_mean, 4.0, 0.025));
  CHECK(near(log_variance, 4.0, 0.08));
  for (const double shape : {0.1, 0.5, 1.0, 2.5, 40.0}) {
    CAPTURE(shape);
    const auto [mean, variance] = moments([&] { return stream.gamma(shape); });
    CHECK(near(mean, shape, 6 * std::sqrt(shape / count)));
    CHECK(near(variance, shape, 0.05 * shape + 0.01));
  }
}

TEST_CASE("a normal variate lies beyond one, two and three deviations as often as it should") {
  random_stream stream(6, "tails");
  std::array<int, 3> beyond{};
  constexpr int count = 300'000;
  for (int i = 0; i < count; ++i) {
    const double x = std::abs(stream.normal());
    for (std::size_t k = 0; k < 3; ++k)
      beyond[k] += x > static_cast<double>(k + 1);
  }
  const std::array<double, 3> expected{0.31731, 0.04550, 0.00270};
  for (std::size_t k = 0; k < 3; ++k) {
    const double deviation = std::sqrt(expected[k] / count);
    CHECK(std::abs(static_cast<double>(beyond[k]) / count - expected[k]) < 5 * deviation);
  }
}

TEST_CASE(
    "Dirichlet draws sum to one, give nothing to a zero, and are uneven where alpha is small") {
  random_stream stream(8, "dirichlet");
  const std::vector<double> mixed{1.0, 0.0, 3.0};
  double third = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto shares = stream.dirichlet(mixed);
    REQUIRE(std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1.0) < 1e-12);
    REQUIRE(shares[1] == 0.0);
    third += shares[2];
  }
  CHECK(std::abs(third / 20'000 - 0.75) < 0.01);
  const std::vector<double> tiny(10, 0.001);
  for (int i = 0; i < 1000; ++i) {
    const auto shares = stream.dirichlet(tiny);
    REQUIRE(std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1.0) < 1e-12);
  }
}

TEST_CASE("a shuffle keeps every item and puts each in every place about equally often") {
  random_stream stream(9, "shuffle");
  std::array<std::array<int, 4>, 4> seen{};
  for (int i = 0; i < 40'000; ++i) {
    std::vector<std::size_t> items{0, 1, 2, 3};
    stream.shuffle(std::span(items));
    for (std::size_t place = 0; place < 4; ++place)
      ++seen[items[place]][place];
  }
  for (const auto& places : seen) {
    CHECK(std::accumulate(places.begin(), places.end(), 0) == 40'000);
    for (const int count : places)
      CHECK(std::abs(count - 10'000) < 500);
  }
}

TEST_CASE("the portable logarithm and exponential agree with the C library's to the last digits") {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    const double expected = std::log(x);
    REQUIRE(std::abs(portable_log(x) - expected) <= 4e-16 * std::max(1.0, std::abs(expected)));
  }
  for (double x = 0.5; x < 2.0; x += 0.00037)
    REQUIRE(std::abs(portable_log(x) - std::log(x)) <= 4e-16);
  for (double x = -700.0; x < 700.0; x += 0.0717)
    REQUIRE(std::abs(portable_exp(x) / std::exp(x) - 1.0) <= 1e-15);
  CHECK(portable_log(1.0) == 0.0);
  CHECK(portable_exp(0.0) == 1.0);
  CHECK(portable_exp(-1000.0) == 0.0);
  CHECK(std::isinf(portable_exp(1000.0)));
}
