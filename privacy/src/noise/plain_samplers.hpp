// How is discrete noise drawn by the book, exactly, with nothing but whole numbers? Not in constant
// time: these are what the sampler that is released is compared with, in law and in speed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <godwit/privacy/mask.hpp>

namespace godwit::noise {

/// The algorithms 1 to 3 of Canonne, Kamath & Steinke 2020, over the stream of a key.
class plain_samplers {
public:
  explicit plain_samplers(mask_key key);

  /// exp(-x^2 / (2 variance)), for a whole variance of 1 ..= 2^24 (algorithm 3).
  std::int64_t discrete_gaussian(std::uint64_t variance);

  /// exp(-|x| / scale), for a whole scale of 1 ..= 2^32 (algorithm 2 with s = 1).
  std::int64_t discrete_laplace(std::uint64_t scale);

  /// The difference of two Poisson numbers of mean variance / 2 each, for an even variance of
  /// 2 ..= 2^20. Takes time in proportion to it.
  std::int64_t skellam(std::uint64_t variance);

  /// True with probability numerator / denominator <= 1.
  bool is_drawn(std::uint64_t numerator, std::uint64_t denominator) {
    return below(denominator) < numerator;
  }

private:
  bool is_drawn_by_exponential(std::uint64_t numerator, std::uint64_t denominator);
  bool is_drawn_by_small_exponential(std::uint64_t numerator, std::uint64_t denominator);
  std::uint64_t poisson_of_one();
  std::uint64_t below(std::uint64_t bound);
  std::uint64_t next_word();

  std::array<std::byte, mask_key_bytes> key_;
  std::array<std::uint64_t, 1024> held_{};
  std::size_t at_ = held_.size();
  std::uint64_t read_bytes_ = 0;
};

} // namespace godwit::noise
