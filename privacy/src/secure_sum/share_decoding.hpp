// Which of many shares are wrong, and what do the others give? For a Reed-Solomon code, which is
// what Shamir's shares are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <godwit/privacy/shamir.hpp>

namespace godwit::shamir {

struct corrected {
  share at_zero{};
  std::vector<std::uint32_t> wrong_xs; ///< ascending: wrong in at least one limb
};

/// The only polynomials of degree below `threshold` that miss at most (count - threshold) / 2
/// shares, limb by limb; nothing where one has none. Points are distinct.
std::optional<corrected> correct(std::span<const held_share> shares, std::uint32_t threshold);

} // namespace godwit::shamir
