// How do the sums over the first t rounds, for every t, leave with noise that grows with log t
// only?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/secret.hpp>
#include <godwit/privacy/noise.hpp>

namespace godwit {

/// A node of the binary tree over rounds 0, 1, 2, ...: it covers the rounds index 2^level ..<
/// (index + 1) 2^level.
struct tree_node {
  unsigned level = 0;
  std::uint64_t index = 0;
  friend bool operator==(const tree_node&, const tree_node&) = default;
};

/// The nodes that the first `count` rounds consist of, the largest first: one for each bit of
/// `count` that is 1.
std::vector<tree_node> nodes_of_prefix(std::uint64_t count);

/// Tree aggregation (Dwork, Naor, Pitassi & Rothblum 2010; Chan, Shi & Song 2011), as DP-FTRL has
/// it (Kairouz, McMahan, Song, Thakkar, Thakurta & Xu 2021): each node has noise of its own, once,
/// and the sum over a prefix leaves with that of its nodes. A round is in at most 1 + log2 T nodes.
///
/// Noise is a function of the seed, the tree and the node. So nothing has to be written down but
/// the seed, and what is released again, behind a crash, is the same: fresh noise on the same sum
/// would be a second release, whose mean with the first has less noise.
class noise_tree {
public:
  /// `node_noise` is for each value of a node. `seed` has 32 bytes, secret, and is for the trees of
  /// one job.
  noise_tree(noise_sampler node_noise, secret seed);

  /// Adds the noise of the first `count` rounds of tree number `tree` to their exact sum, mod 2^64.
  /// A tree is begun anew where its rounds are over; each has a number of its own. Takes a draw for
  /// each bit of `count` that is 1.
  void add_to_prefix(std::span<std::uint64_t> sum, std::uint64_t tree, std::uint64_t count) const;

  /// Of each value of that noise.
  double prefix_variance(std::uint64_t count) const;

private:
  secret key_of(std::uint64_t tree, const tree_node&) const;
  noise_sampler noise_;
  secret seed_;
};

} // namespace godwit
