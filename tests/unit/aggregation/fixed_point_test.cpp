// Does the exact sum round, refuse, merge and come back as it says?
#include <godwit/aggregation/fixed_point.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <godwit/messages/limits.hpp>

using namespace godwit;
using fixed_point::instruction_set;

namespace {

constexpr float step = 0x1p-24F; // one unit of the last place

std::vector<instruction_set> available_sets() {
  std::vector<instruction_set> sets;
  for (auto one : {instruction_set::portable, instruction_set::avx2, instruction_set::avx512})
    if (fixed_point::is_available(one))
      sets.push_back(one);
  return sets;
}

std::int64_t integer_of(float value, instruction_set set = fixed_point::best_instruction_set()) {
  fixed_point_sum sum{1, set};
  REQUIRE(sum.add(std::span(&value, 1), 1));
  return static_cast<std::int64_t>(sum.words()[0]);
}

std::vector<std::uint64_t> copy_of(std::span<const std::uint64_t> words) {
  return {words.begin(), words.end()};
}

} // namespace

TEST_CASE("a value becomes the nearest multiple of 2^-24, and a tie goes to the even one") {
  for (auto set : available_sets()) {
    CAPTURE(fixed_point::name(set));
    CHECK(integer_of(1.0F, set) == 1 << 24);
    CHECK(integer_of(-1.0F, set) == -(1 << 24));
    CHECK(integer_of(0.5F * step, set) == 0);
    CHECK(integer_of(1.5F * step, set) == 2);
    CHECK(integer_of(2.5F * step, set) == 2);
    CHECK(integer_of(3.5F * step, set) == 4);
    CHECK(integer_of(-0.5F * step, set) == 0);
    CHECK(integer_of(-1.5F * step, set) == -2);
    CHECK(integer_of(-2.5F * step, set) == -2);
    CHECK(integer_of(std::nextafter(0.5F * step, 1.0F), set) == 1);
    CHECK(integer_of(std::nextafter(-0.5F * step, -1.0F), set) == -1);
    CHECK(integer_of(std::nextafter(0.5F * step, 0.0F), set) == 0);
    CHECK(integer_of(-0.0F, set) == 0);
    CHECK(integer_of(std::numeric_limits<float>::denorm_min(), set) == 0);
    CHECK(integer_of(-std::numeric_limits<float>::denorm_min(), set) == 0);
    CHECK(integer_of(std::numeric_limits<float>::min(), set) == 0);
    CHECK(integer_of(std::nextafter(128.0F, 0.0F), set) == (std::int64_t{1} << 31) - 128);
    CHECK(integer_of(std::nextafter(-128.0F, 0.0F), set) == -((std::int64_t{1} << 31) - 128));
  }
}

TEST_CASE("the sum is weight times integer, and the mean divides by the weights") {
  fixed_point_sum sum{3};
  REQUIRE(sum.add(std::vector<float>{1.0F, -0.5F, 3 * step}, 3));
  REQUIRE(sum.add(std::vector<float>{-1.0F, -0.5F, 1 * step}, 1));
  CHECK(static_cast<std::int64_t>(sum.words()[0]) == 2 << 24);
  CHECK(static_cast<std::int64_t>(sum.words()[1]) == -(2 << 24));
  CHECK(sum.words()[2] == 10);
  CHECK(sum.weight() == 4);
  CHECK(sum.count() == 2);
  std::vector<float> mean(3);
  sum.mean(mean);
  CHECK(mean == std::vector<float>{0.5F, -0.5F, 2.5F * step});
  sum.clear();
  CHECK(sum.weight() == 0);
  CHECK(sum.count() == 0);
  CHECK(copy_of(sum.words()) == std::vector<std::uint64_t>(3, 0));
}

