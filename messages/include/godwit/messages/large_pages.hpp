// How does memory for a large model cost fewer page faults?
#pragma once

#include <cstddef>
#include <vector>

namespace godwit {

/// Asks the system to back [start, start + byte_count) with its large pages, before it is touched
/// for the first time: where a page fault is dear, first touching a gigabyte costs more than
/// filling it. Does nothing below 16 MiB, where whole large pages would waste a noticeable part.
void prefer_large_pages(void* start, std::size_t byte_count) noexcept;

/// `count` values of T, zeroed, in such memory.
template <class T>
std::vector<T> zeros_in_large_pages(std::size_t count) {
  std::vector<T> made;
  made.reserve(count);
  prefer_large_pages(made.data(), count * sizeof(T));
  made.resize(count);
  return made;
}

} // namespace godwit
