#include "allocation_meter.hpp"

#include <cstdlib>
#include <new>

namespace godwit::allocation_meter {
namespace {

struct counters {
  bool is_counting = false;
  std::size_t taken = 0;
  std::size_t watched_size = 0;
  freed seen;
};
thread_local counters here;

} // namespace

void start() noexcept {
  here.is_counting = true;
  here.taken = 0;
}
std::size_t stop() noexcept {
  here.is_counting = false;
  return here.taken;
}
void watch_freed(std::size_t size) noexcept {
  here.watched_size = size;
  here.seen = {};
}
freed stop_watching() noexcept {
  here.watched_size = 0;
  return here.seen;
}

namespace {

void* take(std::size_t size) {
  if (here.is_counting)
    here.taken += size;
  if (void* block = std::malloc(size))
    return block;
  throw std::bad_alloc();
}

void look_at(const void* block, std::size_t size) noexcept {
  if (block == nullptr || here.watched_size == 0 || size != here.watched_size)
    return;
  ++here.seen.count;
  const auto* bytes = static_cast<const volatile unsigned char*>(block);
  for (std::size_t i = 0; i < size; ++i)
    if (bytes[i] != 0) {
      ++here.seen.dirty_count;
      return;
    }
}

} // namespace
} // namespace godwit::allocation_meter

void* operator new(std::size_t size) {
  return godwit::allocation_meter::take(size);
}
void* operator new[](std::size_t size) {
  return godwit::allocation_meter::take(size);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t size) noexcept {
  godwit::allocation_meter::look_at(block, size);
  std::free(block);
}
void operator delete[](void* block, std::size_t size) noexcept {
  godwit::allocation_meter::look_at(block, size);
  std::free(block);
}
