#include "read_through.hpp"

#include <cstring>

namespace godwit {

#if defined(__x86_64__) && !defined(__clang__)
#define GODWIT_WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define GODWIT_WIDEST
#endif

GODWIT_WIDEST std::uint64_t read_through(const std::byte* content, std::size_t size) {
  constexpr std::size_t width = 32;
  std::uint64_t seen[width] = {};
  for (std::size_t at = 0; at + sizeof seen <= size; at += sizeof seen) {
    std::uint64_t here[width];
    std::memcpy(here, content + at, sizeof here);
    for (std::size_t i = 0; i < width; ++i)
      seen[i] ^= here[i];
  }
  std::uint64_t all = 0;
  for (const std::uint64_t one : seen)
    all ^= one;
  return all;
}

} // namespace godwit
