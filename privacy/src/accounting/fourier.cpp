// Radix 4: two levels of the radix-2 transform in one pass, decimation in frequency forwards and in
// time back (Van Loan 1992, sections 2.4 and 2.8). Blocks are finished one after the other, so that
// most passes find theirs in a cache.
#include "accounting/fourier.hpp"

#include <cmath>
#include <numbers>

namespace godwit::accounting {
namespace {

/// exp(-2 pi i j / size) for j < size / 4, each by one product of two exact ones.
void roots(std::size_t size, std::vector<double>& re, std::vector<double>& im) {
  const std::size_t count = size / 4;
  std::size_t fine = 1;
  while (fine * fine < count)
    fine *= 2;
  const double angle = -2 * std::numbers::pi / static_cast<double>(size);
  std::vector<double> fine_re(fine), fine_im(fine);
  for (std::size_t j = 0; j < fine; ++j) {
    fine_re[j] = std::cos(angle * static_cast<double>(j));
    fine_im[j] = std::sin(angle * static_cast<double>(j));
  }
  re.resize(count);
  im.resize(count);
  for (std::size_t start = 0; start < count; start += fine) {
    const double c = std::cos(angle * static_cast<double>(start));
    const double s = std::sin(angle * static_cast<double>(start));
    for (std::size_t j = 0; j < fine && start + j < count; ++j) {
      re[start + j] = c * fine_re[j] - s * fine_im[j];
      im[start + j] = c * fine_im[j] + s * fine_re[j];
    }
  }
}

/// One pass over a block of 4 m numbers: parts it into the four blocks of frequencies that leave 0,
/// 2, 1 and 3 divided by 4.
void part(double* __restrict re, double* __restrict im, std::size_t m,
          const double* __restrict root_re, const double* __restrict root_im) {
  double* __restrict r1 = re + m, * __restrict r2 = re + 2 * m, * __restrict r3 = re + 3 * m;
  double* __restrict i1 = im + m, * __restrict i2 = im + 2 * m, * __restrict i3 = im + 3 * m;
  for (std::size_t j = 0; j < m; ++j) {
    const double w1r = root_re[j], w1i = root_im[j];
    const double w2r = w1r * w1r - w1i * w1i, w2i = 2 * w1r * w1i;
    const double w3r = w1r * w2r - w1i * w2i, w3i = w1r * w2i + w1i * w2r;
    const double sr = re[j] + r2[j], si = im[j] + i2[j], tr = r1[j] + r3[j], ti = i1[j] + i3[j];
    const double dr = re[j] - r2[j], di = im[j] - i2[j], er = r1[j] - r3[j], ei = i1[j] - i3[j];
    re[j] = sr + tr;
    im[j] = si + ti;
    const double ar = sr - tr, ai = si - ti;
    r1[j] = ar * w2r - ai * w2i;
    i1[j] = ar * w2i + ai * w2r;
    const double br = dr + ei, bi = di - er; // (a - c) - i (b - d)
    r2[j] = br * w1r - bi * w1i;
    i2[j] = br * w1i + bi * w1r;
    const double cr = dr - ei, ci = di + er; // (a - c) + i (b - d)
    r3[j] = cr * w3r - ci * w3i;
    i3[j] = cr * w3i + ci * w3r;
  }
}

/// Takes back what `part` did, times 4.
void join(double* __restrict re, double* __restrict im, std::size_t m,
          const double* __restrict root_re, const double* __restrict root_im) {
  double* __restrict r1 = re + m, * __restrict r2 = re + 2 * m, * __restrict r3 = re + 3 * m;
  double* __restrict i1 = im + m, * __restrict i2 = im + 2 * m, * __restrict i3 = im + 3 * m;
  for (std::size_t j = 0; j < m; ++j) {
    const double w1r = root_re[j], w1i = -root_im[j];
    const double w2r = w1r * w1r - w1i * w1i, w2i = 2 * w1r * w1i;
    const double w3r = w1r * w2r - w1i * w2i, w3i = w1r * w2i + w1i * w2r;
    const double ar = r1[j] * w2r - i1[j] * w2i, ai = r1[j] * w2i + i1[j] * w2r;
    const double br = r2[j] * w1r - i2[j] * w1i, bi = r2[j] * w1i + i2[j] * w1r;
    const double cr = r3[j] * w3r - i3[j] * w3i, ci = r3[j] * w3i + i3[j] * w3r;
    const double sr = re[j] + ar, si = im[j] + ai, tr = re[j] - ar, ti = im[j] - ai;
    const double dr = br + cr, di = bi + ci, er = br - cr, ei = bi - ci;
    re[j] = sr + dr;
    im[j] = si + di;
    r2[j] = sr - dr;
    i2[j] = si - di;
    r1[j] = tr - ei; // + i (b - c)
    i1[j] = ti + er;
    r3[j] = tr + ei;
    i3[j] = ti - er;
  }
}

/// The radix-2 step that is left where the logarithm of the size is odd; it is its own inverse,
/// times 2.
void cross(double* re, double* im) {
  const double r = re[0] - re[1], i = im[0] - im[1];
  re[0] += re[1];
  im[0] += im[1];
  re[1] = r;
  im[1] = i;
}

} // namespace

fourier::fourier(std::size_t size) : size_(size) {
  for (std::size_t block = size; block >= 4; block /= 4) {
    level next{block / 4, {}, {}};
    if (levels_.empty()) {
      roots(block, next.re, next.im);
    } else {
      for (std::size_t j = 0; j < next.quarter; ++j) {
        next.re.push_back(levels_.back().re[4 * j]);
        next.im.push_back(levels_.back().im[4 * j]);
      }
    }
    levels_.push_back(std::move(next));
  }
}

void fourier::forward_block(double* re, double* im, std::size_t at) const {
  if (at == levels_.size()) {
    if (levels_.back().quarter == 2)
      cross(re, im);
    return;
  }
  const level& here = levels_[at];
  part(re, im, here.quarter, here.re.data(), here.im.data());
  if (here.quarter == 1)
    return;
  for (std::size_t i = 0; i < 4; ++i)
    forward_block(re + i * here.quarter, im + i * here.quarter, at + 1);
}

void fourier::inverse_block(double* re, double* im, std::size_t at) const {
  if (at == levels_.size()) {
    if (levels_.back().quarter == 2)
      cross(re, im);
    return;
  }
  const level& here = levels_[at];
  if (here.quarter > 1)
    for (std::size_t i = 0; i < 4; ++i)
      inverse_block(re + i * here.quarter, im + i * here.quarter, at + 1);
  join(re, im, here.quarter, here.re.data(), here.im.data());
}

void fourier::forward(double* re, double* im) const {
  forward_block(re, im, 0);
}
void fourier::inverse(double* re, double* im) const {
  inverse_block(re, im, 0);
}

} // namespace godwit::accounting
