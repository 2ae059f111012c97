// How large is a privacy loss's moment generating function?
#pragma once

#include <array>
#include <cstddef>

#include "accounting/loss_grid.hpp"

namespace godwit::accounting {

/// So many tilts are tried at a time: as many as keep a processor's adders busy.
inline constexpr std::size_t tilt_count = 8;
using tilts = std::array<double, tilt_count>;

/// log of the sum over mass e^(t l), for each tilt t, all of one sign; infinite mass is left out.
tilts log_moments(const loss_grid&, double interval, const tilts&);

} // namespace godwit::accounting
