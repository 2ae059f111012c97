// How does the privacy loss of many releases spread, where it matters for one question?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>

#include "accounting/loss_grid.hpp"

namespace godwit::accounting {

/// Independent losses of one kind, in both directions. They agree where that is symmetric.
struct summand {
  loss_grid forth, back;
  std::uint64_t count = 1;
};

/// What is asked: the least epsilon for a delta, or the least delta for an epsilon.
struct question {
  enum class sought : std::uint8_t { epsilon, delta };
  sought what = sought::epsilon;
  double given = 0; ///< the other one
};

/// The answer for the worse of two directions. Fails with bad_config where the sum would need more
/// than grid_size_max points, or where more than delta is lost at once.
///
/// The sum is computed with each mass tilted, m e^(t l) / M(t): with t from the Chernoff bound for
/// the question, most of the tilted mass lies where the answer is, and rounding errors are relative
/// to delta instead of to 1 (as in the saddle-point method; Alghamdi et al. 2023). What the window
/// of the transform leaves out above counts as lost, below it is too little to matter: both by
/// Chernoff's bound on the grids themselves.
attempt<double> answer(std::span<const summand>, double interval, bool is_symmetric,
                       const question&);

} // namespace godwit::accounting
