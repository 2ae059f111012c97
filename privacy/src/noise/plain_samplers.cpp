#include "noise/plain_samplers.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace godwit::noise {

__extension__ using u128 = unsigned __int128;

plain_samplers::plain_samplers(mask_key key) {
  std::ranges::copy(key, key_.begin());
}

std::uint64_t plain_samplers::next_word() {
  if (at_ == held_.size()) {
    write_stream(std::as_writable_bytes(std::span(held_)), key_, {}, read_bytes_);
    read_bytes_ += sizeof held_;
    at_ = 0;
  }
  return held_[at_++];
}

/// Uniform: Lemire 2019, "Fast random integer generation in an interval", algorithm 5.
std::uint64_t plain_samplers::below(std::uint64_t bound) {
  for (;;) {
    const u128 product = u128{next_word()} * bound;
    const auto low = static_cast<std::uint64_t>(product);
    if (low >= bound || low >= (0 - bound) % bound)
      return static_cast<std::uint64_t>(product >> 64);
  }
}

/// Algorithm 1 for gamma = numerator / denominator <= 1.
bool plain_samplers::is_drawn_by_small_exponential(std::uint64_t numerator,
                                                   std::uint64_t denominator) {
  std::uint64_t k = 1;
  while (is_drawn(numerator, denominator * k))
    ++k;
  return k % 2 == 1;
}

/// Algorithm 1.
bool plain_samplers::is_drawn_by_exponential(std::uint64_t numerator, std::uint64_t denominator) {
  for (; numerator > denominator; numerator -= denominator)
    if (!is_drawn_by_small_exponential(1, 1))
      return false;
  return is_drawn_by_small_exponential(numerator, denominator);
}

std::int64_t plain_samplers::discrete_laplace(std::uint64_t scale) {
  for (;;) {
    const std::uint64_t u = below(scale);
    if (!is_drawn_by_small_exponential(u, scale))
      continue;
    std::uint64_t v = 0;
    while (is_drawn_by_small_exponential(1, 1))
      ++v;
    const auto magnitude = static_cast<std::int64_t>(u + scale * v);
    const bool is_negative = (next_word() & 1) != 0;
    if (!(is_negative && magnitude == 0))
      return is_negative ? -magnitude : magnitude;
  }
}

std::int64_t plain_samplers::discrete_gaussian(std::uint64_t variance) {
  const auto t = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(variance))) + 1;
  for (;;) {
    const auto y = discrete_laplace(t);
    // (|y| - variance / t)^2 / (2 variance) = (|y| t - variance)^2 / (2 variance t^2)
    const auto distance =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(std::abs(y)) * t - variance);
    if (is_drawn_by_exponential(static_cast<std::uint64_t>(distance * distance),
                                2 * variance * t * t))
      return y;
  }
}

/// exp(-1) / n!: a number n that is proposed with probability 2^-(n+1) is kept with probability
/// 2^n / (2 n!), which is at most 1.
std::uint64_t plain_samplers::poisson_of_one() {
  for (;;) {
    std::uint64_t n = 0;
    while ((next_word() & 1) != 0)
      ++n;
    bool is_kept = true; // 2^n / (2 n!) = (2/2) (2/2) (2/3) ... (2/n) for n > 0, and 1/2 for 0
    if (n == 0)
      is_kept = is_drawn(1, 2);
    for (std::uint64_t i = 3; i <= n && is_kept; ++i)
      is_kept = is_drawn(2, i);
    if (is_kept)
      return n;
  }
}

std::int64_t plain_samplers::skellam(std::uint64_t variance) {
  std::int64_t difference = 0;
  for (std::uint64_t i = 0; i < variance / 2; ++i) {
    difference += static_cast<std::int64_t>(poisson_of_one());
    difference -= static_cast<std::int64_t>(poisson_of_one());
  }
  return difference;
}

} // namespace godwit::noise
