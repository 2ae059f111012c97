// The same answer as Berlekamp and Welch's equations, by Gao's algorithm ("A new algorithm for
// decoding Reed-Solomon codes", 2003), which is quadratic: with f = N / E for the error locator E,
// N and E are a step of Euclid's algorithm on prod (x - x_i) and the interpolant of all shares.
#include "share_decoding.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace godwit::shamir {
namespace {

using polynomial = std::vector<field_element>; // lowest power first, no leading zeros

void trim(polynomial& x) {
  while (!x.empty() && x.back() == field_element())
    x.pop_back();
}

field_element value_at(const polynomial& f, field_element x) {
  field_element value;
  for (std::size_t i = f.size(); i-- > 0;)
    value = value * x + f[i];
  return value;
}

/// by x - root.
void multiply(polynomial& f, field_element root) {
  f.push_back(field_element());
  for (std::size_t i = f.size(); i-- > 0;)
    f[i] = (i > 0 ? f[i - 1] : field_element()) - root * f[i];
}

/// Leaves the remainder in `dividend` and returns the quotient. The divisor is not zero.
polynomial divide(polynomial& dividend, const polynomial& divisor) {
  if (dividend.size() < divisor.size())
    return {};
  const auto scale = divisor.back().inverse();
  polynomial quotient(dividend.size() - divisor.size() + 1);
  for (std::size_t at = quotient.size(); at-- > 0;) {
    const auto factor = dividend[at + divisor.size() - 1] * scale;
    quotient[at] = factor;
    for (std::size_t i = 0; i < divisor.size(); ++i)
      dividend[at + i] = dividend[at + i] - factor * divisor[i];
  }
  trim(dividend);
  return quotient;
}

/// a - q b.
polynomial less_product(polynomial a, const polynomial& q, const polynomial& b) {
  if (!q.empty() && !b.empty())
    a.resize(std::max(a.size(), q.size() + b.size() - 1));
  for (std::size_t i = 0; i < q.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j)
      a[i + j] = a[i + j] - q[i] * b[j];
  trim(a);
  return a;
}

/// f / (x - root), for a root of f.
polynomial without(const polynomial& f, field_element root) {
  polynomial quotient(f.size() - 1);
  field_element carry;
  for (std::size_t i = quotient.size(); i-- > 0;) {
    carry = f[i + 1] + root * carry;
    quotient[i] = carry;
  }
  return quotient;
}

/// For each point the polynomial that is 1 there and 0 at all others (Lagrange).
std::vector<polynomial> base_of(const polynomial& vanishing, std::span<const field_element> xs) {
  std::vector<polynomial> base;
  base.reserve(xs.size());
  for (const auto x : xs) {
    auto& own = base.emplace_back(without(vanishing, x));
    const auto scale = value_at(own, x).inverse();
    for (auto& coefficient : own)
      coefficient = coefficient * scale;
  }
  return base;
}

/// Through all points.
polynomial through(const std::vector<polynomial>& base, std::span<const field_element> ys) {
  polynomial f(base.size());
  for (std::size_t i = 0; i < base.size(); ++i)
    for (std::size_t power = 0; power < f.size(); ++power)
      f[power] = f[power] + ys[i] * base[i][power];
  trim(f);
  return f;
}

/// The polynomial of at most `threshold` coefficients; nothing where there is none near enough.
std::optional<polynomial> nearest(const polynomial& vanishing, polynomial interpolant,
                                  std::size_t count, std::size_t threshold) {
  polynomial above = vanishing, here = std::move(interpolant);
  polynomial locator_above, locator{field_element(1)};
  while (2 * here.size() > count + threshold + 1) { // degree at least (count + threshold) / 2
    auto remainder = above;
    const auto quotient = divide(remainder, here);
    auto next = less_product(std::move(locator_above), quotient, locator);
    locator_above = std::exchange(locator, std::move(next));
    above = std::exchange(here, std::move(remainder));
  }
  auto f = divide(here, locator);
  trim(f);
  if (!here.empty() || f.size() > threshold)
    return {};
  return f;
}

} // namespace

std::optional<corrected> correct(std::span<const held_share> shares, std::uint32_t threshold) {
  std::vector<field_element> xs;
  for (const auto& held : shares)
    xs.emplace_back(held.x);
  polynomial vanishing{field_element(1)};
  for (const auto x : xs)
    multiply(vanishing, x);
  const auto base = base_of(vanishing, xs);
  corrected out;
  std::set<std::uint32_t> wrong;
  for (std::size_t limb = 0; limb < limb_count; ++limb) {
    std::vector<field_element> ys;
    for (const auto& held : shares)
      ys.push_back(held.share[limb]);
    const auto f = nearest(vanishing, through(base, ys), shares.size(), threshold);
    if (!f)
      return {};
    std::size_t misses = 0;
    for (std::size_t i = 0; i < xs.size(); ++i)
      if (!(value_at(*f, xs[i]) == ys[i])) {
        ++misses;
        wrong.insert(shares[i].x);
      }
    if (misses > (shares.size() - threshold) / 2)
      return {};
    out.at_zero[limb] = value_at(*f, field_element());
  }
  out.wrong_xs.assign(wrong.begin(), wrong.end());
  return out;
}

} // namespace godwit::shamir
