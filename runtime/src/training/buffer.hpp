// What do the engine's arrays live in? xtensor containers whose memory starts on a cache line.
#pragma once

#include <cstddef>
#include <new>

#include <xtensor/xtensor.hpp>

namespace godwit {

template <class T>
struct cache_line_allocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};
  cache_line_allocator() = default;
  template <class U>
  cache_line_allocator(const cache_line_allocator<U>&) noexcept {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), line));
  }
  void deallocate(T* memory, std::size_t) noexcept { ::operator delete(memory, line); }
  friend bool operator==(cache_line_allocator, cache_line_allocator) noexcept { return true; }
};

/// A matrix, row-major; resizing it does not keep what was in it.
template <class T>
using buffer = xt::xtensor<T, 2, xt::layout_type::row_major, cache_line_allocator<T>>;

/// The start of row `row`.
template <class T>
T* row_of(buffer<T>& of, std::size_t row) {
  return of.data() + row * of.shape(1);
}
template <class T>
const T* row_of(const buffer<T>& of, std::size_t row) {
  return of.data() + row * of.shape(1);
}

} // namespace godwit
