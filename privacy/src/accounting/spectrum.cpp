#include "accounting/spectrum.hpp"

#include <algorithm>
#include <cmath>

namespace godwit::accounting {
namespace {

/// Adds the grid's tilted masses, which sum up to 1, to the points that they lie on.
void scatter(const tilted_grid& from, double interval, std::vector<double>& points) {
  const loss_grid& grid = *from.grid;
  const double tilt = from.tilt * interval, growth = std::exp(tilt);
  const std::size_t renewal = renewal_of(tilt);
  // Beside the largest one, so that none overflows.
  const double top = tilt > 0 ? static_cast<double>(grid.last()) : static_cast<double>(grid.first);
  std::vector<double> tilted(grid.mass.size());
  double sum = 0;
  for (std::size_t start = 0; start < tilted.size(); start += renewal) {
    double factor =
        std::exp(tilt * (static_cast<double>(grid.first) + static_cast<double>(start) - top));
    const std::size_t end = std::min(start + renewal, tilted.size());
    for (std::size_t i = start; i < end; ++i, factor *= growth) {
      tilted[i] = grid.mass[i] * factor;
      sum += tilted[i];
    }
  }
  const std::size_t mask = points.size() - 1;
  for (std::size_t i = 0; i < tilted.size(); ++i)
    points[(static_cast<std::size_t>(grid.first) + i) & mask] += tilted[i] / sum;
}

void multiply_by(double& re, double& im, double by_re, double by_im) {
  const double product = re * by_re - im * by_im;
  im = re * by_im + im * by_re;
  re = product;
}

/// product *= base^count, by squaring, a few frequencies at a time so that they stay in a cache.
/// What has become too small to matter is made 0 before it slows the processor down as a denormal.
void multiply_power(std::vector<double>& product_re, std::vector<double>& product_im,
                    std::vector<double>& base_re, std::vector<double>& base_im,
                    std::uint64_t count) {
  constexpr std::size_t chunk = 256;
  constexpr double nothing = 1e-100;
  for (std::size_t start = 0; start < base_re.size(); start += chunk) {
    const std::size_t end = std::min(start + chunk, base_re.size());
    for (std::uint64_t bits = count; bits != 0; bits >>= 1) {
      if ((bits & 1) != 0)
        for (std::size_t i = start; i < end; ++i)
          multiply_by(product_re[i], product_im[i], base_re[i], base_im[i]);
      if (bits == 1)
        break;
      for (std::size_t i = start; i < end; ++i) {
        const double re = base_re[i] * base_re[i] - base_im[i] * base_im[i];
        const double im = 2 * base_re[i] * base_im[i];
        base_re[i] = std::abs(re) < nothing ? 0 : re;
        base_im[i] = std::abs(im) < nothing ? 0 : im;
      }
    }
  }
}

} // namespace

spectrum::spectrum(std::size_t size, double interval)
    : interval_(interval), transform_(size), re_(size), im_(size) {
  const std::size_t half_size = size / 2 + 1;
  for (half* one : {&next_forth_, &next_back_, &forth_, &back_}) {
    one->re.assign(half_size, 1.0);
    one->im.assign(half_size, 0.0);
  }
}

/// A transform of x + i y at k and -k is X + i Y and conj(X) + i conj(Y), x and y being real.
void spectrum::take_apart() {
  for (std::size_t i = 0; i < 2; ++i) {
    next_forth_.re[i] = re_[i];
    next_forth_.im[i] = 0;
    next_back_.re[i] = im_[i];
    next_back_.im[i] = 0;
  }
  std::size_t at = 2;
  for (std::size_t block = 2; block < re_.size(); block *= 2)
    for (std::size_t k = block; k < block + block / 2; ++k, ++at) {
      const std::size_t opposite = mirror_position(k, block);
      next_forth_.re[at] = (re_[k] + re_[opposite]) / 2;
      next_forth_.im[at] = (im_[k] - im_[opposite]) / 2;
      next_back_.re[at] = (im_[k] + im_[opposite]) / 2;
      next_back_.im[at] = (re_[opposite] - re_[k]) / 2;
    }
}

void spectrum::multiply(const tilted_grid& forth, const tilted_grid& back, std::uint64_t count) {
  std::fill(re_.begin(), re_.end(), 0.0);
  std::fill(im_.begin(), im_.end(), 0.0);
  scatter(forth, interval_, re_);
  if (back.grid != nullptr)
    scatter(back, interval_, im_);
  transform_.forward(re_.data(), im_.data());
  take_apart();
  multiply_power(forth_.re, forth_.im, next_forth_.re, next_forth_.im, count);
  if (back.grid != nullptr)
    multiply_power(back_.re, back_.im, next_back_.re, next_back_.im, count);
}

std::pair<std::vector<double>, std::vector<double>> spectrum::finish() && {
  for (std::size_t i = 0; i < 2; ++i) {
    re_[i] = forth_.re[i];
    im_[i] = back_.re[i];
  }
  std::size_t at = 2;
  for (std::size_t block = 2; block < re_.size(); block *= 2)
    for (std::size_t k = block; k < block + block / 2; ++k, ++at) {
      const std::size_t opposite = mirror_position(k, block);
      re_[k] = forth_.re[at] - back_.im[at];
      im_[k] = forth_.im[at] + back_.re[at];
      re_[opposite] = forth_.re[at] + back_.im[at];
      im_[opposite] = back_.re[at] - forth_.im[at];
    }
  transform_.inverse(re_.data(), im_.data());
  return {std::move(re_), std::move(im_)};
}

} // namespace godwit::accounting
