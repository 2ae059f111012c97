// What are the weights of the Skellam law, exactly enough, and how are they seen at first sight?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <botan/bigint.h>

#include "noise/first_sight.hpp"

namespace godwit::noise {

/// weight(x) = I_x(m) / I_0(m), I_x the modified Bessel function and m = deviation^2: the
/// difference of two Poisson numbers of mean m / 2 each (Skellam 1946).
///
/// The numbers weight(0), ..., weight(last) times 2^precision, each off by at most
/// 2^skellam_off_bits. By I_(k+1) / I_k = 1 / (2 (k+1) / m + I_(k+2) / I_(k+1)) (DLMF 10.29.1),
/// from so far behind `last` downwards that what it starts with does not matter, and the product of
/// these ratios.
std::vector<Botan::BigInt> skellam_weights(double deviation, std::uint64_t last,
                                           std::size_t precision);
inline constexpr std::size_t skellam_off_bits = 48;

/// A number behind which weights are below 2^-bits. The ratio r_k falls with k (Amos 1974), so
/// r_(k+1) is at least the root of r^2 + a r - 1 for a = 2 (k+2) / m, which bounds r_k = 1 / (2
/// (k+1) / m + r_(k+1)) from above.
std::uint64_t skellam_reach(double deviation, double bits);

/// Coefficients of -log weight(x) in z = (x / 2^shift)^2, for deviations of 32 and more: Debye's
/// expansion (DLMF 10.41.3) to the fourth order, as a series in (x / m)^2. Whether it is good
/// enough is for those to check who use it.
std::array<double, exponent_terms> skellam_exponent(double deviation, unsigned shift);

} // namespace godwit::noise
