#include "noise/proposals.hpp"

#include <bit>
#include <cstring>

#include "noise/exact_weight.hpp"

namespace godwit::noise {

namespace {

/// A register of so many bytes: GCC takes wider ones apart lane by lane.
template <std::size_t byte_count>
struct register_of {
  typedef std::uint32_t words __attribute__((vector_size(byte_count)));
  typedef std::int32_t signed_words __attribute__((vector_size(byte_count)));
};

constexpr double margin = 0x1p-44; ///< of U; privacy/NOISE.md, section 5, adds up what it covers
constexpr double fraction_margin = 0x1p-31; ///< of an area: what listed weights are off by

/// What is known of the row of each word.
struct found_rows {
  alignas(64) std::array<std::uint32_t, group_size> row;
  alignas(64) std::array<std::uint32_t, group_size> fraction;
};

/// Every row is compared with every word.
template <std::size_t register_bytes, bool has_fractions>
GODWIT_INLINE void find_rows(const rows& table, const std::byte* words, found_rows& found,
                             std::uint32_t* area) {
  using words_of = typename register_of<register_bytes>::words;
  using signed_words_of = typename register_of<register_bytes>::signed_words;
  constexpr std::size_t lane_count = register_bytes / sizeof(std::uint32_t);
  constexpr std::uint32_t half = 0x80000000U; // makes signed comparisons, which all have, unsigned
  for (std::size_t at = 0; at < group_size; at += lane_count) {
    words_of word, y{}, a = words_of{} + table.first_area;
    words_of fraction = words_of{} + table.first_fraction;
    std::memcpy(&word, words + at * 4, sizeof word);
    const auto shifted = reinterpret_cast<signed_words_of>(word ^ half);
    for (std::size_t i = 0; i < table.starts.size(); ++i) {
      const auto start = static_cast<std::int32_t>(table.starts[i] ^ half);
      const auto is_behind = reinterpret_cast<words_of>(shifted >= start); // all ones, or zero
      y -= is_behind;
      a += is_behind & table.steps[i];
      if constexpr (has_fractions)
        fraction += is_behind & table.fraction_steps[i];
    }
    std::memcpy(found.row.data() + at, &y, sizeof y);
    std::memcpy(found.fraction.data() + at, &fraction, sizeof fraction);
    std::memcpy(area + at, &a, sizeof a);
  }
}

/// A number below 2^32, as a double: from halves, since most instructions know signed words only.
GODWIT_INLINE double to_double(std::uint32_t number) {
  return static_cast<double>(static_cast<std::int32_t>(number >> 16)) * 65536.0 +
         static_cast<double>(static_cast<std::int32_t>(number & 0xFFFF));
}

/// C weight(value) at first sight: of the value / 2^shift, or of its row. A copy, which no store
/// can change: then compilers take many at a time.
template <sight seen_by>
struct first_sight {
  explicit first_sight(const rows& table)
      : factor(static_cast<double>(table.factor)), slope(table.slope),
        coefficients(table.coefficients) {}

  GODWIT_INLINE double weight(double g, double area, std::uint32_t fraction) const {
    if constexpr (seen_by == sight::square)
      return factor * exponential(slope * (g * g));
    else if constexpr (seen_by == sight::absolute)
      return factor * exponential(slope * g);
    else if constexpr (seen_by == sight::series)
      return factor * exponential(exponent_at(coefficients, g * g));
    else
      return area - 1 + to_double(fraction) * 0x1p-32;
  }

