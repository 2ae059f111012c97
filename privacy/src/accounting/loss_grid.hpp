// How does the privacy loss of one release spread over a grid?
#pragma once

#include <cstdint>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// Two neighbours' outputs P and Q, cut by their loss log(P / Q) into cells: cell i has the losses
/// in ((first + i - 1) h, (first + i) h].
struct loss_cells {
  std::int64_t first = 0;
  std::vector<double> p, q;        ///< the probability of each cell under P and Q
  double p_below = 0, q_below = 0; ///< at most so much lies below all cells
  double p_above = 0, q_above = 0; ///< and above
  bool is_symmetric = false;       ///< the loss of Q against P spreads like that of P against Q
};

/// The same with P and Q exchanged.
loss_cells mirrored(const loss_cells&);

/// The mean square of the loss under P, however small it is beside a cell: each cell's own p / q
/// stands for its losses. Infinite ones are left out.
double mean_square(const loss_cells&);

/// Mass at the losses (first + i) h, and at infinity.
struct loss_grid {
  std::int64_t first = 0;
  std::vector<double> mass;
  double infinite = 0;
  std::int64_t last() const { return first + static_cast<std::int64_t>(mass.size()) - 1; }
};

/// Puts each cell's mass on its two ends so that P and Q keep theirs: delta is then right at each
/// point of the grid, and above the truth between (Doroshenko et al. 2022, section 3). Mass below
/// goes up to the lowest point, mass above to infinity.
loss_grid connect_the_dots(const loss_cells&, double interval);

inline constexpr std::size_t grid_size_max = std::size_t{1} << 24;

/// The cells of one release of the event (whatever its count), of a kind that `has_loss_cells`,
/// leaving at most `tail` of each side out. Fails with bad_config where there would be more than
/// grid_size_max. Gaussian noise of everybody is to be asked for with its own mu.
attempt<loss_cells> cells_of(const privacy_event&, double interval, double tail);
attempt<loss_cells> gaussian_cells(double mu, double interval, double tail);
bool has_loss_cells(const privacy_event&);

} // namespace godwit::accounting
