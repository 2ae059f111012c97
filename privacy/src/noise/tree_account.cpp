#include <godwit/privacy/tree_account.hpp>

#include <algorithm>
#include <bit>

#include <godwit/messages/check.hpp>

namespace godwit {

tree_place place_behind(const std::optional<tree_place>& last, std::uint64_t rounds) noexcept {
  if (!last)
    return {.tree = 0, .step = 0, .rounds = rounds};
  if (last->rounds == rounds && last->step + 1 < rounds)
    return {.tree = last->tree, .step = last->step + 1, .rounds = rounds};
  return {.tree = last->tree + 1, .step = 0, .rounds = rounds};
}

accounting::concentrated_cost cost_in_tree(std::uint64_t squares,
                                           double noise_multiplier) noexcept {
  return {.rho = static_cast<double>(squares) / (2 * noise_multiplier * noise_multiplier)};
}

/// Over the nodes of even index (the others are in no prefix: nodes_of_prefix) that end within the
/// tree: with c parts in a node one more adds (c + 1)^2 - c^2.
std::uint64_t tree_parts::squares_of(const tree_place& at) const {
  const bool is_same = tree_ == at.tree;
  std::uint64_t sum = 0;
  for (unsigned level = 0; (std::uint64_t{1} << level) <= at.rounds; ++level) {
    const auto node = at.step >> level;
    if (node % 2 == 1 || ((node + 1) << level) > at.rounds)
      continue;
    std::uint64_t count = 0;
    if (is_same) // behind all that are there: they are in the node from its beginning on
      count = static_cast<std::uint64_t>(steps_.end() -
                                         std::ranges::lower_bound(steps_, node << level));
    sum += 2 * count + 1;
  }
  return sum;
}

std::uint64_t tree_parts::add(const tree_place& at) {
  if (tree_ == at.tree && std::ranges::binary_search(steps_, at.step))
    return 0;
  GODWIT_CHECK(!tree_ || *tree_ < at.tree || (*tree_ == at.tree && steps_.back() < at.step),
               "a part in a tree that lies before another");
  const auto squares = squares_of(at);
  if (tree_ != at.tree)
    steps_.clear();
  tree_ = at.tree;
  steps_.push_back(at.step);
  return squares;
}

std::uint64_t tree_parts::most_of_next(const std::optional<tree_place>& last,
                                       std::uint64_t rounds) const {
  std::uint64_t most = std::bit_width(rounds); // the first step of a new tree
  if (!last || tree_ != last->tree || last->rounds != rounds)
    return most;
  for (auto at = *last; ++at.step < rounds;)
    most = std::max(most, squares_of(at));
  return most;
}

} // namespace godwit
