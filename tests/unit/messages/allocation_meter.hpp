// How much memory does a piece of code take, and what does it leave behind in what it frees?
#pragma once

#include <cstddef>

namespace godwit::allocation_meter {

/// Begins to count on this thread.
void start() noexcept;
/// Bytes that were asked for on this thread since start(), freed or not. Stops counting.
std::size_t stop() noexcept;

/// From now on, watches for freed blocks of exactly `size` bytes on this thread.
void watch_freed(std::size_t size) noexcept;
/// How many of them were freed, and how many held anything but zeros then.
struct freed {
  int count = 0;
  int dirty_count = 0;
};
freed stop_watching() noexcept;

} // namespace godwit::allocation_meter
