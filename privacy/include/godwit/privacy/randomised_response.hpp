// How does a client say in which of k categories it is, so that nobody can be sure, and what do
// many such answers say?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// k-ary randomised response (Warner 1965; Kairouz, Bonawitz & Ramage 2016, section 2.2): with
/// probability `noise` an answer is any category, all alike, else it is the client's own. Whatever
/// an answer is, no category makes it more than 1 + k (1 - noise) / noise = exp(epsilon) times as
/// likely as another.
class randomised_response {
public:
  static constexpr std::uint32_t category_count_max = 1U << 20;

  /// With noise = k / (exp(epsilon) + k - 1), rounded up to a multiple of 2^-63. Fails with
  /// bad_config unless 2 <= k <= category_count_max and 0 < epsilon <= 40.
  static attempt<randomised_response> make(std::uint32_t category_count, double epsilon);

  double noise() const noexcept;
  std::uint32_t category_count() const noexcept { return category_count_; }

  /// Puts an answer in each category's place. `key` is for these answers only. Neither time nor
  /// addresses depend on the categories or on which answers are true. Refuses value_out_of_range (a
  /// category that is none): then nothing is changed.
  result<done> answer(std::span<std::uint32_t> categories, mask_key key) const;

  /// What the answers say of the categories: counts whose mean is the true count, though one by one
  /// they may be negative or too large. `answers[c]` is how often c was answered; one entry for
  /// each category.
  std::vector<double> estimate(std::span<const std::uint64_t> answers) const;

  /// The largest variance of an estimate from so many answers: n noise' (1 - noise') / (1 -
  /// noise)^2 at the worst count.
  double estimate_variance_max(std::uint64_t answer_count) const;

private:
  randomised_response(std::uint32_t category_count, std::uint64_t threshold)
      : category_count_(category_count), threshold_(threshold) {}
  std::uint32_t category_count_;
  std::uint64_t threshold_; ///< noise 2^63
};

/// A metric of 0 ..= 1 (an accuracy, a rate) as one of two categories, 1 with that probability: so
/// that the mean of answers estimates the mean of metrics. `draw` is 64 uniform bits for this value
/// only. Refuses value_not_finite and value_out_of_range.
result<std::uint32_t> category_of_metric(double metric, std::uint64_t draw);

} // namespace godwit
