#include <godwit/messages/large_pages.hpp>

#include <cstdint>

#include <sys/mman.h>

namespace godwit {
namespace {

constexpr std::uintptr_t page = 4096; // madvise wants whole ones; a larger page's start is also one
constexpr std::size_t worth_it_bytes = 16 * 1024 * 1024;

} // namespace

void prefer_large_pages(void* start, std::size_t byte_count) noexcept {
  if (byte_count < worth_it_bytes)
    return;
  const auto first = (reinterpret_cast<std::uintptr_t>(start) + page - 1) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(start) + byte_count) / page * page;
  // A system without large pages refuses, and nothing is lost.
  (void)::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

} // namespace godwit
