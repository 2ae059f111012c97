#include "noise/rows.hpp"

#include <algorithm>
#include <cmath>

#include <godwit/messages/check.hpp>

#include "noise/exact_weight.hpp"
#include "noise/skellam_weight.hpp"

namespace godwit::noise {

namespace {

using Botan::BigInt;

/// Digits behind the point of what a series is held against.
constexpr int weight_bits = 120;

constexpr std::uint64_t word_count = std::uint64_t{1} << 32;

std::uint64_t to_u64(const BigInt& number) {
  GODWIT_CHECK(number.bits() <= 64, "a number of more than 64 bits");
  return (std::uint64_t{number.word_at(0)});
}

/// number / 2^bits, up to its 63rd digit.
double to_double(const BigInt& number, int bits) {
  const auto dropped = std::max(static_cast<int>(number.bits()) - 63, 0);
  return std::ldexp(static_cast<double>(to_u64(number >> static_cast<std::size_t>(dropped))),
                    dropped - bits);
}

/// Weights of one law, many of them.
class weights {
public:
  /// All that rows of 2^shift values may hold, of a law whose weights are not had one by one.
  weights(const law& l, unsigned shift) : law_(l) {
    if (l.kind == noise_kind::skellam)
      known_ = skellam_weights(
          l.scale, skellam_reach(l.scale, tail_bits + 1) + (std::uint64_t{1} << shift), precision);
  }

  /// floor(factor 2^bits weight(x)).
  BigInt floor(std::uint64_t x, const BigInt& factor, std::size_t bits) const {
    if (!known_.empty() && x > 0 && x < known_.size())
      if (const auto found = floor_within(factor, known_[static_cast<std::size_t>(x)],
                                          BigInt(1) << skellam_off_bits, precision - bits))
        return *found;
    return floor_of_weight(law_, x, factor, bits);
  }

  static constexpr std::size_t tail_bits = 101;

private:
  static constexpr std::size_t precision = 256;
  law law_;
  std::vector<BigInt> known_; ///< empty where weights are had one by one
};

/// The least shift with parameter < 2^(shift + 1); a Skellam law begins with listed weights.
unsigned shift_of(const law& l) {
  if (l.kind == noise_kind::skellam && l.scale < 32)
    return 0;
  return static_cast<unsigned>(std::max(std::ilogb(l.scale), 0));
}

/// floor(2^101 weight) of each row's first value.
std::vector<BigInt> first_weights(const weights& all, unsigned shift) {
  std::vector<BigInt> found;
  for (std::uint64_t y = 0;; ++y) {
    found.push_back(all.floor(y << shift, BigInt(1), weights::tail_bits));
    GODWIT_CHECK(found.size() <= row_count_max + 1, "a law of too many rows");
    if (found.back().is_zero()) {
      found.pop_back();
      return found;
    }
  }
}

/// Lists what the rows' weights are, since no formula is at hand for a law that narrow.
void list_weights(const weights& all, rows& made) {
  std::uint32_t last = 0;
  for (std::uint32_t y = 0; y <= made.count(); ++y) {
    // Row 0's is C, which is C - 1 and all but 2^-32.
    std::uint32_t fraction = y == 0 ? ~std::uint32_t{0} : 0;
    if (y > 0 && y < made.count())
      fraction = static_cast<std::uint32_t>(to_u64(all.floor(y, BigInt(made.factor), 32)));
    if (y == 0)
      made.first_fraction = fraction;
    else
      made.fraction_steps.push_back(fraction - last);
    last = fraction;
  }
}

/// Every value's weight at first sight is held against the exact one, so the series needs no other
/// proof (privacy/NOISE.md, section 5).
void check_series(const weights& all, const rows& made) {
  const auto unit = static_cast<double>(std::uint64_t{1} << made.shift);
  const auto factor = static_cast<double>(made.factor);
  for (std::uint64_t x = 1; x < std::uint64_t{made.count()} << made.shift; ++x) {
    const double g = static_cast<double>(x) / unit;
    const double seen = factor * exponential(exponent_at(made.coefficients, g * g));
    const double exact = to_double(all.floor(x, BigInt(made.factor), weight_bits), weight_bits);
    const double area = made.area(static_cast<std::uint32_t>(x >> made.shift));
    GODWIT_CHECK(std::abs(seen - exact) <= 0x1p-46 * area, "a weight's series is not good enough");
  }
}

void choose_sight(const weights& all, rows& made) {
  const double unit = std::ldexp(made.of.scale, -static_cast<int>(made.shift));
  if (made.of.kind == noise_kind::discrete_gaussian) {
    made.slope = 1 / (2 * unit * unit);
  } else if (made.of.kind == noise_kind::discrete_laplace) {
    made.seen_by = sight::absolute;
    made.slope = 1 / unit;
  } else if (made.shift == 0) {
    made.seen_by = sight::listed;
    list_weights(all, made);
  } else {
    made.seen_by = sight::series;
    made.coefficients = skellam_exponent(made.of.scale, made.shift);
    check_series(all, made);
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
  const weights all(l, made.shift);
  const auto firsts = first_weights(all, made.shift);
  const std::uint64_t n = firsts.size();
  BigInt total(0);
  for (const auto& first : firsts)
    total += (first >> (weights::tail_bits - 64)) + BigInt(1);
  made.factor = to_u64((BigInt(word_count - n) << 64) / total);
  std::uint64_t start = 0;
  std::uint32_t last = 0;
  for (std::uint64_t y = 0; y <= n; ++y) {
    std::uint64_t area = made.factor; // of row 0, whose first weight is 1
    if (y == n)
      area = word_count - start;
    else if (y > 0)
      area = 1 + to_u64(all.floor(y << made.shift, BigInt(made.factor), 0));
    if (y == 0)
      made.first_area = static_cast<std::uint32_t>(area);
    else
      made.steps.push_back(static_cast<std::uint32_t>(area) - last);
    last = static_cast<std::uint32_t>(area);
    start += area;
    if (y < n)
      made.starts.push_back(static_cast<std::uint32_t>(start));
  }
  choose_sight(all, made);
  return made;
}

} // namespace godwit::noise
