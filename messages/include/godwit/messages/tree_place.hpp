// Where does a release stand among trees of noise?
#pragma once

#include <cstdint>

namespace godwit {

/// The sum over the first `step` + 1 rounds of a tree, less that over the first `step`.
struct tree_place {
  std::uint64_t tree = 0;
  std::uint64_t step = 0;   ///< below `rounds`
  std::uint64_t rounds = 1; ///< of a whole tree, 1 ..= tree_rounds_max
  friend bool operator==(const tree_place&, const tree_place&) = default;
};

/// So many rounds at most make a tree.
inline constexpr std::uint64_t tree_rounds_max = 4096;

} // namespace godwit
