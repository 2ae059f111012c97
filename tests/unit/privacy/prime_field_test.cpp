// Does the field count as whole numbers modulo its prime do?
#include <godwit/privacy/prime_field.hpp>

#include <random>

#include <doctest/doctest.h>

using namespace godwit;

namespace {

__extension__ using wide = unsigned __int128;

template <class Field>
void check_against_division(std::uint64_t a, std::uint64_t b) {
  const auto x = Field(a), y = Field(b);
  const std::uint64_t p = Field::modulus, m = a % p, n = b % p;
  REQUIRE(x.value() == m);
  REQUIRE((x + y).value() == (m + n) % p);
  REQUIRE((x - y).value() == (m + p - n) % p);
  REQUIRE((-x).value() == (p - m) % p);
  REQUIRE((x * y).value() == static_cast<std::uint64_t>(static_cast<wide>(m) * n % p));
}

} // namespace

TEST_CASE("sums, differences and products are those of whole numbers, reduced by division") {
  constexpr std::uint64_t p = field_element::modulus, top = ~std::uint64_t{0};
  const std::uint64_t edges[] = {0, 1, 2, p - 1, p, p + 1, p / 2, 2 * p, 2 * p + 1, top - 1, top};
  for (const auto a : edges)
    for (const auto b : edges)
      check_against_division<field_element>(a, b);
  std::mt19937_64 random(61);
  for (int i = 0; i < 100'000; ++i)
    check_against_division<field_element>(random(), random());
  for (std::uint64_t a = 0; a < 251; ++a)
    for (std::uint64_t b = 0; b < 251; ++b)
      check_against_division<prime_field<251>>(a, b);
}

TEST_CASE("every number but 0 has an inverse") {
  for (std::uint64_t a = 1; a < 251; ++a)
    REQUIRE((prime_field<251>(a) * prime_field<251>(a).inverse()).value() == 1);
  std::mt19937_64 random(62);
  for (int i = 0; i < 1'000; ++i) {
    const auto x = field_element(random() | 1);
    REQUIRE((x * x.inverse()).value() == 1);
  }
  CHECK(field_element().inverse() == field_element());
}

TEST_CASE("a number of a peer that is not below the prime is none of the field") {
  CHECK(field_element::read(field_element::modulus - 1)->value() == field_element::modulus - 1);
  CHECK_FALSE(field_element::read(field_element::modulus));
  CHECK_FALSE(field_element::read(~std::uint64_t{0}));
}

TEST_CASE("negative numbers lie in the upper half") {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{-(std::int64_t{1} << 59)}})
    CHECK(field_element::of_signed(number).signed_value() == number);
  CHECK((field_element::of_signed(-5) * field_element::of_signed(7)).signed_value() == -35);
}
