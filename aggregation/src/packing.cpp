// How do lanes travel with no more bits than the modulus has? Kernels for processors that have
// them; plain C++ for the ends and the rest.
#include <godwit/aggregation/packing.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include <godwit/messages/check.hpp>

#include "lanes.hpp"

namespace godwit {

static_assert(std::endian::native == std::endian::little, "words are packed as they stand");

namespace {

constexpr unsigned word_bits = 64;

/// More than any vector has, and few enough to count their bits.
constexpr std::uint64_t count_max = std::uint64_t{1} << 48;

std::uint64_t mask_of(unsigned modulus_bits) {
  return (std::uint64_t{1} << modulus_bits) - 1;
}

void check_modulus(unsigned modulus_bits, int lane_bits) {
  GODWIT_CHECK(modulus_bits >= modulus_bits_min && modulus_bits <= modulus_bits_max &&
                   modulus_bits <= static_cast<unsigned>(lane_bits),
               "a modulus that lanes do not hold");
}

/// `body` begins where the first lane does.
template <class Lane>
void pack_portable(std::span<const Lane> lanes, unsigned modulus_bits, std::byte* body) {
  const std::uint64_t mask = mask_of(modulus_bits);
  std::uint64_t word = 0;
  unsigned filled = 0;
  for (const Lane lane : lanes) {
    const std::uint64_t value = lane & mask;
    word |= value << filled;
    filled += modulus_bits;
    if (filled >= word_bits) {
      std::memcpy(body, &word, sizeof word);
      body += sizeof word;
      filled -= word_bits;
      word = filled ? value >> (modulus_bits - filled) : 0;
    }
  }
  std::memcpy(body, &word, (filled + 7) / 8);
}

/// The values first ..< first + lanes.size(), at any bit of the body.
template <class Lane>
void add_portable(std::span<Lane> lanes, bytes_view body, unsigned modulus_bits,
                  std::uint64_t first) {
  const std::uint64_t mask = mask_of(modulus_bits);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::uint64_t bit = (first + i) * modulus_bits;
    const auto at = static_cast<std::size_t>(bit / 8);
    const auto shift = static_cast<unsigned>(bit % 8);
    std::uint64_t words[2] = {0, 0}; // a value may reach into a ninth byte
    if (body.size() - at >= sizeof words)
      std::memcpy(words, body.data() + at, sizeof words);
    else
      std::memcpy(words, body.data() + at, std::min(body.size() - at, sizeof words));
    const std::uint64_t value = words[0] >> shift | words[1] << 1 << (word_bits - 1 - shift);
    lanes[i] = static_cast<Lane>(lanes[i] + (value & mask));
  }
}

template <class Lane>
void pack_lanes(std::span<const Lane> lanes, unsigned modulus_bits, std::span<std::byte> body,
                lane_kernel kernel) {
  GODWIT_CHECK(is_available(kernel), "instructions that this processor lacks");
  check_modulus(modulus_bits, std::numeric_limits<Lane>::digits);
  GODWIT_CHECK(body.size() == packed_bytes(lanes.size(), modulus_bits),
               "a body of another length than its values have");
  std::size_t packed = 0;
#if defined(__x86_64__)
  if (kernel == lane_kernel::avx512 && modulus_bits <= lanes::kernel_bits_max)
    packed = lanes::pack_avx512(lanes.data(), lanes.size(), modulus_bits, body.data(), body.size());
#endif
  pack_portable(lanes.subspan(packed), modulus_bits, body.data() + packed / 8 * modulus_bits);
}

template <class Lane>
void add_lanes(std::span<Lane> lanes, bytes_view body, unsigned modulus_bits, std::uint64_t first,
               lane_kernel kernel) {
  GODWIT_CHECK(is_available(kernel), "instructions that this processor lacks");
  check_modulus(modulus_bits, std::numeric_limits<Lane>::digits);
  GODWIT_CHECK(first <= count_max && lanes.size() <= count_max &&
                   body.size() >= packed_bytes(first + lanes.size(), modulus_bits),
               "a body with fewer values than are added");
  const auto to_group = std::min<std::size_t>(
      lanes.size(), (lanes::group_count - first % lanes::group_count) % lanes::group_count);
  add_portable(lanes.first(to_group), body, modulus_bits, first);
  lanes = lanes.subspan(to_group);
  first += to_group;
  std::size_t added = 0;
#if defined(__x86_64__)
  if (kernel != lane_kernel::portable && modulus_bits <= lanes::kernel_bits_max && !lanes.empty()) {
    const auto add = kernel == lane_kernel::avx512 ? lanes::add_packed_avx512<Lane>
                                                   : lanes::add_packed_avx2<Lane>;
    const auto from = body.subspan(first / lanes::group_count * modulus_bits);
    added = add(lanes.data(), lanes.size(), modulus_bits, from.data(), from.size());
  }
#endif
  add_portable(lanes.subspan(added), body, modulus_bits, first + added);
}

} // namespace

std::uint64_t packed_bytes(std::uint64_t count, unsigned modulus_bits) noexcept {
  return count / 8 * modulus_bits + (count % 8 * modulus_bits + 7) / 8;
}

void pack(std::span<const std::uint16_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel) {
  pack_lanes(lanes, modulus_bits, body, kernel);
}

void pack(std::span<const std::uint32_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel) {
  pack_lanes(lanes, modulus_bits, body, kernel);
}

void pack(std::span<const std::uint64_t> lanes, unsigned modulus_bits, std::span<std::byte> body,
          lane_kernel kernel) {
  pack_lanes(lanes, modulus_bits, body, kernel);
}

result<done> check_packed(bytes_view body, std::uint64_t count, unsigned modulus_bits) {
  check_modulus(modulus_bits, word_bits);
  if (count > count_max || body.size() != packed_bytes(count, modulus_bits))
    return refusal::wrong_shape;
  const auto used = static_cast<unsigned>(count % 8 * modulus_bits % 8);
  if (used != 0 && std::to_integer<unsigned>(body.back()) >> used != 0)
    return refusal::malformed;
  return done{};
}

void add_packed(std::span<std::uint16_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first, lane_kernel kernel) {
  add_lanes(lanes, body, modulus_bits, first, kernel);
}

void add_packed(std::span<std::uint32_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first, lane_kernel kernel) {
  add_lanes(lanes, body, modulus_bits, first, kernel);
}

void add_packed(std::span<std::uint64_t> lanes, bytes_view body, unsigned modulus_bits,
                std::uint64_t first, lane_kernel kernel) {
  add_lanes(lanes, body, modulus_bits, first, kernel);
}

} // namespace godwit
