// Which releases are one Gaussian release, and how large is it?
#pragma once

#include <optional>

#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// The most that a client can change in all nodes of a tree, in squares of its clip norm. Nodes of
/// one level cover 2^level steps each, so at most ceil(2^level / separation) of its contributions,
/// and their sum of squares is largest where they are packed into as few nodes as possible. For one
/// contribution it is the tree's height (Kairouz et al. 2021, appendix D).
double tree_sensitivity_squared(const tree_aggregation&);

/// mu = what a neighbour changes / standard deviation, of all `count` releases together, if the
/// noise is Gaussian and everybody takes part; else nothing.
std::optional<double> gaussian_equivalent(const privacy_event&);

/// Whether nobody is left out by chance.
bool takes_everybody(const sampling&);

} // namespace godwit::accounting
