#include "accounting/loss_window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "accounting/bad_input.hpp"
#include "accounting/loss_moments.hpp"

namespace godwit::accounting {
namespace {

/// Of the tilted mass, so much is left out on each side. It comes back on the other side of the
/// window, where it is as little beside what is looked for.
constexpr double log_share_out = -30;

} // namespace

void loss_direction::add(const loss_grid& grid, std::uint64_t count) {
  grids_.push_back(&grid);
  counts_.push_back(static_cast<double>(count));
}

void loss_direction::try_tilts(double base, double first, double ratio,
                               std::vector<moment>& into) const {
  tilts tried{}, sums{};
  for (double& tilt : tried)
    tilt = base + std::exchange(first, first * ratio);
  for (std::size_t i = 0; i < grids_.size(); ++i) {
    const tilts one = log_moments(*grids_[i], interval_, tried);
    for (std::size_t j = 0; j < tilt_count; ++j)
      sums[j] += counts_[i] * one[j];
  }
  for (std::size_t j = 0; j < tilt_count; ++j)
    into.push_back({tried[j], sums[j]});
}

/// Chernoff's bound at one tilt, of epsilon or of log delta.
double loss_direction::chernoff(const question& asked, const moment& at) {
  if (asked.what == question::sought::delta)
    return at.log - at.tilt * asked.given;
  return at.tilt > 0 ? (at.log - std::log(asked.given)) / at.tilt
                     : std::numeric_limits<double>::infinity();
}

loss_direction::moment loss_direction::best(const question& asked) const {
  const auto by_bound = [&](const moment& a, const moment& b) {
    return chernoff(asked, a) < chernoff(asked, b);
  };
  return *std::min_element(known_.begin(), known_.end(), by_bound);
}

curve_point loss_direction::explore(const question& asked) {
  double total = 0;
  for (std::size_t i = 0; i < grids_.size(); ++i)
    total += counts_[i] * std::log1p(-grids_[i]->infinite);
  known_ = {{0, total}};
  try_tilts(0, std::ldexp(1, -6), 8, known_); // up to 2^15
  if (const double tilt = best(asked).tilt; tilt > 0)
    try_tilts(0, tilt / 2.8, 1.35, known_); // those between its neighbours
  const double bound = chernoff(asked, best(asked));
  return asked.what == question::sought::epsilon ? curve_point{bound, std::log(asked.given)}
                                                 : curve_point{asked.given, std::min(bound, 0.0)};
}

loss_direction::moment loss_direction::gentlest(const curve_point& at) const {
  moment found = known_.front();
  const auto weight = [&](const moment& x) { return at.log_delta - x.log + x.tilt * at.epsilon; };
  for (const moment& next : known_) {
    const bool is_seen = weight(next) >= log_weight_min, was_seen = weight(found) >= log_weight_min;
    if (is_seen && was_seen ? next.tilt < found.tilt : weight(next) > weight(found))
      found = next;
  }
  return found;
}

double loss_direction::high_bound(const moment& at) const {
  double high = std::numeric_limits<double>::infinity(), distance = 0;
  const auto try_more = [&](double first, double ratio) {
    std::vector<moment> others;
    try_tilts(at.tilt, first, ratio, others);
    for (const moment& other : others) {
      const double bound = (other.log - at.log - log_share_out) / (other.tilt - at.tilt);
      if (bound < high) {
        high = bound;
        distance = other.tilt - at.tilt;
      }
    }
  };
  try_more(0.125, 4); // up to 2^11
  try_more((distance > 0 ? distance : 1) / 2.2, 1.25);
  return high;
}

double loss_direction::low_bound(const moment& at) const {
  double low = -std::numeric_limits<double>::infinity(), tilt = 0;
  const auto try_more = [&](double first, double ratio) {
    std::vector<moment> others;
    try_tilts(0, first, ratio, others);
    for (const moment& other : others) {
      const double bound = (at.log - other.log + log_share_out) / (at.tilt - other.tilt);
      if (bound > low) {
        low = bound;
        tilt = other.tilt;
      }
    }
  };
  if (at.tilt > 0)
    try_more(at.tilt * 0.95, 0.65);
  try_more(-0.125, 4); // down to -2^11
  if (tilt < 0)
    try_more(tilt / 2.2, 1.25);
  return low;
}

attempt<window> loss_direction::look_at(const curve_point& at) const {
  window found;
  const moment tilted = gentlest(at);
  found.tilt = tilted.tilt;
  found.log_moment = tilted.log;
  double lowest = 0, highest = 0;
  for (std::size_t i = 0; i < grids_.size(); ++i) {
    lowest += counts_[i] * static_cast<double>(grids_[i]->first);
    highest += counts_[i] * static_cast<double>(grids_[i]->last());
    found.infinite += counts_[i] * grids_[i]->infinite;
  }
  const double low = std::max(lowest * interval_, low_bound(tilted));
  const double high = std::max(low, std::min(highest * interval_, high_bound(tilted)));
  if (high < highest * interval_) // what is above, without its tilt
    found.infinite += std::exp(tilted.log - tilted.tilt * high + log_share_out);
  const double points = (high - low) / interval_;
  if (!(points < static_cast<double>(grid_size_max) - 2))
    return bad_input(fmt::format("the privacy loss of these releases spreads over {:.3g} points of "
                                 "the grid, and {} are the most: there is too little noise, or the "
                                 "interval is too small",
                                 points, grid_size_max));
  found.low = static_cast<std::int64_t>(std::floor(low / interval_));
  found.high = static_cast<std::int64_t>(std::ceil(high / interval_));
  return found;
}

} // namespace godwit::accounting
