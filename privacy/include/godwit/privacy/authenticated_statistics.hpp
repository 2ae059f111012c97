// How are means, variances, the largest and the middle of a few numbers, and bounds on the length
// of a vector found without seeing them? (Comparison by masked bits: Catrina and de Hoogh,
// "Improved Primitives for Secure Multiparty Integer Computation", SCN 2010, section 3, with a mask
// that is uniform in the whole field, so that it hides perfectly.)
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/authenticated_sharing.hpp>

namespace godwit::authenticated {

/// Numbers are whole and signed: |x| <= (p - 1) / 2, and so are all sums and differences that are
/// formed of them. Fixed-point numbers are scaled by who gives them in.

/// Triples that one comparison takes; besides, one number of the supply.
template <class Field>
constexpr std::size_t triples_of_comparison() {
  std::size_t count = 1;
  for (unsigned step = 1; step < Field::bit_count; step *= 2)
    count += Field::bit_count - step;
  return count;
}

namespace comparing {

/// For each number the bits of "a mask's bit differs from the public number's, here or above".
template <class Field, std::size_t keys>
outcome<std::vector<share<Field, keys>>> prefix_or(party<Field, keys>& own,
                                                   std::vector<share<Field, keys>> differ) {
  constexpr std::size_t width = Field::bit_count;
  for (std::size_t step = 1; step < width; step *= 2) {
    std::vector<share<Field, keys>> here, above;
    for (std::size_t i = 0; i < differ.size(); ++i)
      if (i % width + step < width) {
        here.push_back(differ[i]);
        above.push_back(differ[i + step]);
      }
    const auto both = own.multiply(here, above);
    if (!both)
      return both.why();
    for (std::size_t i = 0, at = 0; i < differ.size(); ++i)
      if (i % width + step < width) {
        differ[i] = here[at] + above[at] - (*both)[at];
        ++at;
      }
  }
  return differ;
}

} // namespace comparing

/// For each x a shared 1 where it is negative, else 0. Opens nothing but masked numbers.
///
/// x is negative where 2 x mod p is odd. With a uniform r whose bits are shared, c = 2 x + r is
/// opened; 2 x mod p = c - r + p [c < r], and p is odd, so its lowest bit is that of c, r and [c <
/// r] together. c < r where the highest bit in which they differ is 0 in c.
template <class Field, std::size_t keys>
outcome<std::vector<share<Field, keys>>> is_negative(party<Field, keys>& own,
                                                     std::span<const share<Field, keys>> xs) {
  constexpr std::size_t width = Field::bit_count;
  using part = share<Field, keys>;
  const auto masks = own.take_numbers(xs.size());
  if (!masks)
    return masks.why();
  std::vector<part> masked;
  for (std::size_t i = 0; i < xs.size(); ++i)
    masked.push_back(xs[i] * Field(2) + (*masks)[i].number);
  const auto opened = own.reveal(masked);
  if (!opened)
    return opened.why();
  const auto bit_of = [&](std::size_t i, std::size_t bit) {
    return (((*opened)[i].value() >> bit) & 1) != 0;
  };
  const part one = own.key().of_public(Field(1));
  std::vector<part> differ;
  for (std::size_t i = 0; i < xs.size(); ++i)
    for (std::size_t bit = 0; bit < width; ++bit)
      differ.push_back(bit_of(i, bit) ? one - (*masks)[i].bits[bit] : (*masks)[i].bits[bit]);
  const auto prefix = comparing::prefix_or(own, std::move(differ));
  if (!prefix)
    return prefix.why();
  std::vector<part> lowest(xs.size()), is_less(xs.size());
  for (std::size_t i = 0; i < xs.size(); ++i) {
    for (std::size_t bit = 0; bit < width; ++bit)
      if (!bit_of(i, bit)) {
        const auto at = i * width + bit;
        is_less[i] = is_less[i] + (*prefix)[at];
        if (bit + 1 < width)
          is_less[i] = is_less[i] - (*prefix)[at + 1];
      }
    lowest[i] = bit_of(i, 0) ? one - (*masks)[i].bits[0] : (*masks)[i].bits[0];
  }
  const auto both = own.multiply(lowest, is_less);
  if (!both)
    return both.why();
  for (std::size_t i = 0; i < xs.size(); ++i)
    lowest[i] = lowest[i] + is_less[i] - (*both)[i] * Field(2);
  return lowest;
}

/// What all learn about n numbers besides n: two sums.
struct moments {
  double mean = 0;
  double variance = 0; ///< of the n numbers themselves: divided by n
};

/// Opens the sum and the sum of squares (below p / 2), and nothing else. A triple for each number.
template <class Field, std::size_t keys>
outcome<moments> mean_and_variance(party<Field, keys>& own,
                                   std::span<const share<Field, keys>> xs) {
  GODWIT_CHECK(!xs.empty(), "the mean of nothing");
  auto squares = own.square_norm(xs);
  if (!squares)
    return squares.why();
  share<Field, keys> sum;
  for (const auto& x : xs)
    sum = sum + x;
  const std::array parts{sum, *squares};
  const auto opened = own.open(parts);
  if (!opened)
    return opened.why();
  const auto count = static_cast<double>(xs.size());
  const auto mean = static_cast<double>((*opened)[0].signed_value()) / count;
  const auto square = static_cast<double>((*opened)[1].signed_value()) / count;
  return moments{mean, square - mean * mean};
}

/// Opens the largest number alone: pairs, of which the larger one goes on. Triples for a comparison
/// and one more, and a number of the supply, for each x but one.
template <class Field, std::size_t keys>
outcome<std::int64_t> maximum(party<Field, keys>& own, std::vector<share<Field, keys>> xs) {
  GODWIT_CHECK(!xs.empty(), "the largest of none");
  while (xs.size() > 1) {
    std::vector<share<Field, keys>> differences;
    for (std::size_t i = 0; i + 1 < xs.size(); i += 2)
      differences.push_back(xs[i] - xs[i + 1]);
    const auto is_less = is_negative<Field, keys>(own, differences);
    if (!is_less)
      return is_less.why();
    const auto steps = own.multiply(*is_less, differences);
    if (!steps)
      return steps.why();
    std::vector<share<Field, keys>> larger;
    for (std::size_t i = 0; i < steps->size(); ++i)
      larger.push_back(xs[2 * i] - (*steps)[i]); // the left one, or where it is less the right one
    if (xs.size() % 2 != 0)
      larger.push_back(xs.back());
    xs = std::move(larger);
  }
  const auto opened = own.open(xs);
  if (!opened)
    return opened.why();
  return opened->front().signed_value();
}

/// Opens the number of rank `rank` (1: the smallest) of numbers that lie in low ..= high, by
/// bisection: in each step one bit, whether enough of them lie in the lower half, and that follows
/// from the result. A step takes xs.size() + 1 comparisons.
template <class Field, std::size_t keys>
outcome<std::int64_t> ranked(party<Field, keys>& own, std::span<const share<Field, keys>> xs,
                             std::size_t rank, std::int64_t low, std::int64_t high) {
  GODWIT_CHECK(rank >= 1 && rank <= xs.size() && low <= high, "there is no such rank");
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    std::vector<share<Field, keys>> differences;
    for (const auto& x : xs)
      differences.push_back(x - own.key().of_public(Field::of_signed(middle + 1)));
    const auto is_lower = is_negative<Field, keys>(own, differences);
    if (!is_lower)
      return is_lower.why();
    auto count = own.key().of_public(-Field(rank));
    for (const auto& one : *is_lower)
      count = count + one;
    const auto is_short = is_negative<Field, keys>(own, std::span(&count, 1));
    if (!is_short)
      return is_short.why();
    const auto opened = own.open(*is_short);
    if (!opened)
      return opened.why();
    if (opened->front() == Field(1))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// The lower one of the middle ones.
template <class Field, std::size_t keys>
outcome<std::int64_t> median(party<Field, keys>& own, std::span<const share<Field, keys>> xs,
                             std::int64_t low, std::int64_t high) {
  return ranked(own, xs, (xs.size() + 1) / 2, low, high);
}

} // namespace godwit::authenticated
