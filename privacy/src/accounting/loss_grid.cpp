#include "accounting/loss_grid.hpp"

#include <algorithm>
#include <cmath>

namespace godwit::accounting {

loss_cells mirrored(const loss_cells& cells) {
  loss_cells out;
  out.first = 2 - cells.first - static_cast<std::int64_t>(cells.p.size());
  out.p.assign(cells.q.rbegin(), cells.q.rend());
  out.q.assign(cells.p.rbegin(), cells.p.rend());
  out.p_below = cells.q_above;
  out.q_below = cells.p_above;
  out.p_above = cells.q_below;
  out.q_above = cells.p_below;
  out.is_symmetric = cells.is_symmetric;
  return out;
}

double mean_square(const loss_cells& cells) {
  double sum = 0;
  for (std::size_t i = 0; i < cells.p.size(); ++i)
    if (cells.p[i] > 0 && cells.q[i] > 0) {
      const double loss = std::log(cells.p[i] / cells.q[i]);
      sum += cells.p[i] * loss * loss;
    }
  return sum;
}

loss_grid connect_the_dots(const loss_cells& cells, double interval) {
  loss_grid grid;
  grid.first = cells.first - 1;
  grid.mass.assign(cells.p.size() + 1, 0.0);
  grid.infinite = cells.p_above;
  const double width = -std::expm1(-interval), growth = std::exp(interval);
  constexpr std::size_t renewal = 32; // exponentials by multiplication, anew so often
  double e_low = 0;
  for (std::size_t i = 0; i < cells.p.size(); ++i) {
    const double low = static_cast<double>(grid.first + static_cast<std::int64_t>(i)) * interval;
    e_low = i % renewal == 0 ? std::exp(low) : e_low * growth;
    // Of p = lower + upper and q = lower e^-low + upper e^-(low + h).
    const double upper = std::clamp((cells.p[i] - cells.q[i] * e_low) / width, 0.0, cells.p[i]);
    grid.mass[i] += cells.p[i] - upper;
    grid.mass[i + 1] += upper;
  }
  grid.mass.front() += cells.p_below;
  return grid;
}

} // namespace godwit::accounting
