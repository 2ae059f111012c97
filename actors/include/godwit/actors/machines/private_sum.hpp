// How does a sum of updates become one that tells next to nothing of any single client? Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/adaptive_clipping.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/noised_release.hpp>
#include <godwit/privacy/privacy_ledger.hpp>

namespace godwit {

/// The clip norm follows the updates (Andrew, Thakkar, McMahan & Ramaswamy 2021): from round to
/// round it moves towards the one that a part of them are within, by a count that has noise, too.
struct clip_adaptation {
  double quantile = 0.5; ///< the part of updates that shall be short enough; between 0 and 1
  double rate = 0.2;     ///< of the move; above 0, at most 1
  friend bool operator==(const clip_adaptation&, const clip_adaptation&) = default;
};

/// Federated averaging with differential privacy for whole clients (McMahan, Ramage, Talwar & Zhang
/// 2018, algorithm 1, with the estimator of a fixed denominator): each update is cut to an L2 norm,
/// all weigh the same, and the sum gets Gaussian noise.
struct private_mean {
  double clip_norm = 1; ///< L2, of an update; above 0. Of this round, where it adapts itself
  /// Standard deviation of the noise / clip_norm that a release costs, 2^-15 ..= 256. The noise on
  /// the updates is a little more where a count is released beside them: together they cost this.
  double noise_multiplier = 1;
  /// The sum is divided by this, whoever reported: what a neighbour changes must not depend on how
  /// many there were.
  std::uint32_t cohort = 1;
  std::optional<clip_adaptation> adaptation{}; ///< nothing: the norm stays
  /// Tree aggregation, in trees of so many rounds; not with an adaptation. noise_multiplier is then
  /// that of a tree's nodes (Kairouz, McMahan, Song, Thakkar, Thakurta & Xu 2021, algorithm 1).
  /// Nothing: each round has noise of its own.
  std::optional<std::uint64_t> tree_rounds{};
  friend bool operator==(const private_mean&, const private_mean&) = default;
};

/// Standard deviation of the noise on the count of updates that were short enough, in half votes:
/// cohort / 20, as is usual (section 2.1 of the paper), and so much that the count costs at most a
/// ninth of the release.
double count_deviation(const private_mean&) noexcept;

/// What leaves.
struct private_release {
  std::vector<float> mean;           ///< [parameter_count]
  double clip_norm_next = 0;         ///< of the next round; the same, where it stays
  std::optional<tree_place> place{}; ///< in a tree
  sha256_digest result{}; ///< of all that leaves: of the mean, and where it adapts itself, || the
                          ///< next norm as f64
};

/// The exact sum of clipped updates, in steps of 2^-23 of their norm, and whose they are.
class private_sum {
public:
  /// An empty one of vectors of so many values. Fails with bad_config, in a sentence, for rules
  /// that cannot be kept to.
  static attempt<private_sum> begin(const private_mean& rules, std::size_t parameter_count);

  /// Cuts the update, [parameter_count] float32 little endian, so that its integers' norm is at
  /// most 2^23, rounding included, and adds it. Refuses wrong_shape, value_not_finite, duplicate
  /// (it has one in the sum already).
  result<done> add(const client_id&, bytes_view update);

  /// Ends the sum, and begins the next one, under the next norm. The noise's keys follow from
  /// `seed` (32 secret bytes), the round, the rules and the sum: the same sum is released the same,
  /// so that nothing is learned from a repetition, and another sum gets noise of its own.
  ///
  /// In a tree they follow from the seed, the rules and the place, which is the one behind
  /// `last_in_tree` (or null, at the beginning); or that one, where it was this round's with the
  /// same result. Another noise multiplier begins another tree.
  private_release release(const secret& seed, round_id,
                          const privacy_release* last_in_tree = nullptr);

  /// Whose updates are in it, ascending.
  const std::vector<client_id>& clients() const noexcept { return clients_; }
  /// The sum without its noise: for nobody's eyes but tests'.
  std::span<const std::uint64_t> words() const noexcept { return sum_.words(); }
  const private_mean& rules() const noexcept { return rules_; }
  std::size_t parameter_count() const noexcept { return sum_.words().size(); }
  void clear();

private:
  /// How the norm adapts itself, and the noise on what it adapts to.
  struct adapting {
    adaptive_clipping norm;
    noise_sampler noise;
  };
  private_sum(const private_mean&, noised_sum, std::optional<adapting>);
  secret noise_key(const secret& seed, std::uint8_t purpose, round_id) const;
  private_release of_round(const secret& seed, round_id);
  private_release of_place(const secret& seed, const tree_place&) const;
  private_release of_tree(const secret& seed, round_id, const privacy_release* last) const;
  private_mean rules_;
  noised_sum sum_;
  std::optional<adapting> adapting_;
  std::vector<client_id> clients_;
  std::int64_t votes_ = 0; ///< clipping_vote of each update, added up
};

} // namespace godwit
