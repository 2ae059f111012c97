// Which combinations of values make no sense, though each value alone does.
#pragma once

#include "config/intake.hpp"

namespace godwit::config {

/// Applies every rule that compares keys. A rule whose keys have problems of their own is left out.
void cross_check(intake& read);

} // namespace godwit::config
