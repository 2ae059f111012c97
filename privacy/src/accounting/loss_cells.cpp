// The cells of each mechanism's privacy loss.
//
// Additive noise: with A the plain noise, B the one that is shifted by a contribution and l =
// log(B / A), sampling at rate q compares P = (1 - q) A + q B with Q = A, whose loss is
// log(1 - q + q e^l) (Zhu, Dong & Wang 2022, theorem 11). The opposite direction is the mirror
// image.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "accounting/bad_input.hpp"
#include "accounting/gaussian_equivalent.hpp"
#include "accounting/loss_grid.hpp"
#include "accounting/normal_tail.hpp"

namespace godwit::accounting {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

failure too_fine(double width) {
  return bad_input(fmt::format("the privacy loss of one release spreads over {:.3g} points of the "
                               "grid, and {} are the most: there is too little noise, or the "
                               "interval is too small",
                               width, grid_size_max));
}

/// log(1 - q + q e^l).
double mixture_loss(double rate, double loss) {
  if (rate == 1)
    return loss;
  if (loss > 30)
    return loss + std::log(rate + (1 - rate) * std::exp(-loss));
  return loss < -1 ? std::log(1 - rate + rate * std::exp(loss))
                   : std::log1p(rate * std::expm1(loss));
}

/// The l of which that is the mixture's loss; -infinity below all of them.
double unmixed_loss(double rate, double loss) {
  if (rate == 1)
    return loss;
  if (loss > 30)
    return loss - std::log(rate) + std::log1p(-(1 - rate) * std::exp(-loss));
  if (loss < -1) {
    const double ratio = (std::exp(loss) - (1 - rate)) / rate;
    return ratio > 0 ? std::log(ratio) : -infinite;
  }
  const double gain = std::expm1(loss) / rate;
  if (gain > 1)
    return std::log(1 + gain); // which is quicker, and loses nothing here
  return gain > -1 ? std::log1p(gain) : -infinite;
}

/// asinh(e^x), for any x.
double asinh_of_exp(double x) {
  return x < 300 ? std::asinh(std::exp(x)) : x + std::log(2);
}

/// log(sinh(x)), x >= 0.
double log_sinh(double x) {
  return x < 20 ? std::log(std::sinh(x)) : x - std::log(2);
}

// Noise that is symmetric around 0, beside a contribution of 1: the probability above x >= 0, l at
// x and back, and how far out there is less than `tail`.

struct gaussian_noise {
  double sigma;
  double above(double x) const { return upper_tail(x / sigma); }
  double loss(double x) const { return (x - 0.5) / (sigma * sigma); }
  double position(double loss) const { return loss * sigma * sigma + 0.5; }
  double reach(double tail) const { return sigma * std::sqrt(-2 * std::log(tail)); }
};

struct laplace_noise {
  double scale;
  double above(double x) const { return 0.5 * std::exp(-x / scale); }
  double loss(double x) const { return std::clamp(2 * x - 1, -1.0, 1.0) / scale; }
  double position(double loss) const {
    if (std::abs(loss) * scale < 1)
      return (loss * scale + 1) / 2;
    return loss < 0 ? -infinite : infinite;
  }
  double reach(double) const { return 1; } // beyond it the loss does not change
};

/// A point, and the probability beyond it on the side where there is less, so that no digits are
/// lost.
struct cut {
  double x;
  double beyond;
};

template <class Noise>
cut cut_at(const Noise& noise, double x) {
  return {x, noise.above(std::abs(x))};
}

double above(const cut& at) {
  return at.x < 0 ? 1 - at.beyond : at.beyond;
}
double below(const cut& at) {
  return at.x < 0 ? at.beyond : 1 - at.beyond;
}

double between(const cut& low, const cut& high) {
  if (low.x >= 0)
    return low.beyond - high.beyond;
  if (high.x <= 0)
    return high.beyond - low.beyond;
  return 1 - low.beyond - high.beyond;
}

struct cell_range {
  std::int64_t first, last;
};

attempt<cell_range> range_of(double low, double high, double interval) {
  if (!((high - low) / interval < static_cast<double>(grid_size_max) - 2))
    return too_fine((high - low) / interval);
  return cell_range{static_cast<std::int64_t>(std::floor(low / interval)) + 1,
                    static_cast<std::int64_t>(std::ceil(high / interval))};
}

loss_cells empty_cells(std::int64_t first, bool is_symmetric) {
  loss_cells cells;
  cells.first = first;
  cells.is_symmetric = is_symmetric;
  return cells;
}

template <class Noise>
attempt<loss_cells> additive_cells(const Noise& noise, double rate, double interval, double tail) {
  const double reach = noise.reach(tail);
  const auto range = range_of(mixture_loss(rate, noise.loss(-reach)),
                              mixture_loss(rate, noise.loss(1 + reach)), interval);
  if (!range)
    return range.why();
  const auto boundary = [&](std::int64_t k) {
    return noise.position(unmixed_loss(rate, static_cast<double>(k) * interval));
  };
  loss_cells cells = empty_cells(range->first, rate == 1);
  const auto mixed = [rate](double plain, double shifted) {
    return (1 - rate) * plain + rate * shifted;
  };
  cells.p.reserve(static_cast<std::size_t>(range->last - range->first + 1));
  cells.q.reserve(cells.p.capacity());
  double x = boundary(range->first - 1);
  cut plain = cut_at(noise, x), shifted = cut_at(noise, x - 1);
  cells.q_below = below(plain);
  cells.p_below = mixed(below(plain), below(shifted));
  for (std::int64_t k = range->first; k <= range->last; ++k) {
    x = boundary(k);
    const cut next_plain = cut_at(noise, x), next_shifted = cut_at(noise, x - 1);
    const double q = between(plain, next_plain);
    cells.p.push_back(mixed(q, between(shifted, next_shifted)));
    cells.q.push_back(q);
    plain = next_plain;
    shifted = next_shifted;
  }
  cells.q_above = above(plain);
  cells.p_above = mixed(above(plain), above(shifted));
  return cells;
}

/// A replaced client: P = (1 - q) N(0) + q N(1), Q = (1 - q) N(0) + q N(-1) (Lebeda, Regehr, Kamath
/// & Steinke 2025). The loss at x is log((1 - q + q c u) / (1 - q + q c / u)) with u = e^(x / s^2)
/// and c = e^(-1 / 2 s^2): odd in x. For a given loss it is quadratic in u, and solved by
/// log u = loss / 2 + asinh((1 - q) sinh(loss / 2) / (q c)).
attempt<loss_cells> replaced_gaussian_cells(double sigma, double rate, double interval,
                                            double tail) {
  const gaussian_noise noise{sigma};
  const double variance = sigma * sigma, top = 1 + noise.reach(tail), rest = 1 - rate;
  const auto side = [&](double x) { return mixture_loss(rate, (x - 0.5) / variance); };
  const auto range = range_of(side(-top) - side(top), side(top) - side(-top), interval);
  if (!range)
    return range.why();
  const double log_factor = std::log(rest) - std::log(rate) + 0.5 / variance;
  const auto boundary = [&](std::int64_t k) {
    const double half = static_cast<double>(std::abs(k)) * interval / 2;
    const double x = variance * (half + asinh_of_exp(log_factor + log_sinh(half)));
    return k < 0 ? -x : x;
  };
  loss_cells cells = empty_cells(range->first, true);
  const auto mixed = [&](double plain, double shifted) { return rest * plain + rate * shifted; };
  const auto cuts_at = [&](double x) {
    return std::array{cut_at(noise, x), cut_at(noise, x - 1), cut_at(noise, x + 1)};
  };
  auto low = cuts_at(boundary(range->first - 1));
  cells.p_below = mixed(below(low[0]), below(low[1]));
  cells.q_below = mixed(below(low[0]), below(low[2]));
  for (std::int64_t k = range->first; k <= range->last; ++k) {
    const auto high = cuts_at(boundary(k));
    const double plain = between(low[0], high[0]);
    cells.p.push_back(mixed(plain, between(low[1], high[1])));
    cells.q.push_back(mixed(plain, between(low[2], high[2])));
    low = high;
  }
  cells.p_above = mixed(above(low[0]), above(low[1]));
  cells.q_above = mixed(above(low[0]), above(low[2]));
  return cells;
}

/// One outcome, under the plain noise and the shifted one.
struct outcome {
  double loss; ///< log(shifted / plain)
  double plain;
  double shifted;
};

attempt<loss_cells> discrete_cells(const std::vector<outcome>& outcomes, double rate,
                                   double interval, double tail) {
  const auto [low, high] =
      std::minmax_element(outcomes.begin(), outcomes.end(),
                          [](const outcome& a, const outcome& b) { return a.loss < b.loss; });
  const auto range =
      range_of(mixture_loss(rate, low->loss), mixture_loss(rate, high->loss), interval);
  if (!range)
    return range.why();
  // A loss that lies on the grid may be rounded into the cell above its own.
  const auto size = static_cast<std::size_t>(range->last - range->first + 2);
  loss_cells cells = empty_cells(range->first - 1, rate == 1);
  cells.p.assign(size, 0.0);
  cells.q.assign(size, 0.0);
  for (const outcome& x : outcomes) {
    const double cell = std::ceil(mixture_loss(rate, x.loss) / interval);
    const auto at = static_cast<std::size_t>(static_cast<std::int64_t>(cell) - cells.first);
    cells.p[at] += (1 - rate) * x.plain + rate * x.shifted;
    cells.q[at] += x.plain;
  }
  cells.p_below = cells.q_below = cells.p_above = cells.q_above = tail;
  return cells;
}

std::vector<outcome> response_outcomes(const randomised_response& noise) {
  const auto k = static_cast<double>(noise.category_count);
  const double by_chance = noise.noise / k, own = 1 - noise.noise + by_chance;
  const double loss = std::log(own / by_chance);
  return {{loss, by_chance, own},
          {-loss, own, by_chance},
          {0, (k - 2) * by_chance, (k - 2) * by_chance}};
}

std::vector<outcome> discrete_laplace_outcomes(double scale, std::uint32_t reach) {
  const double a = 1 / scale, outside = 1 / (1 + std::exp(-a)), centre = std::tanh(a / 2);
  const double shift = reach;
  std::vector<outcome> outcomes{{-a * shift, outside, outside * std::exp(-a * shift)},
                                {a * shift, outside * std::exp(-a * shift), outside}};
  for (std::uint32_t x = 1; x < reach; ++x)
    outcomes.push_back(
        {a * (2.0 * x - shift), centre * std::exp(-a * x), centre * std::exp(-a * (shift - x))});
  return outcomes;
}

/// The tails beyond are no more than a Gaussian's one step further in (Canonne, Kamath & Steinke
/// 2020, proposition 25).
attempt<std::vector<outcome>> discrete_gaussian_outcomes(double sigma, double shift, double tail) {
  const double reach = std::ceil(sigma * std::sqrt(-2 * std::log(tail))) + 1;
  if (!(2 * reach + shift < static_cast<double>(grid_size_max)))
    return too_fine(2 * reach + shift);
  const double variance = 2 * sigma * sigma;
  double norm = 1;
  for (double x = 1; x <= reach; ++x)
    norm += 2 * std::exp(-x * x / variance);
  std::vector<outcome> outcomes;
  for (double x = -reach; x <= reach + shift; ++x)
    outcomes.push_back({shift * (2 * x - shift) / variance, std::exp(-x * x / variance) / norm,
                        std::exp(-(x - shift) * (x - shift) / variance) / norm});
  return outcomes;
}

double rate_of(const privacy_event& event) {
  const auto* poisson = std::get_if<poisson_sampling>(&event.sampling);
  return poisson != nullptr ? poisson->rate : 1;
}

} // namespace

