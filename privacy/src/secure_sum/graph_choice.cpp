// How many neighbours does it take? By exact hypergeometric tails, in plain double arithmetic
// without a mathematical library: server and clients choose apart from each other and must agree.
#include <algorithm>
#include <cmath>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/mask_graph.hpp>

namespace godwit::secure_sum {
namespace {

constexpr double privacy_failure = 0x1p-41;     ///< each of two events
constexpr double correctness_failure = 0x1p-30; ///< of a run in which all keep to the rules

/// `count` of a population of n - 1 are marked, and a client's neighbours are drawn from them.
struct draw_odds {
  double population;
  double marked;
};

/// A product of many factors, with an exponent of its own.
class product {
public:
  void multiply(double factor) {
    mantissa_ *= factor;
    if (mantissa_ < 0x1p-400) {
      mantissa_ *= 0x1p400;
      exponent_ -= 400;
    } else if (mantissa_ > 0x1p400) {
      mantissa_ *= 0x1p-400;
      exponent_ += 400;
    }
  }
  double value() const { return std::ldexp(mantissa_, exponent_); }

private:
  double mantissa_ = 1;
  int exponent_ = 0;
};

/// The probability that exactly `hits` of `drawn` are marked:
/// C(drawn, hits) (marked)_hits (population - marked)_(drawn - hits) / (population)_drawn.
double exactly(const draw_odds& odds, double drawn, double hits) {
  product p;
  for (double i = 0; i < hits; ++i) {
    p.multiply((odds.marked - i) / (odds.population - i));
    p.multiply((drawn - i) / (i + 1));
  }
  for (double i = 0; i < drawn - hits; ++i)
    p.multiply((odds.population - odds.marked - i) / (odds.population - hits - i));
  return p.value();
}

/// The probability that at least `hits` are marked; 1 where that is no more than the expected
/// number, so about a half or more.
double at_least(const draw_odds& odds, double drawn, double hits) {
  if (hits > std::min(odds.marked, drawn))
    return 0;
  if (hits * odds.population <= drawn * odds.marked)
    return 1;
  const double first = exactly(odds, drawn, hits);
  double sum = 1, term = 1;
  for (double i = hits; i < std::min(odds.marked, drawn) && term > sum * 0x1p-60; ++i) {
    term *= (odds.marked - i) * (drawn - i) /
            ((i + 1) * (odds.population - odds.marked - drawn + i + 1));
    sum += term;
  }
  return first * sum;
}

std::uint32_t part_of(std::uint32_t n, std::uint16_t thousandths) {
  return static_cast<std::uint32_t>(std::uint64_t{n} * thousandths / 1000);
}

} // namespace

std::optional<graph_choice> choose_sparse_graph(std::uint32_t n, client_fractions fractions,
                                                share_rule rule) {
  GODWIT_CHECK(n >= 2, "a graph has at least two clients");
  const double all = n;
  const draw_odds corrupt{all - 1, static_cast<double>(part_of(n, fractions.corrupt))};
  const draw_odds dropped{all - 1, static_cast<double>(part_of(n, fractions.dropped))};
  const double lost = (fractions.corrupt + fractions.dropped) / 1000.0;
  if (lost >= 1)
    return {};
  const auto is_served = [&](std::uint32_t k, std::uint32_t t) {
    return all * at_least(dropped, k, k - t + 1) <= correctness_failure;
  };
  double cut_off = all; // n (g + e)^(k / 2)
  std::uint32_t t = 0;  // the largest that serves every survivor; grows with k
  for (std::uint32_t k = 2; k <= std::min(n - 1, sparse_degree_max); k += 2) {
    cut_off *= lost;
    if (cut_off > privacy_failure)
      continue;
    while (t < k && is_served(k, t + 1))
      ++t;
    if (t == 0 || (rule == share_rule::equivocation_proof && 2 * t <= k))
      continue;
    const auto needed = rule == share_rule::plain ? t : std::min(t, 2 * t - k);
    if (all * at_least(corrupt, k, needed) <= privacy_failure)
      return graph_choice{.degree = k, .threshold = t};
  }
  return {};
}

std::optional<graph_choice> choose_graph(std::uint32_t n, client_fractions fractions,
                                         profile against) {
  if (n < 2 || n > graph_count_max)
    return {};
  if (against == profile::semi_honest && n > complete_graph_count_max)
    return choose_sparse_graph(n, fractions, share_rule::equivocation_proof);
  const auto t = (n + part_of(n, fractions.corrupt)) / 2 + 1;
  if (t + part_of(n, fractions.dropped) + 1 > n || n > malicious_count_max)
    return {};
  return graph_choice{.degree = n - 1, .threshold = t};
}

} // namespace godwit::secure_sum