TEST_CASE("an update is refused for its shape, its weight or one value, and nothing changes") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (auto set : available_sets()) {
    CAPTURE(fixed_point::name(set));
    for (std::size_t size : {1U, 5U, 15U, 16U, 17U, 40U, 5000U}) {
      fixed_point_sum sum{size, set};
      std::vector<float> good(size, 0.25F);
      REQUIRE(sum.add(good, 7));
      const auto before = copy_of(sum.words());
      const auto refused = [&](std::span<const float> update, std::uint64_t weight) {
        auto verdict = sum.add(update, weight);
        REQUIRE_FALSE(verdict);
        CHECK(copy_of(sum.words()) == before);
        CHECK(sum.weight() == 7);
        CHECK(sum.count() == 1);
        return verdict.why();
      };
      CHECK(refused(std::vector<float>(size + 1, 0.0F), 1) == refusal::wrong_shape);
      CHECK(refused(std::vector<float>(size - 1, 0.0F), 1) == refusal::wrong_shape);
      CHECK(refused(good, 0) == refusal::over_weight);
      CHECK(refused(good, limits::example_count_max + 1) == refusal::over_weight);
      CHECK(refused(good, ~std::uint64_t{0}) == refusal::over_weight);
      for (std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
        for (float bad : {nan, -nan, infinity, -infinity}) {
          auto update = good;
          update[at] = bad;
          CHECK(refused(update, 3) == refusal::value_not_finite);
        }
        for (float bad : {128.0F, -128.0F, 1e30F, -std::numeric_limits<float>::max()}) {
          auto update = good;
          update[at] = bad;
          CHECK(refused(update, limits::example_count_max) == refusal::value_out_of_range);
        }
      }
      REQUIRE(sum.add(good, 1));
      CHECK(sum.words()[0] == 8 << 22);
    }
  }
}

TEST_CASE(
    "a value that is not finite is named before one that is out of range, wherever they stand") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  fixed_point_sum sum{3};
  CHECK(sum.add(std::vector<float>{500.0F, 0.0F, nan}, 1).why() == refusal::value_not_finite);
  CHECK(sum.add(std::vector<float>{nan, 0.0F, 500.0F}, 1).why() == refusal::value_not_finite);
}

TEST_CASE("weights add up to less than 2^32, and then the extreme sum still fits its word") {
  fixed_point_sum sum{2};
  const float top = std::nextafter(128.0F, 0.0F);
  const std::vector<float> extreme{top, -top};
  for (int i = 0; i < 255; ++i)
    REQUIRE(sum.add(extreme, limits::example_count_max));
  auto over = sum.add(extreme, limits::example_count_max);
  REQUIRE_FALSE(over);
  CHECK(over.why() == refusal::over_weight);
  REQUIRE(sum.add(extreme, limits::example_count_max - 1));
  CHECK(sum.weight() == fixed_point::weight_bound - 1);
  CHECK(sum.add(extreme, 1).why() == refusal::over_weight);
  std::vector<float> mean(2);
  sum.mean(mean);
  CHECK(mean == extreme);
}

TEST_CASE(
    "all instruction sets give the same words for any float inside the bound, at any address") {
  constexpr std::size_t size = 4099;
  constexpr std::size_t updates = 11;
  std::mt19937 random{20240607};
  std::vector<std::byte> memory(updates * size * sizeof(float) + 1);
  std::vector<weighted_update> all;
  for (std::size_t u = 0; u < updates; ++u) {
    std::byte* start = memory.data() + 1 + u * size * sizeof(float);
    for (std::size_t i = 0; i < size; ++i) {
      float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      if (!(std::fabs(value) <
            128.0F)) // half of the rest: halves of units, so that ties are common
        value = static_cast<float>(static_cast<std::int32_t>(random() % 4001) - 2000) * 0.5F * step;
      std::memcpy(start + i * sizeof(float), &value, sizeof value);
    }
    all.push_back(
        {bytes_view(start, size * sizeof(float)), 1 + random() % limits::example_count_max});
  }
  fixed_point_sum reference{size, instruction_set::portable};
  for (const auto& one : all)
    REQUIRE(reference.add(one.values, one.weight));
  for (auto set : available_sets()) {
    CAPTURE(fixed_point::name(set));
    fixed_point_sum one_by_one{size, set};
    for (const auto& one : all)
      REQUIRE(one_by_one.add(one.values, one.weight));
    fixed_point_sum folded{size, set};
    for (const auto& verdict : folded.add_many(all))
      CHECK(verdict);
    CHECK(copy_of(one_by_one.words()) == copy_of(reference.words()));
    CHECK(copy_of(folded.words()) == copy_of(reference.words()));
  }
}

TEST_CASE("of many updates each gets its own verdict, and only the good ones count") {
  constexpr std::size_t size = 33;
  for (auto set : available_sets()) {
    CAPTURE(fixed_point::name(set));
    std::vector<std::vector<float>> values(20, std::vector<float>(size, 0.5F));
    values[2][32] = std::numeric_limits<float>::quiet_NaN();
    values[3].pop_back();
    values[7][0] = -128.0F;
    values[19][16] = std::numeric_limits<float>::infinity();
    std::vector<weighted_update> all;
    for (const auto& one : values)
      all.push_back({std::as_bytes(std::span(one)), 2});
    all[11].weight = 0;
    fixed_point_sum sum{size, set};
    auto verdicts = sum.add_many(all);
    REQUIRE(verdicts.size() == 20);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      CAPTURE(i);
      CHECK(verdicts[i].has_value() == (i != 2 && i != 3 && i != 7 && i != 11 && i != 19));
    }
    CHECK(verdicts[2].why() == refusal::value_not_finite);
    CHECK(verdicts[3].why() == refusal::wrong_shape);
    CHECK(verdicts[7].why() == refusal::value_out_of_range);
    CHECK(verdicts[11].why() == refusal::over_weight);
    CHECK(verdicts[19].why() == refusal::value_not_finite);
    CHECK(sum.count() == 15);
    CHECK(sum.weight() == 30);
    CHECK(copy_of(sum.words()) == std::vector<std::uint64_t>(size, 30 << 23));
  }
}