attempt<loss_cells> gaussian_cells(double mu, double interval, double tail) {
  return additive_cells(gaussian_noise{1 / mu}, 1, interval, tail);
}

bool has_loss_cells(const privacy_event& event) {
  if (std::holds_alternative<fixed_size_sampling>(event.sampling) &&
      !takes_everybody(event.sampling))
    return false;
  if (std::holds_alternative<gaussian>(event.mechanism))
    return true;
  if (!takes_everybody(event.sampling) && event.neighbours == relation::replace_one)
    return false;
  if (const auto* noise = std::get_if<discrete_gaussian>(&event.mechanism))
    return noise->dimension == 1 && noise->client_count == 1 &&
           noise->l2_norm == std::floor(noise->l2_norm);
  return std::holds_alternative<laplace>(event.mechanism) ||
         std::holds_alternative<discrete_laplace>(event.mechanism) ||
         std::holds_alternative<randomised_response>(event.mechanism);
}

attempt<loss_cells> cells_of(const privacy_event& event, double interval, double tail) {
  const double rate = rate_of(event);
  const double differ = contributions_between(event.neighbours);
  if (const auto* noise = std::get_if<gaussian>(&event.mechanism)) {
    if (event.neighbours == relation::replace_one)
      return replaced_gaussian_cells(noise->noise_multiplier, rate, interval, tail);
    return additive_cells(gaussian_noise{noise->noise_multiplier}, rate, interval, tail);
  }
  if (const auto* noise = std::get_if<laplace>(&event.mechanism))
    return additive_cells(laplace_noise{noise->scale / differ}, rate, interval, tail);
  if (const auto* noise = std::get_if<discrete_laplace>(&event.mechanism))
    return discrete_cells(
        discrete_laplace_outcomes(noise->scale, static_cast<std::uint32_t>(differ) * noise->reach),
        rate, interval, 0);
  if (const auto* noise = std::get_if<randomised_response>(&event.mechanism))
    return discrete_cells(response_outcomes(*noise), rate, interval, 0);
  const auto& noise = std::get<discrete_gaussian>(event.mechanism);
  const auto outcomes = discrete_gaussian_outcomes(noise.sigma, differ * noise.l2_norm, tail);
  if (!outcomes)
    return outcomes.why();
  return discrete_cells(*outcomes, rate, interval, tail);
}

} // namespace godwit::accounting
