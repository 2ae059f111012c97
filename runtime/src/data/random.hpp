// Where do reproducible random numbers come from? From one seed, a named purpose and a counter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit {

/// Philox4x32-10: one keyed bijection of 128-bit counters (Salmon, Moraes, Dror, Shaw: "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011, section 3). Word 0 is the least significant one.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept;

/// An endless sequence that (seed, purpose, index) decides alone: the seed is Philox's key, a
/// 64-bit hash of purpose and index is the upper half of its counter, the position is the lower
/// half. Streams of one seed are therefore disjoint, and none depends on how much another one was
/// used. Not for secrets. Every variate is computed with + - * / and sqrt only (see
/// portable_math.hpp), never with the standard library's distributions, so the values do not change
/// with the compiler or the C library.
class random_stream {
public:
  using result_type = std::uint64_t;

  /// `purpose` names what is drawn, e.g. "partition iid"; `index` tells apart many of a kind: a
  /// client, a round.
  random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0) noexcept;

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }
  result_type operator()() noexcept { return bits(); }

  /// 64 uniform bits.
  std::uint64_t bits() noexcept;
  /// Uniform over 0 ..< bound, without bias (Lemire 2019, "Fast random integer generation in an
  /// interval"). bound >= 1.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// Uniform over [0, 1), multiples of 2^-53.
  double uniform() noexcept;
  /// Standard normal (Marsaglia and Bray's polar method, 1964).
  double normal() noexcept;
  /// exp(mean + sigma z), z standard normal.
  double lognormal(double mean, double sigma) noexcept;
  /// The logarithm of a Gamma(shape, 1) variate (Marsaglia and Tsang 2000, with section 6's boost
  /// below shape 1). The logarithm, because at small shapes the variate itself underflows. shape >
  /// 0.
  double log_gamma_variate(double shape) noexcept;
  /// A Gamma(shape, 1) variate. shape > 0.
  double gamma(double shape) noexcept;
  /// One draw of Dirichlet(concentrations): proportions that sum to 1. A concentration of 0 gives
  /// 0; at least one must be positive.
  std::vector<double> dirichlet(std::span<const double> concentrations);
  /// A uniformly random order (Fisher and Yates).
  template <class T>
  void shuffle(std::span<T> items) noexcept {
    for (std::size_t left = items.size(); left > 1; --left)
      std::swap(items[left - 1], items[below(left)]);
  }

private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0; ///< the next counter value
  std::array<std::uint64_t, 2> ready_{};
  unsigned ready_count_ = 0; ///< how many of `ready_` are unused
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

} // namespace godwit
