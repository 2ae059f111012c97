// Are secure means, variances, maxima, medians and norm bounds those of the plain numbers?
#include <godwit/privacy/authenticated_statistics.hpp>
#include <godwit/privacy/norm_bound.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "support/party_world.hpp"

using namespace godwit;
using namespace godwit::authenticated;

namespace {

using field = field_element;
using part = share<field>;

/// What program(party, shares of numbers) comes to, which must be the same for all parties.
template <class Field = field, class Program>
auto together(unsigned party_count, const std::vector<std::int64_t>& numbers,
              std::size_t triple_count, std::size_t number_count, Program program) {
  dealer<Field> from(seed_of(static_cast<unsigned>(numbers.size())), party_count);
  const auto xs = share_all(from, numbers);
  auto dealt = from.deal(triple_count, number_count);
  table at(party_count, {});
  const auto out = run_parties(
      from, dealt, [&](party<Field>& own, unsigned index) { return program(own, xs[index]); }, at);
  for (const auto& one : out)
    REQUIRE(*one);
  CHECK(dealt[0].triples.empty());
  CHECK(dealt[0].numbers.empty());
  return **out[0];
}

/// 1 for each number that is negative.
template <class Field>
std::vector<Field> signs(const std::vector<std::int64_t>& numbers) {
  return together<Field>(
      2, numbers, numbers.size() * triples_of_comparison<Field>(), numbers.size(),
      [](party<Field>& own, const std::vector<share<Field>>& xs) -> outcome<std::vector<Field>> {
        const auto bits = is_negative<Field, 2>(own, xs);
        return bits ? own.open(*bits) : bits.why();
      });
}

} // namespace

