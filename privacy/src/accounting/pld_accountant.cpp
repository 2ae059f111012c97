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

attempt<double> ask(const parts& all, double interval, double tail, const question& asked) {
  std::vector<summand> summands;
  bool is_symmetric = true;
  const auto add = [&](const attempt<loss_cells>& cells, std::uint64_t count) -> attempt<done> {
    if (!cells)
      return cells.why();
    summand one{connect_the_dots(*cells, interval), {}, count};
    if (!cells->is_symmetric) {
      one.back = connect_the_dots(mirrored(*cells), interval);
      is_symmetric = false;
    }
    summands.push_back(std::move(one));
    return done{};
  };
  tail /= release_count(all);
  if (all.mu > 0)
    if (auto added = add(gaussian_cells(all.mu, interval, tail), 1); !added)
      return added.why();
  for (const auto& event : all.events)
    if (auto added = add(cells_of(event, interval, tail), event.count); !added)
      return added.why();
  for (summand& one : summands)
    if (!is_symmetric && one.back.mass.empty())
      one.back = one.forth;
  return answer(summands, interval, is_symmetric, asked);
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
