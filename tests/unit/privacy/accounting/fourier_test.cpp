// The transform against its definition.
#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include <doctest/doctest.h>

#include "accounting/fourier.hpp"

namespace {

using godwit::accounting::fourier;

struct signal {
  std::vector<double> re, im;
};

signal some_signal(std::size_t size) {
  signal made{std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t i = 0; i < size; ++i) {
    const auto x = static_cast<double>(i);
    made.re[i] = std::sin(1.7 * x + 0.3);
    made.im[i] = std::cos(0.37 * x * x);
  }
  return made;
}

std::size_t bits_reversed(std::size_t k, std::size_t size) {
  std::size_t out = 0;
  for (std::size_t bit = 1; bit < size; bit *= 2)
    out = 2 * out + ((k & bit) != 0 ? 1 : 0);
  return out;
}

} // namespace

TEST_CASE("the transform is the sum that defines it, in bit-reversed order") {
  for (const std::size_t size : {4U, 8U, 16U, 32U, 128U}) {
    const signal before = some_signal(size);
    signal after = before;
    fourier(size).forward(after.re.data(), after.im.data());
    for (std::size_t k = 0; k < size; ++k) {
      std::complex<double> sum = 0;
      for (std::size_t i = 0; i < size; ++i)
        sum += std::complex(before.re[i], before.im[i]) *
               std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * i % size) /
                                   static_cast<double>(size));
      const std::size_t at = bits_reversed(k, size);
      CHECK(std::abs(sum - std::complex(after.re[at], after.im[at])) < 1e-12);
    }
  }
}

TEST_CASE("there and back gives the signal times its size") {
  for (const std::size_t size : {4U, 8U, 1024U, 32768U}) {
    const signal before = some_signal(size);
    signal after = before;
    const fourier transform(size);
    transform.forward(after.re.data(), after.im.data());
    transform.inverse(after.re.data(), after.im.data());
    double worst = 0;
    for (std::size_t i = 0; i < size; ++i)
      worst = std::max({worst, std::abs(after.re[i] / static_cast<double>(size) - before.re[i]),
                        std::abs(after.im[i] / static_cast<double>(size) - before.im[i])});
    CHECK(worst < 1e-14);
  }
}

TEST_CASE("opposite frequencies are found in bit-reversed order") {
  const std::size_t size = 64;
  for (std::size_t k = 1; k < size; ++k) {
    const std::size_t at = bits_reversed(k, size);
    CHECK(godwit::accounting::mirror_position(at, std::bit_floor(at)) ==
          bits_reversed(size - k, size));
  }
}
