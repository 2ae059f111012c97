// Are values rounded to their grid as the text says, without bias, and refused where they are no
// numbers; and is the mean of their sum right?
#include <godwit/aggregation/quantiser.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <random>
#include <vector>

using namespace godwit;

namespace {

std::vector<lane_kernel> available_kernels() {
  std::vector<lane_kernel> kernels;
  for (auto one : {lane_kernel::portable, lane_kernel::avx2, lane_kernel::avx512})
    if (is_available(one))
      kernels.push_back(one);
  return kernels;
}

void put_word(bytes& rounding, std::size_t i, std::uint32_t word) {
  for (std::size_t k = 0; k < 3; ++k)
    rounding[i * 3 + k] = static_cast<std::byte>(word >> (8 * k));
}

bytes random_rounding(std::size_t count, std::mt19937_64& random) {
  bytes rounding(count * rounding_bytes_each);
  for (auto& one : rounding)
    one = static_cast<std::byte>(random());
  return rounding;
}

/// SECURE_SUM.md, section 2, word for word.
std::uint64_t entry_of(float x, const value_grid& grid, std::uint32_t weight,
                       const std::byte* rounding) {
  const volatile double s =
      std::ldexp(std::ldexp(1.0, grid.bits) - 1.0, 24) / (grid.high - grid.low);
  const volatile double above = std::fmin(std::fmax(x, grid.low), grid.high) - grid.low;
  const volatile double z = above * s;
  const auto nearest = static_cast<std::uint64_t>(std::nearbyint(z));
  const auto word = std::to_integer<std::uint64_t>(rounding[0]) +
                    std::to_integer<std::uint64_t>(rounding[1]) * 256 +
                    std::to_integer<std::uint64_t>(rounding[2]) * 65536;
  return weight * ((nearest + word) / (1U << 24));
}

std::vector<float> values_to_try(const value_grid& grid, std::size_t count,
                                 std::mt19937_64& random) {
  const auto low = static_cast<float>(grid.low), high = static_cast<float>(grid.high);
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<float> values{low,
                            std::nextafter(low, inf),
                            std::nextafter(low, -inf),
                            high,
                            std::nextafter(high, -inf),
                            std::nextafter(high, inf),
                            0.0F,
                            -0.0F,
                            std::numeric_limits<float>::denorm_min(),
                            std::numeric_limits<float>::max(),
                            std::numeric_limits<float>::lowest()};
  std::uniform_real_distribution<double> inside(1.2 * grid.low - 0.2 * grid.high,
                                                1.2 * grid.high - 0.2 * grid.low);
  while (values.size() < count)
    values.push_back(static_cast<float>(inside(random)));
  std::ranges::shuffle(values, random);
  values.resize(count);
  return values;
}

} // namespace

TEST_CASE("the ends become 0 and all ones whatever chance says, and so does what lies beyond") {
  for (auto kernel : available_kernels())
    for (const std::uint8_t bits : std::initializer_list<std::uint8_t>{1, 8, 16, 20, 24}) {
      CAPTURE(name(kernel));
      CAPTURE(int{bits});
      for (const value_grid grid : {value_grid{-1.0, 1.0, bits}, value_grid{-0.1, 0.3, bits},
                                    value_grid{3.0, 1e9, bits}, value_grid{-1e-30, 1e-30, bits}}) {
        const std::uint32_t all = (1U << bits) - 1;
        bytes rounding(18 * rounding_bytes_each);
        for (std::size_t i = 9; i < 18; ++i)
          put_word(rounding, i, 0xffffff);
        std::vector<float> low(18, -1e30F), high(18, 1e30F);
        std::vector<std::uint32_t> entries(18);
        REQUIRE(quantise(low, grid, 1, rounding, std::span(entries), kernel));
        CHECK(entries == std::vector<std::uint32_t>(18, 0));
        REQUIRE(quantise(high, grid, 1, rounding, std::span(entries), kernel));
        CHECK(entries == std::vector<std::uint32_t>(18, all));
      }
    }
}

TEST_CASE("half a step is rounded up by the upper half of the words, and the weight multiplies") {
  const value_grid grid{0.0, 255.0, 8};
  for (auto kernel : available_kernels()) {
    CAPTURE(name(kernel));
    std::vector<float> values{7.5F, 7.5F, 7.25F, 7.25F, 7.0F, 255.0F};
    bytes rounding(values.size() * rounding_bytes_each);
    const std::array<std::uint32_t, 6> words{0x7fffff, 0x800000, 0xbfffff, 0xc00000, 0xffffff, 0};
    for (std::size_t i = 0; i < words.size(); ++i)
      put_word(rounding, i, words[i]);
    std::vector<std::uint16_t> entries(values.size());
    REQUIRE(quantise(values, grid, 257, rounding, std::span(entries), kernel));
    CHECK(entries ==
          std::vector<std::uint16_t>{7 * 257, 8 * 257, 7 * 257, 8 * 257, 7 * 257, 65535});
  }
}

