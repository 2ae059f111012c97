// Which keys and laws do tests of the noise draw from?
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/noise.hpp>

namespace godwit {

/// A key that a seed stands for, and that a failing test can print.
inline std::array<std::byte, mask_key_bytes> noise_key(std::uint64_t seed) {
  std::array<std::byte, mask_key_bytes> key{std::byte{'t'}};
  for (std::size_t i = 0; i < 8; ++i)
    key[i + 1] = static_cast<std::byte>(seed >> (8 * i));
  return key;
}

inline std::vector<std::int64_t> drawn(noise_kind kind, double scale, std::size_t count,
                                       std::uint64_t seed) {
  std::vector<std::int64_t> samples(count);
  const auto sampler = noise_sampler::make(kind, scale);
  REQUIRE(sampler);
  sampler->draw(samples, noise_key(seed));
  return samples;
}

/// The weight of x, not normalised.
struct noise_weight {
  noise_kind kind;
  double scale;
  double operator()(double x) const {
    switch (kind) {
    case noise_kind::discrete_gaussian:
      return std::exp(-x * x / (2 * scale * scale));
    case noise_kind::discrete_laplace:
      return std::exp(-std::abs(x) / scale);
    case noise_kind::skellam:
      return std::cyl_bessel_i(std::abs(x), scale * scale) * std::exp(-scale * scale);
    }
    return 0;
  }
};

} // namespace godwit
