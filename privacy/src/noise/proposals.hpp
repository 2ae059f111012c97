// Which values do the bytes of a stream propose, and which of those are taken? Sixty-four at a
// time, in time that does not depend on the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "noise/rows.hpp"

namespace godwit::noise {

inline constexpr std::size_t group_size = 64;
inline constexpr std::size_t group_bytes = group_size * 16;

/// What is found about a proposal at first sight. Not secret: it is independent of the samples.
enum verdict : std::uint8_t { refused = 0, taken = 1, in_doubt = 2 };

/// Sixty-four proposals, as they come out of a group of a stream.
struct proposals {
  alignas(64) std::array<std::int64_t, group_size> values; ///< secret
  alignas(64) std::array<std::uint32_t, group_size> areas; ///< of their rows; secret
  alignas(64) std::array<std::uint64_t, group_size> draws; ///< the first 64 digits of U; secret
  alignas(64) std::array<std::uint8_t, group_size> verdicts;
};

/// How a group is judged, with given instructions. All give the same values, and verdicts that
/// contradict neither each other nor the text.
using judge_function = void (*)(const rows&, const std::byte* group, proposals& out);

void judge_portable(const rows&, const std::byte* group, proposals& out);
#if defined(__x86_64__)
void judge_avx2(const rows&, const std::byte* group, proposals& out);
void judge_avx512(const rows&, const std::byte* group, proposals& out);
#endif

struct named_judge {
  const char* name;
  judge_function judge;
};

/// What this processor can do, the fastest last.
std::span<const named_judge> available_judges();

/// Moves the values that are taken to the front of `out`, in their order, until one of them is
/// full; says how many. No verdict is in doubt any more.
std::size_t take(const proposals& from, std::span<std::int64_t> out);

/// Further digits of U, behind the first 64: four words of 64.
using further_digits = std::array<std::uint64_t, 4>;

/// U area(row of value) < C weight(value), exactly.
bool is_taken(const rows&, std::uint64_t magnitude, std::uint32_t area, std::uint64_t first_digits,
              const further_digits& further);

} // namespace godwit::noise
