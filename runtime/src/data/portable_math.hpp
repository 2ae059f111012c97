// Which logarithm and exponential give the same bits with every C library?
#pragma once

namespace godwit {

/// Natural logarithm of a positive, finite, normal number, within 4e-16 of its value, relative to
/// max(1, |log|). Only
/// + - * / are used, so any IEEE 754 machine that does not fuse them (-ffp-contract=off) gives the
/// same bits.
double portable_log(double x) noexcept;

/// e to the power of x, within 1e-15 of its value; 0 below -708, infinity above 709. The same holds
/// for its bits.
double portable_exp(double x) noexcept;

} // namespace godwit