  double factor, slope;
  std::array<double, exponent_terms> coefficients;
};

/// Sets the verdicts, but for what is no value.
template <sight seen_by>
GODWIT_INLINE void compare(const rows& table, const found_rows& found, const std::uint32_t* offset,
                           const proposals& drawn, std::uint64_t* verdict) {
  const first_sight<seen_by> sight_of(table);
  const double unit = 1.0 / static_cast<double>(1U << table.shift);
  constexpr double off = seen_by == sight::listed ? fraction_margin : 0;
  for (std::size_t i = 0; i < group_size; ++i) {
    const double g = static_cast<double>(static_cast<std::int32_t>(found.row[i])) +
                     static_cast<double>(static_cast<std::int32_t>(offset[i])) * unit;
    const double draw = std::bit_cast<double>((drawn.draws[i] >> 12) | 0x3FF0000000000000U) - 1.0;
    const double area = to_double(drawn.areas[i]);
    const double lead = sight_of.weight(g, area, found.fraction[i]) - draw * area;
    const double doubt = margin * area + off;
    // The sign bit is 1 where a difference is negative.
    const auto is_taken = std::bit_cast<std::uint64_t>(doubt - lead) >> 63;
    const auto is_refused = std::bit_cast<std::uint64_t>(lead + doubt) >> 63;
    verdict[i] = is_taken | ((1 - (is_taken | is_refused)) << 1);
  }
}

template <sight seen_by>
GODWIT_INLINE void decide(const rows& table, const found_rows& found, const std::uint32_t* tail,
                          proposals& out) {
  const auto shift = table.shift;
  const std::uint64_t count = table.count();
  alignas(64) std::uint32_t offset[group_size];
  alignas(64) std::uint64_t verdict[group_size];
  for (std::size_t i = 0; i < group_size; ++i)
    offset[i] = tail[i] & ((1U << shift) - 1);
  compare<seen_by>(table, found, offset, out, verdict);
  for (std::size_t i = 0; i < group_size; ++i) {
    const std::uint64_t magnitude = (std::uint64_t{found.row[i]} << shift) | offset[i];
    const std::uint64_t sign = tail[i] >> 31;
    // Zero has one sign only, and no row is no value.
    const auto is_value = (found.row[i] - count) >> 63;
    const auto is_other_zero = sign & ((magnitude - 1) >> 63);
    verdict[i] &= 0 - (is_value & ~is_other_zero & 1);
    out.values[i] = static_cast<std::int64_t>((magnitude ^ (0 - sign)) + sign);
  }
  for (std::size_t i = 0; i < group_size; ++i)
    out.verdicts[i] = static_cast<std::uint8_t>(verdict[i]);
}

template <std::size_t register_bytes>
GODWIT_INLINE void judge(const rows& table, const std::byte* group, proposals& out) {
  alignas(64) std::uint32_t tail[group_size];
  found_rows found;
  std::memcpy(tail, group + group_size * 4, sizeof tail);
  std::memcpy(out.draws.data(), group + group_size * 8, sizeof out.draws);
  if (table.seen_by == sight::listed) {
    find_rows<register_bytes, true>(table, group, found, out.areas.data());
    decide<sight::listed>(table, found, tail, out);
    return;
  }
  find_rows<register_bytes, false>(table, group, found, out.areas.data());
  if (table.seen_by == sight::square)
    decide<sight::square>(table, found, tail, out);
  else if (table.seen_by == sight::absolute)
    decide<sight::absolute>(table, found, tail, out);
  else
    decide<sight::series>(table, found, tail, out);
}

} // namespace

void judge_portable(const rows& table, const std::byte* group, proposals& out) {
  judge<16>(table, group, out);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void judge_avx2(const rows& table, const std::byte* group,
                                                proposals& out) {
  judge<32>(table, group, out);
}

__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))) void
judge_avx512(const rows& table, const std::byte* group, proposals& out) {
  judge<64>(table, group, out);
}
#endif

std::span<const named_judge> available_judges() {
  static constexpr std::array all {
    named_judge{"portable", judge_portable},
#if defined(__x86_64__)
        named_judge{"avx2", judge_avx2}, named_judge{"avx512", judge_avx512},
#endif
  };
  std::size_t count = 1;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0)
    count = 2;
  if (count == 2 && __builtin_cpu_supports("avx512dq") != 0 &&
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0)
    count = 3;
#endif
  return std::span(all).first(count);
}

std::size_t take(const proposals& from, std::span<std::int64_t> out) {
  std::size_t count = 0;
  if (out.size() >= group_size) { // the same as below, with no look at the room that is left
    for (std::size_t i = 0; i < group_size; ++i) {
      out[count] = from.values[i]; // one that is refused is written over
      count += from.verdicts[i];
    }
    return count;
  }
  for (std::size_t i = 0; i < group_size && count < out.size(); ++i) {
    out[count] = from.values[i];
    count += from.verdicts[i];
  }
  return count;
}

bool is_taken(const rows& table, std::uint64_t magnitude, std::uint32_t area,
              std::uint64_t first_digits, const further_digits& further) {
  constexpr std::size_t digit_count = 64 * (1 + std::tuple_size_v<further_digits>);
  Botan::BigInt draw(first_digits);
  for (const auto word : further)
    draw = (draw << 64) + Botan::BigInt(word);
  if (magnitude == 0)
    return true; // U < 1, and the area of row 0 is C
  const auto weight =
      floor_of_weight(table.of, magnitude, Botan::BigInt(table.factor), digit_count);
  return draw * Botan::BigInt(std::uint64_t{area}) <=
         weight; // equal never: weights are no fractions
}

} // namespace godwit::noise
