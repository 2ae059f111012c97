// What do the releases of trees tell of one client, by the steps in which it had a part?
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <godwit/messages/tree_place.hpp>
#include <godwit/privacy/concentrated_cost.hpp>

namespace godwit {

/// The place behind `last`, in trees of so many rounds: where that tree is over, or has another
/// number of rounds, the first of the next one. The first of all, where there was none.
tree_place place_behind(const std::optional<tree_place>& last, std::uint64_t rounds) noexcept;

/// What so many squares cost: mu^2 = squares / noise_multiplier^2.
accounting::concentrated_cost cost_in_tree(std::uint64_t squares, double noise_multiplier) noexcept;

/// A client's parts in the tree that it was in last.
///
/// Each node whose noisy sum is ever used is a Gaussian mechanism that comes out when its last
/// round is over, and what a client changes in it is the number of its parts there, times the clip
/// norm. So a client's releases amount to one Gaussian mechanism with mu^2 = squares /
/// noise_multiplier^2, squares being the sum over those nodes of that number squared; prefixes, and
/// differences of prefixes, are computed from nodes. Whether it has another part may depend on what
/// came out before: its nodes count from its first part on, though they come out later, and a sum
/// of mu^2 that is held below a bound that was fixed beforehand is as private as the bound
/// (Whitehouse, Ramdas, Rogers & Wu 2023, theorem 1, for zCDP; Smith & Thakurta 2022, for Gaussian
/// differential privacy).
class tree_parts {
public:
  /// It has a part at this place, behind all others or where it has one already (which adds
  /// nothing). Gives by how much squares grow.
  std::uint64_t add(const tree_place&);

  /// By how much one more part adds at the most, wherever it comes behind `last`: in the rest of
  /// that tree, or in a new one of so many rounds.
  std::uint64_t most_of_next(const std::optional<tree_place>& last, std::uint64_t rounds) const;

private:
  std::uint64_t squares_of(const tree_place&) const;
  std::optional<std::uint64_t> tree_;
  std::vector<std::uint64_t> steps_; ///< in it, ascending
};

} // namespace godwit
