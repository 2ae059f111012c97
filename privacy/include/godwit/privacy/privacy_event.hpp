// What was released of somebody's data? The words in which a release is described to the
// accountants.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include <godwit/messages/result.hpp>

namespace godwit::accounting {

// Mechanisms. Noise is stated beside the most that one client contributes: the clip norm. What a
// neighbour can change is derived from that and from the relation, and is twice as much if one
// client is replaced by another.

/// N(0, s^2) on each coordinate of a vector.
struct gaussian {
  double noise_multiplier = 0; ///< s / L2 norm of one contribution; above 0
  friend bool operator==(const gaussian&, const gaussian&) = default;
};

/// Continuous Laplace noise, P(x) ~ exp(-|x| / b).
struct laplace {
  double scale = 0; ///< b / L1 norm of one contribution; above 0
  friend bool operator==(const laplace&, const laplace&) = default;
};

/// Discrete Gaussian noise on the integers, P(x) ~ exp(-x^2 / 2 s^2), from each of `client_count`
/// clients whose values are summed (Kairouz, Liu & Steinke 2021); one: Canonne, Kamath & Steinke
/// 2020.
struct discrete_gaussian {
  double sigma = 0;               ///< s, of one client, in steps of the grid; above 0
  double l2_norm = 1;             ///< of one contribution, in steps of the grid; above 0
  double l1_norm = 1;             ///< likewise; at least l2_norm
  std::uint64_t dimension = 1;    ///< coordinates of a contribution
  std::uint64_t client_count = 1; ///< the least number of honest clients whose noise is in the sum
  friend bool operator==(const discrete_gaussian&, const discrete_gaussian&) = default;
};

/// Discrete Laplace (two-sided geometric) noise on the integers, P(x) ~ exp(-|x| / b), on one
/// value.
struct discrete_laplace {
  double scale = 0;        ///< b in steps of the grid; above 0
  std::uint32_t reach = 1; ///< the most that one client contributes, in steps; 1 … 2^20
  friend bool operator==(const discrete_laplace&, const discrete_laplace&) = default;
};

/// The difference of two Poisson variables of mean v / 2 on each coordinate (Agarwal, Kairouz & Liu
/// 2021). Sums of it are of the same kind, so `variance` is that of the sum of all shares.
struct skellam {
  double variance = 0; ///< v, in squared steps of the grid; above 0
  double l2_norm = 1;  ///< of one contribution, in steps of the grid; above 0
  double l1_norm = 1;  ///< likewise; at least l2_norm
  friend bool operator==(const skellam&, const skellam&) = default;
};

/// A client says one of k categories: with probability `noise` any of them, all alike, else its
/// own.
struct randomised_response {
  std::uint32_t category_count = 2; ///< k, 2 or more
  double noise = 0;                 ///< 0 < noise <= 1
  friend bool operator==(const randomised_response&, const randomised_response&) = default;
};

/// DP-FTRL: prefix sums from a binary tree whose every node gets Gaussian noise (Kairouz et al.
/// 2021, "Practical and private (deep) learning without sampling or shuffling", appendix D). One
/// event is a whole tree.
struct tree_aggregation {
  double noise_multiplier = 0;           ///< s of a node / L2 norm of one contribution; above 0
  std::uint64_t step_count = 0;          ///< leaves: rounds until the tree is begun anew; above 0
  std::uint64_t participation_count = 1; ///< a client contributes at most so often to one tree
  std::uint64_t separation = 1;          ///< and its contributions lie at least so many steps apart
  friend bool operator==(const tree_aggregation&, const tree_aggregation&) = default;
};

/// Whatever is rho-zCDP (Bun & Steinke 2016) by its own proof, for the stated relation.
struct concentrated {
  double rho = 0; ///< 0 or more
  friend bool operator==(const concentrated&, const concentrated&) = default;
};

using mechanism = std::variant<gaussian, laplace, discrete_gaussian, discrete_laplace, skellam,
                               randomised_response, tree_aggregation, concentrated>;

// Sampling: who is in a release.

/// Everybody, or whoever happens to be there.
struct everyone {
  friend bool operator==(everyone, everyone) = default;
};

/// Each client for itself with the same probability, in secret.
struct poisson_sampling {
  double rate = 1; ///< 0 < rate <= 1
  friend bool operator==(poisson_sampling, poisson_sampling) = default;
};

/// A uniformly random subset of a fixed size, in secret.
struct fixed_size_sampling {
  std::uint64_t sample_size = 1;     ///< above 0
  std::uint64_t population_size = 1; ///< at least sample_size
  friend bool operator==(fixed_size_sampling, fixed_size_sampling) = default;
};

/// Clients are chosen by something that is not chance alone: speed, data, battery, a shuffled list,
/// a choice that is made public. It is accounted as if everybody took part each time.
struct chosen {
  std::string selector; ///< for people: what chooses, e.g. "the resource-aware selector"
  friend bool operator==(const chosen&, const chosen&) = default;
};

using sampling = std::variant<everyone, poisson_sampling, fixed_size_sampling, chosen>;

/// Which two populations must look alike.
enum class relation : std::uint8_t {
  add_or_remove_one, ///< they differ by one client that is there or not (or whose part is zero)
  replace_one,       ///< they have the same size and one client is another
};

/// `count` releases of one kind, one after the other; each may depend on what came out before.
struct privacy_event {
  accounting::mechanism mechanism;
  accounting::sampling sampling = everyone{};
  relation neighbours = relation::add_or_remove_one;
  std::uint64_t count = 1; ///< 1 … event_count_max
  friend bool operator==(const privacy_event&, const privacy_event&) = default;
};

inline constexpr std::uint64_t event_count_max = 1'000'000'000;

/// Fails with bad_config, naming what was found and what is accepted, where a parameter is out of
/// its range, not finite, or does not go with the sampling or the relation.
attempt<done> check(const privacy_event&);

/// One sentence for people: noise, who is in it, relation, count. Where the selection is not random
/// it says that nothing is gained by it.
std::string describe(const privacy_event&);

/// 1, or 2 where a client is replaced: how many contributions two neighbours differ by.
inline double contributions_between(relation neighbours) noexcept {
  return neighbours == relation::replace_one ? 2 : 1;
}

} // namespace godwit::accounting
