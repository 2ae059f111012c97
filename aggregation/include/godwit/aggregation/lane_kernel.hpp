// Which machine instructions quantise values and pack lanes?
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit {

/// All give the same bits; they differ in speed only.
enum class lane_kernel : std::uint8_t {
  portable = 1,
  avx2 = 2,
  avx512 = 3, ///< with VBMI
};

std::string_view name(lane_kernel) noexcept;

/// Whether this processor (and this build) has it. `portable` always.
bool is_available(lane_kernel kernel) noexcept;

/// The fastest that is available.
lane_kernel best_lane_kernel() noexcept;

} // namespace godwit