TEST_CASE("every number of a small field has the right sign") {
  std::vector<std::int64_t> numbers;
  for (std::int64_t x = -125; x <= 125; ++x)
    numbers.push_back(x);
  for (int repeat = 0; repeat < 2; ++repeat) { // other masks with another length
    const auto bits = signs<prime_field<251>>(numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      CHECK(bits[i].value() == (numbers[i] < 0 ? 1 : 0));
    numbers.push_back(-1);
  }
}

TEST_CASE("numbers at all the edges of the large field have the right sign") {
  constexpr std::int64_t half = (std::int64_t{1} << 60) - 1;
  const std::vector<std::int64_t> numbers{0, 1, -1, 2, -2, half, -half, half - 1, 1 - half};
  const auto bits = signs<field>(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    CHECK(bits[i].value() == (numbers[i] < 0 ? 1 : 0));
}

TEST_CASE("mean and variance") {
  const auto out = together(3, {2, 4, 4, 4, 5, 5, 7, 9, -4}, 9, 0, [](auto& own, const auto& xs) {
    return mean_and_variance<field, 2>(own, xs);
  });
  CHECK(out.mean == doctest::Approx(4.0));
  CHECK(out.variance == doctest::Approx(248.0 / 9 - 16));
}

TEST_CASE("the largest of one, of an even and of an odd count") {
  const std::vector<std::vector<std::int64_t>> all{
      {-7}, {3, 3}, {-5, -9}, {1, -8, 12, 12, 4}, {-6, -2, -3, -11, -40, -8}};
  for (const auto& numbers : all) {
    const auto pairs = numbers.size() - 1;
    const auto out = together(2, numbers, pairs * (triples_of_comparison<field>() + 1), pairs,
                              [](auto& own, const auto& xs) { return maximum<field, 2>(own, xs); });
    CHECK(out == *std::max_element(numbers.begin(), numbers.end()));
  }
}

TEST_CASE("the median by bisection, also where it is an end of the range or comes more than once") {
  const std::vector<std::vector<std::int64_t>> all{
      {-8}, {7}, {1, 1, 1, 5}, {-8, 7, 3, -2, 0}, {4, 2, -3, 6}, {7, 7, -8}};
  constexpr std::size_t steps = 4; // of the 16 numbers -8 ..= 7
  for (auto numbers : all) {
    const auto comparisons = steps * (numbers.size() + 1);
    const auto out =
        together(2, numbers, comparisons * triples_of_comparison<field>(), comparisons,
                 [](auto& own, const auto& xs) { return median<field, 2>(own, xs, -8, 7); });
    std::sort(numbers.begin(), numbers.end());
    CHECK(out == numbers[(numbers.size() - 1) / 2]);
  }
}

namespace {

/// Whether parties believe a client's inputs, with triples of the dealer.
bool believed(const norm_bound& bound, const std::vector<field>& inputs) {
  dealer<field> from(seed_of(77), 2);
  const auto masks = from.deal_masks(inputs.size());
  const auto differences =
      masked_inputs<field>(std::span<const field>(inputs), std::span(masks.numbers));
  auto dealt = from.deal(bound.triple_count(), 0);
  table at(2, {});
  const auto out = run_parties(
      from, dealt,
      [&](party<field>& own, unsigned index) {
        return keeps<field, 2>(own, bound, own.take(differences, masks.parts[index]));
      },
      at);
  REQUIRE(*out[0]);
  REQUIRE(*out[1]);
  CHECK(**out[0] == **out[1]);
  return **out[0];
}

constexpr norm_bound bound_30{.length = 4, .value_bits = 4, .square_max = 30};

} // namespace

TEST_CASE("a vector within its bound is believed, up to the bound itself") {
  const std::vector<std::vector<std::int64_t>> all{
      {0, 0, 0, 0}, {1, 2, 3, 4}, {-5, 2, -1, 0}, {-4, -3, 2, 1}, {5, 1, 1, 1}};
  for (const auto& values : all)
    CHECK(believed(bound_30, inputs_of<field>(bound_30, values)));
}

TEST_CASE("a longer vector is not believed, whatever its client says the difference is") {
  const norm_bound wide{.length = 4, .value_bits = 4, .square_max = 256}; // lets anything in
  for (const std::vector<std::int64_t>& values :
       {std::vector<std::int64_t>{5, 2, 1, 1}, {-8, -8, -8, -8}, {4, 4, 0, 0}}) {
    auto inputs = inputs_of<field>(wide, values);
    inputs.resize(bound_30.length * bound_30.value_bits);
    std::int64_t square = 0;
    for (const auto value : values)
      square += value * value;
    for (std::uint64_t said = 0; said < 32; ++said) {
      auto with = inputs;
      for (unsigned bit = 0; bit < bound_30.difference_bits(); ++bit)
        with.emplace_back((said >> bit) & 1);
      CHECK_FALSE(believed(bound_30, with));
    }
    // The right difference as a number of the field that is no bit, in the lowest place.
    auto with = inputs;
    with.push_back(field::of_signed(30 - square));
    with.resize(bound_30.input_count());
    CHECK_FALSE(believed(bound_30, with));
  }
}

TEST_CASE("numbers whose squares would wrap around to something small are not believed") {
  // (p - 1)^2 = 1 mod p is short; half the field is not. A client gives it in as one "bit".
  const auto honest = inputs_of<field>(bound_30, std::vector<std::int64_t>{1, 0, 0, 0});
  for (std::size_t place = 0; place < honest.size(); ++place) {
    auto inputs = honest;
    inputs[place] += field(std::uint64_t{1} << 60);
    CHECK_FALSE(believed(bound_30, inputs));
  }
  CHECK(believed(bound_30, honest));
}

TEST_CASE("bounds whose sums could wrap around are not sound") {
  CHECK(is_sound<field>(bound_30));
  CHECK(is_sound<field>({.length = 1 << 20, .value_bits = 16, .square_max = 1 << 30}));
  CHECK(is_sound<field>({.length = 1 << 20, .value_bits = 21, .square_max = 1}));
  CHECK_FALSE(is_sound<field>({.length = 1 << 21, .value_bits = 21, .square_max = 1}));
  CHECK_FALSE(is_sound<field>({.length = 1, .value_bits = 2, .square_max = field::modulus}));
  CHECK_FALSE(is_sound<field>({.length = 1, .value_bits = 32, .square_max = 1}));
  CHECK_FALSE(is_sound<field>({.length = 0, .value_bits = 2, .square_max = 1}));
}
