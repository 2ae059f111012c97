#include "noise/rows.hpp"

#include <algorithm>
#include <cmath>

#include <godwit/messages/check.hpp>

#include "noise/exact_weight.hpp"

namespace godwit::noise {

namespace {

using Botan::BigInt;

constexpr std::uint64_t word_count = std::uint64_t{1} << 32;

std::uint64_t to_u64(const BigInt& number) {
  GODWIT_CHECK(number.bits() <= 64, "a number of more than 64 bits");
  return (std::uint64_t{number.word_at(0)});
}

/// The least shift with parameter < 2^(shift + 1).
unsigned shift_of(const law& l) {
  return static_cast<unsigned>(std::max(std::ilogb(l.scale), 0));
}

/// The least N whose first value has a weight of at most exp(-70).
std::uint64_t count_of(const law& l, unsigned shift) {
  for (std::uint64_t y = 1;; ++y) {
    const auto t = exponent_of(l, y << shift);
    if (t.numerator >= t.denominator * BigInt(70))
      return y;
  }
}

} // namespace

std::uint32_t rows::area(std::uint32_t y) const noexcept {
  const std::uint32_t start = y == 0 ? 0 : starts[y - 1];
  return y < count() ? starts[y] - start : 0 - start;
}

rows make_rows(const law& l) {
  rows made;
  made.of = l;
  made.shift = shift_of(l);
  const std::uint64_t n = count_of(l, made.shift);
  GODWIT_CHECK(n <= row_count_max, "a law of too many rows");
  BigInt total(0);
  for (std::uint64_t y = 0; y < n; ++y)
    total += floor_of_weight(l, y << made.shift, BigInt(1), 64) + BigInt(1);
  made.factor = to_u64((BigInt(word_count - n) << 64) / total);
  std::uint64_t start = 0;
  std::uint32_t last = 0;
  for (std::uint64_t y = 0; y <= n; ++y) {
    std::uint64_t area = made.factor; // of row 0, whose first weight is 1
    if (y == n)
      area = word_count - start;
    else if (y > 0)
      area = 1 + to_u64(floor_of_weight(l, y << made.shift, BigInt(made.factor), 0));
    if (y == 0)
      made.first_area = static_cast<std::uint32_t>(area);
    else
      made.steps.push_back(static_cast<std::uint32_t>(area) - last);
    last = static_cast<std::uint32_t>(area);
    start += area;
    if (y < n)
      made.starts.push_back(static_cast<std::uint32_t>(start));
  }
  const double unit = std::ldexp(l.scale, -static_cast<int>(made.shift));
  made.slope = l.kind == noise_kind::discrete_gaussian ? 1 / (2 * unit * unit) : 1 / unit;
  return made;
}

} // namespace godwit::noise
