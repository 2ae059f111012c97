// Where does the privacy loss of many releases lie, and how is it tilted to be seen well?
#pragma once

#include <cstdint>
#include <vector>

#include <godwit/messages/result.hpp>

#include "accounting/loss_grid.hpp"
#include "accounting/loss_sum.hpp"

namespace godwit::accounting {

/// The points that are computed, and the tilt under which.
struct window {
  double tilt = 0;
  double log_moment = 0; ///< of the sum, at the tilt
  double infinite = 0;   ///< at most so much is lost, at once or above the window
  std::int64_t low = 0, high = 0;
  std::uint64_t width() const { return static_cast<std::uint64_t>(high - low) + 1; }
};

/// A point of a privacy curve: delta goes with epsilon.
struct curve_point {
  double epsilon = 0;
  double log_delta = 0;
};

/// One direction of a sum that is yet to be computed, and what is known of its moments.
class loss_direction {
public:
  explicit loss_direction(double interval) : interval_(interval) {}
  /// Keeps a reference to the grid.
  void add(const loss_grid&, std::uint64_t count);

  /// Tries tilts, and gives Chernoff's bound for the question: the point that is right at most.
  curve_point explore(const question&);

  /// The window for the gentlest tilt under which the point is well seen, or the best there is.
  /// Fails with bad_config where it would have more than grid_size_max points.
  attempt<window> look_at(const curve_point&) const;

  double interval() const noexcept { return interval_; }

private:
  struct moment {
    double tilt, log;
  };
  /// base + first, base + first ratio, base + first ratio^2 … : all of one sign.
  void try_tilts(double base, double first, double ratio, std::vector<moment>& into) const;
  static double chernoff(const question&, const moment&);
  moment best(const question&) const;
  moment gentlest(const curve_point&) const;
  /// All but a negligible share of the mass that is tilted so lies between: Chernoff again.
  double low_bound(const moment&) const;
  double high_bound(const moment&) const;

  double interval_;
  std::vector<const loss_grid*> grids_;
  std::vector<double> counts_;
  std::vector<moment> known_; ///< no tilt, and positive ones
};

/// log of how much of the tilted mass lies about beyond the point.
inline double log_weight(const window& from, const curve_point& at) {
  return at.log_delta - (from.log_moment - from.tilt * at.epsilon);
}

/// More than that is far above what rounding errors and the window leave.
inline constexpr double log_weight_min = -14;

} // namespace godwit::accounting
