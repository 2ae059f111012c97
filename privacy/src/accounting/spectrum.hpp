// The distribution of a sum, by Fourier transform, in two directions at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "accounting/fourier.hpp"
#include "accounting/loss_grid.hpp"

namespace godwit::accounting {

/// e^(tilt i) is computed by multiplication, and anew after so many steps: before rounding errors
/// add up, and before a factor that was too small for a double could have grown to matter.
inline std::size_t renewal_of(double tilt) {
  return static_cast<std::size_t>(std::clamp(30 / std::abs(tilt), 1.0, 1024.0));
}

/// A grid, or none, and the tilt under which it is added.
struct tilted_grid {
  const loss_grid* grid = nullptr;
  double tilt = 0;
};

/// The product of transforms. One direction travels as real part, the other as imaginary one.
class spectrum {
public:
  static constexpr std::size_t size_min = 16;

  /// `size` points, a power of two of at least size_min; point k lies at k mod size.
  spectrum(std::size_t size, double interval);
  /// Adds `count` independent losses. Each grid's tilted mass is made 1.
  void multiply(const tilted_grid& forth, const tilted_grid& back, std::uint64_t count);
  /// The tilted masses of the sum in each direction, times `size`; with rounding errors, so some
  /// may be below 0.
  std::pair<std::vector<double>, std::vector<double>> finish() &&;

private:
  struct half { ///< frequencies 0, size / 2, and one of each pair of opposite ones
    std::vector<double> re, im;
  };
  void take_apart();

  double interval_;
  fourier transform_;
  std::vector<double> re_, im_;
  half next_forth_, next_back_, forth_, back_;
};

} // namespace godwit::accounting
