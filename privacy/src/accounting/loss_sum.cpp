#include "accounting/loss_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "accounting/bad_input.hpp"
#include "accounting/loss_curve.hpp"
#include "accounting/loss_window.hpp"
#include "accounting/spectrum.hpp"

namespace godwit::accounting {
namespace {

/// Reads a window's masses off a transform, without their tilt.
class untilted {
public:
  untilted(const window& where, double interval, const std::vector<double>& sum)
      : where_(where), interval_(interval), sum_(sum), growth_(std::exp(where.tilt * interval)),
        renewal_(renewal_of(where.tilt * interval)) {}

  /// The mass at point k; to be asked from the top down.
  double operator()(std::int64_t k) {
    if (steps_++ % renewal_ == 0)
      factor_ = std::exp(where_.log_moment - where_.tilt * static_cast<double>(k) * interval_) /
                static_cast<double>(sum_.size());
    else
      factor_ *= growth_;
    const auto at = static_cast<std::size_t>(k) & (sum_.size() - 1);
    return std::max(sum_[at], 0.0) * factor_;
  }

private:
  const window& where_;
  double interval_;
  const std::vector<double>& sum_;
  double growth_;
  std::uint64_t renewal_;
  double factor_ = 0;
  std::uint64_t steps_ = 0;
};

template <class Mass>
attempt<double> solve(const question& asked, double interval, std::int64_t low, std::int64_t high,
                      double infinite, Mass&& mass) {
  const loss_curve curve{interval, low, high, infinite};
  if (asked.what == question::sought::delta)
    return curve.delta(asked.given, mass);
  if (infinite >= asked.given)
    return bad_input(fmt::format("with probability {:.3g} everything is lost at once, which is not "
                                 "below delta {}; no epsilon is enough",
                                 infinite, asked.given));
  return curve.epsilon(asked.given, mass);
}

attempt<double> answer_for_one(const loss_grid& grid, double interval, const question& asked) {
  return solve(asked, interval, grid.first, grid.last(), grid.infinite,
               [&](std::int64_t k) { return grid.mass[static_cast<std::size_t>(k - grid.first)]; });
}

struct both_ways {
  loss_direction forth, back;
  curve_point forth_at, back_at; ///< where each is looked at
};

struct answers {
  double forth = 0, back = 0;
  window forth_window, back_window;
};

/// One sum, and what is read off it.
attempt<answers> sum_up(std::span<const summand> summands, const both_ways& ways, bool is_symmetric,
                        const question& asked) {
  const auto forth = ways.forth.look_at(ways.forth_at);
  const auto back = is_symmetric ? forth : ways.back.look_at(ways.back_at);
  if (!forth || !back)
    return forth ? back.why() : forth.why();
  const double interval = ways.forth.interval();
  const std::uint64_t width = std::bit_ceil(std::max(forth->width(), back->width()));
  spectrum sum(std::max<std::size_t>(width, spectrum::size_min), interval);
  for (const summand& x : summands)
    sum.multiply({&x.forth, forth->tilt}, {is_symmetric ? nullptr : &x.back, back->tilt}, x.count);
  const auto masses = std::move(sum).finish();
  const auto read = [&](const window& where, const std::vector<double>& from) {
    return solve(asked, interval, where.low, where.high, where.infinite,
                 untilted(where, interval, from));
  };
  const auto forth_answer = read(*forth, masses.first);
  const auto back_answer = is_symmetric ? forth_answer : read(*back, masses.second);
  if (!forth_answer || !back_answer)
    return forth_answer ? back_answer.why() : forth_answer.why();
  return answers{*forth_answer, *back_answer, *forth, *back};
}

curve_point with_answer(const question& asked, double found) {
  if (asked.what == question::sought::epsilon)
    return {found, std::log(asked.given)};
  return {asked.given, std::log(found)};
}

/// Rare large losses make Chernoff's bound loose, and the tilt for it may leave the true point in
/// the dark. Each round gives a bound that is closer, and looks there; mostly the first one is
/// done.
attempt<double> closer_and_closer(std::span<const summand> summands, both_ways& ways,
                                  bool is_symmetric, const question& asked) {
  constexpr int round_count_max = 8;
  double least = std::numeric_limits<double>::infinity(), last_tilt = -1;
  for (int round = 0; round < round_count_max; ++round) {
    const auto found = sum_up(summands, ways, is_symmetric, asked);
    if (!found)
      return found.why();
    const bool is_forth = found->forth >= found->back;
    const double worse = is_forth ? found->forth : found->back;
    least = std::min(least, worse);
    const window& seen_from = is_forth ? found->forth_window : found->back_window;
    const curve_point at = with_answer(asked, worse);
    if (worse == 0 || seen_from.tilt == last_tilt ||
        log_weight(seen_from, at) >= log_weight_min - 2)
      break;
    last_tilt = seen_from.tilt;
    (is_forth ? ways.forth_at : ways.back_at) = at;
    (is_forth ? ways.forth : ways.back).explore({question::sought::delta, at.epsilon});
  }
  return least;
}

} // namespace

attempt<double> answer(std::span<const summand> summands, double interval, bool is_symmetric,
                       const question& asked) {
  if (summands.size() == 1 && summands[0].count == 1) {
    const auto forth = answer_for_one(summands[0].forth, interval, asked);
    const auto back = is_symmetric ? forth : answer_for_one(summands[0].back, interval, asked);
    if (!forth || !back)
      return forth ? back : forth;
    return std::max(*forth, *back);
  }
  both_ways ways{loss_direction(interval), loss_direction(interval), {}, {}};
  for (const summand& x : summands) {
    ways.forth.add(x.forth, x.count);
    ways.back.add(x.back, x.count);
  }
  ways.forth_at = ways.forth.explore(asked);
  if (!is_symmetric)
    ways.back_at = ways.back.explore(asked);
  return closer_and_closer(summands, ways, is_symmetric, asked);
}

} // namespace godwit::accounting
