// How do lanes travel with no more bits than the modulus has? (privacy/SECURE_SUM.md, section 7.)
#pragma once

#include <cstdint>
#include <span>

#include <godwit/aggregation/lane_kernel.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

inline constexpr unsigned modulus_bits_min = 8;
inline constexpr unsigned modulus_bits_max = 62;

/// Bytes of `count` values of `modulus_bits` bits each, packed without gaps.
std::uint64_t packed_bytes(std::uint64_t count, unsigned modulus_bits) noexcept;

/// Packs the lowest modulus_bits bits of each lane, the lowest bit first, without gaps; unused bits
/// of the last byte are 0. `body` has packed_bytes(lanes.size(), modulus_bits) bytes; modulus_bits
/// is modulus_bits_min ..= modulus_bits_max and no more than a lane has.
void pack(std::span<const std::uint16_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel = best_lane_kernel());
void pack(std::span<const std::uint32_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel = best_lane_kernel());
void pack(std::span<const std::uint64_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel = best_lane_kernel());

/// Whether `body` holds `count` packed values. Refuses wrong_shape (another length) and malformed
/// (an unused bit that is not 0).
result<done> check_packed(bytes_view body, std::uint64_t count, unsigned modulus_bits);

/// Adds the values first ..< first + lanes.size() of a checked body to `lanes`, mod 2^W, W the
/// width of a lane. Ranges of one body may be added at the same time by several threads.
void add_packed(std::span<std::uint16_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first = 0, lane_kernel kernel = best_lane_kernel());
void add_packed(std::span<std::uint32_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first = 0, lane_kernel kernel = best_lane_kernel());
void add_packed(std::span<std::uint64_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first = 0, lane_kernel kernel = best_lane_kernel());

} // namespace godwit
