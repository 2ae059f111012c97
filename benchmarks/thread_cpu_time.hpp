// How much CPU time does a piece of work take in this thread?
#pragma once

#include <ctime>

#include <algorithm>
#include <limits>

namespace godwit {

inline double thread_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The least that it ever took. Works that are compared take turns, so that what disturbs one
/// disturbs the other.
class least_cpu_time {
public:
  void take(auto&& work) {
    const double start = thread_cpu_seconds();
    work();
    seconds_ = std::min(seconds_, thread_cpu_seconds() - start);
  }
  double seconds() const noexcept { return seconds_; }

private:
  double seconds_ = std::numeric_limits<double>::infinity();
};

} // namespace godwit
