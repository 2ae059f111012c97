#include <godwit/privacy/pld_accountant.hpp>

#include <algorithm>
#include <cmath>

#include <godwit/privacy/gaussian_accountant.hpp>

#include "accounting/bad_input.hpp"
#include "accounting/gaussian_equivalent.hpp"
#include "accounting/loss_grid.hpp"
#include "accounting/loss_sum.hpp"

namespace godwit::accounting {
namespace {

/// What grids leave out on each side, of all releases together, beside delta.
constexpr double tail_share = 1e-7;
/// Beside nothing in particular, where delta is what is asked for.
constexpr double tail_of_unknown_delta = 1e-30;

/// Gaussian releases of everybody, made one, and all the others.
struct parts {
  double mu = 0;
  const std::vector<privacy_event>& events;
};

double release_count(const parts& all) {
  double count = all.mu > 0 ? 1 : 0;
  for (const auto& event : all.events)
    count += static_cast<double>(event.count);
  return count;
}

/// The grids of all releases.
struct gridded {
  std::vector<summand> summands;
  bool is_symmetric = true;
  double square_sum = 0; ///< of the losses of all releases, about; not less where it is small
};

double mean_square(const loss_grid& grid, double interval) {
  double sum = 0;
  for (std::size_t i = 0; i < grid.mass.size(); ++i) {
    const double point = static_cast<double>(grid.first + static_cast<std::int64_t>(i));
    sum += grid.mass[i] * point * point;
  }
  return sum * interval * interval;
}

/// A point of the grid for each so much of a loss's standard deviation: what the grid adds to its
/// variance, a sixth of the interval squared, is then 0.3 %.
constexpr double interval_share = 0.13;

attempt<gridded> put_on_grids(const parts& all, double interval, double tail) {
  gridded made;
  const auto add = [&](const attempt<loss_cells>& cells, std::uint64_t count) -> attempt<done> {
    if (!cells)
      return cells.why();
    summand one{connect_the_dots(*cells, interval), {}, count};
    if (!cells->is_symmetric) {
      one.back = connect_the_dots(mirrored(*cells), interval);
      made.is_symmetric = false;
    }
    double square = mean_square(one.forth, interval);
    if (square * interval_share * interval_share <
        interval * interval) // the grid may be most of it
      square = mean_square(*cells);
    made.square_sum += static_cast<double>(count) * square;
    made.summands.push_back(std::move(one));
    return done{};
  };
  if (all.mu > 0)
    if (auto added = add(gaussian_cells(all.mu, interval, tail), 1); !added)
      return added.why();
  for (const auto& event : all.events)
    if (auto added = add(cells_of(event, interval, tail), event.count); !added)
      return added.why();
  for (summand& one : made.summands)
    if (!made.is_symmetric && one.back.mass.empty())
      one.back = one.forth;
  return made;
}

attempt<double> ask(const parts& all, double interval, double tail, const question& asked) {
  const double count = release_count(all);
  tail /= count;
  auto made = put_on_grids(all, interval, tail);
  if (!made)
    return made.why();
  const double finer =
      std::max(interval_share * std::sqrt(made->square_sum / count), pld_accountant::interval_min);
  if (finer < 0.9 * interval)
    if (auto again = put_on_grids(all, finer, tail)) {
      made = std::move(again);
      interval = finer;
    }
  return answer(made->summands, interval, made->is_symmetric, asked);
}

} // namespace

attempt<done> pld_accountant::compose(const privacy_event& event) {
  if (!(interval_ >= interval_min && interval_ <= interval_max))
    return bad_input(fmt::format("the grid's interval is {}; it has to lie between {} and {}",
                                 interval_, interval_min, interval_max));
  if (auto right = check(event); !right)
    return right;
  if (const auto mu = gaussian_equivalent(event)) {
    mu_squared_ += *mu * *mu;
    return done{};
  }
  if (!has_loss_cells(event))
    return bad_input("the accountant of privacy losses does not know this, the Rényi accountant "
                     "may: " +
                     describe(event));
  const auto same = std::find_if(events_.begin(), events_.end(), [&](const privacy_event& other) {
    return other.mechanism == event.mechanism && other.sampling == event.sampling &&
           other.neighbours == event.neighbours;
  });
  if (same != events_.end())
    same->count += event.count;
  else
    events_.push_back(event);
  return done{};
}

attempt<double> pld_accountant::epsilon(double delta) const {
  if (auto right = check_delta(delta); !right)
    return right.why();
  const parts all{std::sqrt(mu_squared_), events_};
  if (events_.empty()) // exactly
    return all.mu > 0 ? gaussian_epsilon(all.mu, delta) : 0.0;
  return ask(all, interval_, delta * tail_share, {question::sought::epsilon, delta});
}

attempt<double> pld_accountant::delta(double epsilon) const {
  if (auto right = check_epsilon(epsilon); !right)
    return right.why();
  const parts all{std::sqrt(mu_squared_), events_};
  if (events_.empty())
    return all.mu > 0 ? gaussian_delta(all.mu, epsilon) : 0.0;
  return ask(all, interval_, tail_of_unknown_delta, {question::sought::delta, epsilon});
}

} // namespace godwit::accounting
