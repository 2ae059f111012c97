// How is noise on the integers drawn, exactly, and in time that does not depend on what comes out?
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// Laws on the integers. Numbers are part of privacy/NOISE.md.
enum class noise_kind : std::uint8_t {
  discrete_gaussian = 1, ///< weight exp(-x^2 / (2 scale^2)): Canonne, Kamath & Steinke 2020
  discrete_laplace = 2,  ///< weight exp(-|x| / scale): the two-sided geometric
  skellam = 3,           ///< Poisson less Poisson, of mean scale^2 / 2 each: sums are Skellam, too
};

namespace noise {
struct rows;
}

/// Samples come in blocks; each has a nonce of its own, so that threads can share a vector.
inline constexpr std::size_t noise_block_size = 4096;

/// The scales that a sampler is made for.
inline constexpr double noise_scale_min = 0.25;
inline constexpr double noise_scale_max = 0x1p31;
inline constexpr double skellam_scale_max = 4096; ///< of a Skellam sampler

/// Draws from one law. Copies share what they are made of.
///
/// The law is exact but for its tails: what has a weight below exp(-70) at the start of its row is
/// never drawn, so the distance to the law is below 2^-94 a sample, and there is no other error
/// (privacy/NOISE.md, section 6). How long it takes depends on how many proposals were refused,
/// which is independent of the samples; but for one proposal in 2^43 or so nothing else decides.
class noise_sampler {
public:
  /// Fails with bad_config for a scale outside its range, or none. Takes a fraction of a
  /// millisecond; for Skellam noise of a scale of 4096 a fifth of a second, and less in proportion.
  static attempt<noise_sampler> make(noise_kind, double scale);

  noise_kind kind() const noexcept;
  double scale() const noexcept;
  /// Of one sample. Exact to the last digits or so.
  double variance() const;
  /// No sample is larger than this, either way.
  std::uint64_t reach() const noexcept;

  /// Writes the samples of the blocks first_block, first_block + 1, ..., the last one cut where
  /// `out` ends. `key` is for these samples only: drawn again, they are the same, and whoever knows
  /// it can take them off. What is left of the stream in memory is wiped.
  void draw(std::span<std::int64_t> out, mask_key key, std::uint64_t first_block = 0) const;

  /// Adds the same samples to `lanes` mod 2^W.
  void add_to(std::span<std::uint16_t> lanes, mask_key key, std::uint64_t first_block = 0) const;
  void add_to(std::span<std::uint32_t> lanes, mask_key key, std::uint64_t first_block = 0) const;
  void add_to(std::span<std::uint64_t> lanes, mask_key key, std::uint64_t first_block = 0) const;

private:
  explicit noise_sampler(std::shared_ptr<const noise::rows> table) : table_(std::move(table)) {}
  std::shared_ptr<const noise::rows> table_;
};

} // namespace godwit
