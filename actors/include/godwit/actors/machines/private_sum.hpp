// How does a sum of updates become one that tells next to nothing of any single client? Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

/// Federated averaging with differential privacy for whole clients (McMahan, Ramage, Talwar & Zhang
/// 2018, algorithm 1, with the estimator of a fixed denominator): each update is cut to an L2 norm,
/// all weigh the same, and the sum gets Gaussian noise.
struct private_mean {
  double clip_norm = 1;        ///< L2, of an update; above 0
  double noise_multiplier = 1; ///< standard deviation of the noise / clip_norm
  /// The sum is divided by this, whoever reported: what a neighbour changes must not depend on how
  /// many there were.
  std::uint32_t cohort = 1;
  friend bool operator==(const private_mean&, const private_mean&) = default;
};

/// Whether a vector of so many values can be cut to that norm on the grid of fixed_point, and the
/// noise can be drawn on it: the standard deviation is at least 2^8 of its steps, so that what is
/// proven of the continuous Gaussian mechanism holds, and at most noise_scale_max.
bool is_possible(const private_mean&, std::uint64_t parameter_count) noexcept;

/// The exact sum of clipped updates, as integers x * 2^24, and whose they are.
class private_sum {
public:
  /// An empty one, under rules that are possible.
  private_sum(const private_mean& rules, std::size_t parameter_count);

  /// Cuts the update, [parameter_count] float32 little endian, so that its integers' norm is at
  /// most clip_norm * 2^24, rounding included, and adds it. Refuses wrong_shape, value_not_finite,
  /// duplicate (it has one in the sum already).
  result<done> add(const client_id&, bytes_view update);

  /// The sum with its noise, divided: `mean` is [parameter_count]. The noise's key follows from
  /// `seed` (32 secret bytes), the round and the sum: the same sum is released the same, so that
  /// nothing is learned from a repetition, and another sum gets noise of its own.
  void release(const secret& seed, round_id, std::span<float> mean) const;

  /// Whose updates are in it, ascending.
  const std::vector<client_id>& clients() const noexcept { return clients_; }
  /// The sum without its noise, as fixed_point_sum has it: for nobody's eyes but tests'.
  std::span<const std::uint64_t> words() const noexcept { return sum_.words(); }
  const private_mean& rules() const noexcept { return rules_; }
  std::size_t parameter_count() const noexcept { return sum_.parameter_count(); }
  void clear() noexcept;

private:
  private_mean rules_;
  fixed_point_sum sum_;
  std::vector<client_id> clients_;
};

} // namespace godwit