TEST_CASE_TEMPLATE("every kernel does what the text says, for any number of values", Lane,
                   std::uint16_t, std::uint32_t, std::uint64_t) {
  const std::uint64_t seed = 3;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (std::uint8_t bits = 1; bits <= std::min(grid_bits_max, std::uint8_t{sizeof(Lane) * 8});
       ++bits)
    for (const value_grid grid :
         {value_grid{-1.0, 1.0, bits}, value_grid{-0.1, 0.7, bits}, value_grid{5.0, 5.5, bits}})
      for (std::size_t count : {0U, 1U, 7U, 15U, 16U, 17U, 100U}) {
        const std::uint64_t weight_max =
            std::numeric_limits<Lane>::max() / ((std::uint64_t{1} << bits) - 1);
        const auto weight =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(weight_max, std::uint32_t{0} - 1U));
        const auto values = values_to_try(grid, count, random);
        const auto rounding = random_rounding(count, random);
        std::vector<Lane> expected;
        for (std::size_t i = 0; i < count; ++i)
          expected.push_back(static_cast<Lane>(
              entry_of(values[i], grid, weight, rounding.data() + i * rounding_bytes_each)));
        for (auto kernel : available_kernels()) {
          CAPTURE(name(kernel));
          std::vector<Lane> entries(count);
          REQUIRE(quantise(values, grid, weight, rounding, std::span(entries), kernel));
          CHECK(entries == expected);
        }
      }
}

TEST_CASE("of the 2^24 words exactly as many round up as the value lies above its step") {
  const value_grid grid{-1.0, 1.0, 16};
  const float value = 0.3F;
  const double y = (static_cast<double>(value) + 1.0) * 65535.0 / 2.0;
  const auto step = static_cast<std::uint32_t>(y);
  const auto expected = static_cast<std::uint64_t>(std::nearbyint((y - step) * 0x1p24));
  constexpr std::size_t count = 1 << 16;
  const std::vector<float> values(count, value);
  bytes rounding(count * rounding_bytes_each);
  std::vector<std::uint32_t> entries(count);
  std::uint64_t up_count = 0, other_count = 0;
  for (std::uint32_t upper = 0; upper < 256; ++upper) {
    for (std::uint32_t i = 0; i < count; ++i)
      put_word(rounding, i, upper << 16 | i);
    REQUIRE(quantise(values, grid, 1, rounding, std::span(entries)));
    for (const auto entry : entries) {
      up_count += entry == step + 1;
      other_count += entry != step && entry != step + 1;
    }
  }
  CHECK(up_count == expected);
  CHECK(other_count == 0);
}

TEST_CASE("rounding is not biased, and its variance is within a quarter of a step squared") {
  const std::uint64_t seed = 17;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr std::size_t count = 400'000;
  for (const std::uint8_t bits : std::initializer_list<std::uint8_t>{4, 8, 16}) {
    CAPTURE(int{bits});
    const value_grid grid{-2.0, 2.0, bits};
    const double step = 4.0 / ((1 << bits) - 1);
    std::uniform_real_distribution<float> inside(-2.0F, 2.0F);
    std::vector<float> values(count);
    for (auto& value : values)
      value = inside(random);
    std::vector<std::uint32_t> entries(count);
    REQUIRE(quantise(values, grid, 1, random_rounding(count, random), std::span(entries)));
    double error_sum = 0, square_sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double error = grid.low + entries[i] * step - static_cast<double>(values[i]);
      REQUIRE(std::abs(error) < step * 1.000001);
      error_sum += error;
      square_sum += error * error;
    }
    const double deviation =
        step / std::sqrt(6.0 * count); // of a mean of values anywhere in a step
    CHECK(std::abs(error_sum / count) < 5 * deviation);
    CHECK(square_sum / count < step * step / 4);
    CHECK(square_sum / count > step * step / 7); // a sixth is what uniform places give
  }
}

