// How do a client's examples come to lie side by side in memory?
#pragma once

#include <vector>

#include "data/dataset.hpp"

namespace godwit::simulated {

/// The same examples in the same order, in one new data set that has each client's in a row.
/// Thousands of clients that each take small steps would otherwise wait for memory more than they
/// compute. `parts` all share one data set; there is at least one.
std::vector<examples> side_by_side(const std::vector<examples>& parts);

} // namespace godwit::simulated
