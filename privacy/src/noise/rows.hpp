// How is a law on the integers proposed, so that a constant number of steps proposes a value and
// one comparison decides upon it? (privacy/NOISE.md, sections 3 and 4.)
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "noise/first_sight.hpp"
#include "noise/law.hpp"

namespace godwit::noise {

inline constexpr std::size_t row_count_max = 448;

/// How the weight of a value is seen at first sight.
enum class sight : std::uint8_t {
  square,   ///< exp(-slope g^2), g the value / 2^shift
  absolute, ///< exp(-slope g)
  series,   ///< exp(-polynomial in g^2)
  listed,   ///< shift is 0: by the row's area and a fraction
};

/// The row y stands for the values y 2^shift ..< (y + 1) 2^shift, and is proposed by area(y) of
/// 2^32 words. Rows end where the weight falls below
/// 2^-101.
struct rows {
  law of;
  unsigned shift = 0;
  std::uint64_t factor = 0; ///< C: no weight of row y times C is above area(y)
  /// c_1 .. c_N: the row of a word is how many of them are not above it; N stands for no row.
  std::vector<std::uint32_t> starts;
  /// area(y) - area(y - 1) mod 2^32, for y = 1 ..= N; area(N) is what is left of 2^32.
  std::vector<std::uint32_t> steps;
  std::uint32_t first_area = 0; ///< area(0)
  sight seen_by = sight::square;
  double slope = 0;
  std::array<double, exponent_terms> coefficients{};
  /// Where weights are listed, C weight(y) is area(y) - 1 + fraction(y) / 2^32, up to 2^-32.
  std::vector<std::uint32_t> fraction_steps; ///< as `steps`
  std::uint32_t first_fraction = 0;

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(starts.size()); }
  std::uint32_t area(std::uint32_t y) const noexcept;
};

/// The rows of a law: a function of its parameter alone.
rows make_rows(const law&);

} // namespace godwit::noise