TEST_CASE("what is no number is refused wherever it stands, and the largest number is not") {
  const value_grid grid{-1.0, 1.0, 16};
  constexpr std::size_t count = 37;
  const bytes rounding(count * rounding_bytes_each);
  for (auto kernel : available_kernels()) {
    CAPTURE(name(kernel));
    for (std::size_t at = 0; at < count; ++at)
      for (float odd :
           {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(),
            std::numeric_limits<float>::signaling_NaN(), std::numeric_limits<float>::infinity(),
            -std::numeric_limits<float>::infinity()}) {
        std::vector<float> values(count, 0.25F);
        std::vector<std::uint64_t> entries(count);
        values[at] = odd;
        const auto refused = quantise(values, grid, 1, rounding, std::span(entries), kernel);
        REQUIRE_FALSE(refused);
        CHECK(refused.why() == refusal::value_not_finite);
        values[at] = std::copysign(std::numeric_limits<float>::max(), odd);
        CHECK(quantise(values, grid, 1, rounding, std::span(entries), kernel));
      }
  }
}

TEST_CASE("a grid has 1 to 24 bits and two finite ends, the lower one first") {
  const double inf = std::numeric_limits<double>::infinity();
  const double max = std::numeric_limits<double>::max();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(is_valid({-1.0, 1.0, 1}));
  CHECK(is_valid({-1.0, 1.0, 24}));
  CHECK(is_valid({1.0, std::nextafter(1.0, 2.0), 16}));
  CHECK(is_valid({-max / 4, max / 4, 16}));
  CHECK_FALSE(is_valid({-1.0, 1.0, 0}));
  CHECK_FALSE(is_valid({-1.0, 1.0, 25}));
  CHECK_FALSE(is_valid({1.0, 1.0, 16}));
  CHECK_FALSE(is_valid({1.0, -1.0, 16}));
  CHECK_FALSE(is_valid({-inf, 1.0, 16}));
  CHECK_FALSE(is_valid({-1.0, inf, 16}));
  CHECK_FALSE(is_valid({nan, 1.0, 16}));
  CHECK_FALSE(is_valid({-1.0, nan, 16}));
  CHECK_FALSE(is_valid({-max, max, 16}));
  CHECK_FALSE(is_valid({0.0, std::numeric_limits<double>::denorm_min(), 16}));
}

TEST_CASE("the mean of a sum of weighted values is their weighted mean, to within the rounding") {
  const std::uint64_t seed = 23;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const value_grid grid{-0.5, 1.5, 16};
  constexpr std::size_t count = 1000;
  std::vector<std::uint32_t> sums(count);
  std::vector<double> exact(count);
  std::uint64_t total = 0;
  for (std::uint32_t weight : {1U, 7U, 300U, 12U, 500U}) {
    std::uniform_real_distribution<float> inside(-0.5F, 1.5F);
    std::vector<float> values(count);
    std::vector<std::uint32_t> entries(count);
    for (auto& value : values)
      value = inside(random);
    REQUIRE(quantise(values, grid, weight, random_rounding(count, random), std::span(entries)));
    for (std::size_t i = 0; i < count; ++i) {
      sums[i] += entries[i];
      exact[i] += static_cast<double>(values[i]) * weight;
    }
    total += weight;
  }
  for (auto& sum : sums)
    sum |= 0xfc000000; // what stands above the modulus is nobody's
  std::vector<float> means(count);
  CHECK(mean_of_sums(std::span<const std::uint32_t>(sums), 26, total, grid, means) == 0);
  for (std::size_t i = 0; i < count; ++i)
    REQUIRE(means[i] ==
            doctest::Approx(exact[i] / static_cast<double>(total)).epsilon(2.0 / 65535));
}

TEST_CASE(
    "the mean of the least and of the greatest sum are the ends, and one more is a violation") {
  const value_grid grid{-3.0, 5.0, 8};
  const std::vector<std::uint16_t> sums{0, 255 * 4, 255 * 4 + 1, 51 * 4, 2047};
  std::vector<float> means(sums.size());
  CHECK(mean_of_sums(std::span<const std::uint16_t>(sums), 11, 4, grid, means) == 2);
  CHECK(means[0] == -3.0F);
  CHECK(means[1] == 5.0F);
  CHECK(means[3] == doctest::Approx(-1.4));
  CHECK(mean_of_sums(std::span<const std::uint16_t>(sums).first(2), 11, 4, grid,
                     std::span(means).first(2)) == 0);
  const std::vector<std::uint64_t> wide{(std::uint64_t{1} << 40) * 255,
                                        (std::uint64_t{1} << 40) * 255 + 1};
  CHECK(mean_of_sums(std::span<const std::uint64_t>(wide), 62, std::uint64_t{1} << 40, grid,
                     std::span(means).first(2)) == 1);
  CHECK(means[0] == 5.0F);
}