TEST_CASE("near the weight's end many updates get the verdicts that they would get one by one") {
  const std::vector<float> good{1.0F};
  const std::vector<float> bad{200.0F};
  fixed_point_sum sum{1};
  for (int i = 0; i < 255; ++i)
    REQUIRE(sum.add(good, limits::example_count_max));
  const std::uint64_t left = limits::example_count_max - 1;
  const auto of = [](const std::vector<float>& x) { return std::as_bytes(std::span(x)); };
  const std::vector<weighted_update> all{
      {of(bad), left}, {of(good), left - 5}, {of(good), 6}, {of(good), 5}, {of(good), 1}};
  auto verdicts = sum.add_many(all);
  CHECK(verdicts[0].why() == refusal::value_out_of_range);
  CHECK(verdicts[1]);
  CHECK(verdicts[2].why() == refusal::over_weight);
  CHECK(verdicts[3]);
  CHECK(verdicts[4].why() == refusal::over_weight);
  CHECK(sum.weight() == fixed_point::weight_bound - 1);
  CHECK(sum.words()[0] == (fixed_point::weight_bound - 1) << 24);
}

TEST_CASE("two sums merge into the sum of all, unless shape or weight forbid it") {
  fixed_point_sum one{2}, two{2}, other_shape{3};
  REQUIRE(one.add(std::vector<float>{1.0F, -2.0F}, 2));
  REQUIRE(two.add(std::vector<float>{3.0F, 5.0F}, 1));
  REQUIRE(one.merge(two));
  CHECK(one.words()[0] == 5 << 24);
  CHECK(one.words()[1] == 1 << 24);
  CHECK(one.weight() == 3);
  CHECK(one.count() == 2);
  CHECK(one.merge(other_shape).why() == refusal::wrong_shape);
  auto heavy = fixed_point_sum::from({0, 0}, fixed_point::weight_bound - 3, 1000);
  REQUIRE(heavy);
  CHECK(one.merge(*heavy).why() == refusal::over_weight);
  CHECK(one.words()[0] == 5 << 24);
  CHECK(one.weight() == 3);
  CHECK(one.count() == 2);
}

TEST_CASE("a sum that is taken up again goes on as if it had never stopped") {
  fixed_point_sum whole{2};
  REQUIRE(whole.add(std::vector<float>{0.1F, -0.7F}, 12));
  auto again = fixed_point_sum::from(copy_of(whole.words()), whole.weight(), whole.count());
  REQUIRE(again);
  for (auto* sum : {&whole, &*again})
    REQUIRE(sum->add(std::vector<float>{-0.3F, 0.2F}, 5));
  CHECK(copy_of(again->words()) == copy_of(whole.words()));
  CHECK(again->weight() == 17);
  CHECK(again->count() == 2);
}

TEST_CASE("words that no updates add up to are not taken up") {
  const std::uint64_t top = (std::uint64_t{1} << 31) - 128;
  CHECK(fixed_point_sum::from({}, 0, 0));
  CHECK(fixed_point_sum::from({5 * top, 0 - 5 * top}, 5, 5));
  CHECK(fixed_point_sum::from({5 * top + 1}, 5, 5).why() == refusal::value_out_of_range);
  CHECK(fixed_point_sum::from({0 - 5 * top - 1}, 5, 5).why() == refusal::value_out_of_range);
  CHECK(fixed_point_sum::from({1}, 0, 0).why() == refusal::value_out_of_range);
  CHECK(fixed_point_sum::from({0}, 5, 6).why() == refusal::malformed);
  CHECK(fixed_point_sum::from({0}, 5, 0).why() == refusal::malformed);
  CHECK(fixed_point_sum::from({0}, limits::example_count_max + 1, 1).why() == refusal::malformed);
  CHECK(fixed_point_sum::from({0}, limits::example_count_max + 1, 2));
  CHECK(fixed_point_sum::from({0}, fixed_point::weight_bound, 256).why() == refusal::over_weight);
}
