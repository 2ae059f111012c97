// Which grid and which share of the noise keep a promise about a sum that nobody looks into?
#pragma once

#include <cstdint>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/noise_share.hpp>
#include <godwit/privacy/privacy_event.hpp>
#include <godwit/privacy/secure_terms.hpp>

namespace godwit {

/// What is promised of each opened sum of vectors that are clipped to an L2 norm.
struct distributed_noise {
  noise_kind law = noise_kind::discrete_gaussian; ///< or skellam
  double clip_norm = 1;                           ///< L2; above 0
  /// Standard deviation of the noise in the sum / what one client can change in it, at the least.
  double noise_multiplier = 1;
  std::uint32_t survivors_min = 1; ///< no sum of fewer is opened
  std::uint32_t corrupt_max = 0;   ///< of those who are in it, so many may have added no noise
  std::uint8_t bits = 16;          ///< of each client's entry, at most
  friend bool operator==(const distributed_noise&, const distributed_noise&) = default;
};

/// The finest grid on which vectors of so many values fit their bits together with their noise, and
/// each client's share on it: of the deviation noise_multiplier (the norm after rounding) /
/// sqrt(survivors_min - corrupt_max). Fails with bad_config, in a sentence, where the grid would be
/// so coarse that rounding adds a tenth to the norm, or a share so small that it cannot be relied
/// upon.
attempt<secure_sum::noised_terms> noised_terms_for(const distributed_noise&, std::uint64_t length);

/// What one opened sum tells, if `honest_count` of those who are in it have added their noise.
/// What a client contributes has at most the norm that rounding leaves it.
accounting::privacy_event release_of(const secure_sum::noised_terms&, std::uint64_t length,
                                     std::uint32_t honest_count);

} // namespace godwit
