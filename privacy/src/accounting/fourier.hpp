// Sums of independent losses, fast: the discrete Fourier transform of a power of two of complex
// numbers. Written here because FFTW's licence does not go with ours and what else the distribution
// has (kissfft) comes without doubles.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace godwit::accounting {

/// Transforms real and imaginary parts, each of `size` numbers, in place. `forward` leaves
/// frequencies in bit-reversed order, `inverse` takes them so: nothing that is multiplied frequency
/// by frequency needs an order. Neither divides by the size.
class fourier {
public:
  /// `size` is a power of two, at least 4.
  explicit fourier(std::size_t size);
  void forward(double* re, double* im) const;
  void inverse(double* re, double* im) const;
  std::size_t size() const noexcept { return size_; }

private:
  struct level {
    std::size_t quarter;        ///< this level joins or parts blocks of 4 quarter numbers
    std::vector<double> re, im; ///< exp(-2 pi i j / (4 quarter)), [quarter]
  };
  void forward_block(double* re, double* im, std::size_t at) const;
  void inverse_block(double* re, double* im, std::size_t at) const;

  std::size_t size_;
  std::vector<level> levels_; ///< from the whole down
};

/// Where, in bit-reversed order, the frequency -k lies if k lies at `position` > 0: all bits below
/// the highest one are flipped.
inline std::size_t mirror_position(std::size_t position, std::size_t highest_bit) noexcept {
  return 3 * highest_bit - 1 - position;
}

} // namespace godwit::accounting
