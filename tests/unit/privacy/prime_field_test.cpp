// Does the field count as whole numbers modulo its prime do?
#include <godwit/privacy/prime_field.hpp>

#include <random>

#include <doctest/doctest.h>

using namespace godwit;

namespace {

__extension__ using wide = unsigned __int128;

template <class Field>
void check_against_division(std::uint64_t a, std::uint64_t b) {
  const auto x = Field::of(a), y = Field::of(b);
  const std::uint64_t p = Field::prime, m = a % p, n = b % p;
  REQUIRE(x.number() == m);
  REQUIRE((x + y).number() == (m + n) % p);
  REQUIRE((x - y).number() == (m + p - n) % p);
  REQUIRE((-x).number() == (p - m) % p);
  REQUIRE((x * y).number() == static_cast<std::uint64_t>(static_cast<wide>(m) * n % p));
}

} // namespace

TEST_CASE("sums, differences and products are those of whole numbers, reduced by division") {
  constexpr std::uint64_t p = field_61::prime, top = ~std::uint64_t{0};
  const std::uint64_t edges[] = {0, 1, 2, p - 1, p, p + 1, p / 2, 2 * p, 2 * p + 1, top - 1, top};
  for (const auto a : edges)
    for (const auto b : edges)
      check_against_division<field_61>(a, b);
  std::mt19937_64 random(61);
  for (int i = 0; i < 100'000; ++i)
    check_against_division<field_61>(random(), random());
  for (std::uint64_t a = 0; a < 251; ++a)
    for (std::uint64_t b = 0; b < 251; ++b)
      check_against_division<prime_field<251>>(a, b);
}

TEST_CASE("every number but 0 has an inverse") {
  for (std::uint64_t a = 1; a < 251; ++a)
    REQUIRE((prime_field<251>::of(a) * prime_field<251>::of(a).inverse()).number() == 1);
  std::mt19937_64 random(62);
  for (int i = 0; i < 1'000; ++i) {
    const auto x = field_61::of(random() | 1);
    REQUIRE((x * x.inverse()).number() == 1);
  }
  CHECK(field_61().inverse() == field_61());
}

TEST_CASE("a number of a peer that is not below the prime is none of the field") {
  CHECK(field_61::read(field_61::prime - 1)->number() == field_61::prime - 1);
  CHECK_FALSE(field_61::read(field_61::prime));
  CHECK_FALSE(field_61::read(~std::uint64_t{0}));
}

TEST_CASE("negative numbers lie in the upper half") {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{-(std::int64_t{1} << 59)}})
    CHECK(field_61::of_signed(number).signed_number() == number);
  CHECK((field_61::of_signed(-5) * field_61::of_signed(7)).signed_number() == -35);
}
