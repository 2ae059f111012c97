// Time as the machines see it: a duration since an origin that the shell chose, never read from a
// clock here.
#pragma once

#include <chrono>

namespace godwit {

/// A point in time: nanoseconds since the shell's origin (the actor clock's, or the simulator's
/// zero).
using instant = std::chrono::nanoseconds;

/// A span of time.
using duration = std::chrono::nanoseconds;

/// Wall-clock seconds since 1970-01-01 UTC, for what outlives a process: tokens, certificates,
/// reports.
using unix_seconds = std::chrono::seconds;

} // namespace godwit
