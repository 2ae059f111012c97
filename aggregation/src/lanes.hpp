// What do the kernels of the quantiser and of packing do, whichever instructions they are made of?
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit::lanes {

/// A grid as the arithmetic wants it.
struct scaled_grid {
  double low = 0;
  double high = 0;
  double scale = 0; ///< ((2^bits - 1) 2^24) / (high - low)
};

/// z + 2^52 has the integer nearest to z in its lowest bits, for 0 <= z < 2^52.
inline constexpr double integer_bias = 0x1p52;

/// Values are quantised in blocks of so many.
inline constexpr std::size_t block_count = 16;

/// Eight values of R bits are R whole bytes.
inline constexpr std::size_t group_count = 8;

/// Kernels shift a value to its place within eight bytes; wider ones are left to plain C++.
inline constexpr unsigned kernel_bits_max = 57;

/// Has the cache line at 2 KiB behind `here` brought near: a vector of a model's length does not
/// fit the nearer caches, and the processor's own guess is late for three streams at once. It may
/// lie behind the end; then nothing comes of it.
template <bool IsWritten>
inline void fetch_ahead(const void* here) {
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(here) + 2048),
                     IsWritten);
}

/// What quantise() says, for a `count` that is a multiple of block_count. False if some value was
/// not finite.
template <class Lane>
bool quantise_avx2(const float* values, std::size_t count, const scaled_grid& grid,
                   std::uint32_t weight, const std::byte* rounding, Lane* entries);
template <class Lane>
bool quantise_avx512(const float* values, std::size_t count, const scaled_grid& grid,
                     std::uint32_t weight, const std::byte* rounding, Lane* entries);

/// Packs whole groups, as many as there is room for writing 64 bytes each; answers how many lanes
/// it has packed.
template <class Lane>
std::size_t pack_avx512(const Lane* from, std::size_t count, unsigned bits, std::byte* body,
                        std::size_t body_bytes);

/// Adds whole groups, the first of which begins with the body, as many as there is room for reading
/// 64 bytes each; answers how many values it has added.
template <class Lane>
std::size_t add_packed_avx2(Lane* to, std::size_t count, unsigned bits, const std::byte* body,
                            std::size_t body_bytes);
template <class Lane>
std::size_t add_packed_avx512(Lane* to, std::size_t count, unsigned bits, const std::byte* body,
                              std::size_t body_bytes);

} // namespace godwit::lanes
