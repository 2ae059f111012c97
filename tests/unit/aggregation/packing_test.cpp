// Do lanes come out of their packed bits as they went in, and are bodies refused that are not what
// packing makes?
#include <godwit/aggregation/packing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

using namespace godwit;

namespace {

std::vector<lane_kernel> available_kernels() {
  std::vector<lane_kernel> kernels;
  for (auto one : {lane_kernel::portable, lane_kernel::avx2, lane_kernel::avx512})
    if (is_available(one))
      kernels.push_back(one);
  return kernels;
}

template <class Lane>
std::vector<Lane> random_lanes(std::size_t count, std::mt19937_64& random) {
  std::vector<Lane> lanes(count);
  for (auto& lane : lanes)
    lane = static_cast<Lane>(random());
  return lanes;
}

/// Bit by bit, as the text says.
template <class Lane>
bytes pack_slowly(const std::vector<Lane>& lanes, unsigned modulus_bits) {
  bytes body((lanes.size() * modulus_bits + 7) / 8);
  for (std::size_t bit = 0; bit < lanes.size() * modulus_bits; ++bit)
    if (lanes[bit / modulus_bits] >> (bit % modulus_bits) & 1U)
      body[bit / 8] |= std::byte{1} << (bit % 8);
  return body;
}

template <class Lane>
constexpr unsigned bits_max = std::min<unsigned>(modulus_bits_max,
                                                 std::numeric_limits<Lane>::digits);

} // namespace

TEST_CASE("three values of twelve bits are these bytes") {
  const std::vector<std::uint16_t> lanes{0xf123, 0x0456,
                                         0x0789}; // what stands above does not count
  for (auto kernel : available_kernels()) {
    bytes body(5);
    pack(std::span(lanes), 12, body, kernel);
    CHECK(hex(body) == "2361458907");
  }
}

TEST_CASE_TEMPLATE(
    "every kernel packs each number of lanes of each number of bits as the text says", Lane,
    std::uint16_t, std::uint32_t, std::uint64_t) {
  const std::uint64_t seed = 31;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (unsigned bits = modulus_bits_min; bits <= bits_max<Lane>; ++bits)
    for (std::size_t count : {0U, 1U, 3U, 7U, 8U, 9U, 64U, 133U}) {
      CAPTURE(bits);
      CAPTURE(count);
      const auto lanes = random_lanes<Lane>(count, random);
      const auto expected = pack_slowly(lanes, bits);
      REQUIRE(packed_bytes(count, bits) == expected.size());
      for (auto kernel : available_kernels()) {
        CAPTURE(name(kernel));
        bytes body(expected.size() + 64, std::byte{0xa5});
        pack(std::span(lanes), bits, std::span(body).first(expected.size()), kernel);
        REQUIRE(std::vector(body.begin() + static_cast<std::ptrdiff_t>(expected.size()),
                            body.end()) == bytes(64, std::byte{0xa5}));
        body.resize(expected.size());
        REQUIRE(body == expected);
      }
    }
}

TEST_CASE_TEMPLATE("every kernel adds any range of packed values to lanes, and they wrap", Lane,
                   std::uint16_t, std::uint32_t, std::uint64_t) {
  const std::uint64_t seed = 37;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr std::size_t count = 157;
  for (unsigned bits = modulus_bits_min; bits <= bits_max<Lane>; ++bits) {
    CAPTURE(bits);
    const auto packed = random_lanes<Lane>(count, random);
    const auto body = pack_slowly(packed, bits);
    const Lane kept = static_cast<Lane>((std::uint64_t{1} << bits) - 1);
    for (std::size_t i = 0; i < 20; ++i) {
      const std::size_t first = i == 0 ? 0 : random() % count;
      const std::size_t part = i == 0 ? count : random() % (count - first + 1);
      CAPTURE(first);
      CAPTURE(part);
      const auto before = random_lanes<Lane>(part, random);
      auto expected = before;
      for (std::size_t k = 0; k < part; ++k)
        expected[k] = static_cast<Lane>(expected[k] + (packed[first + k] & kept));
      for (auto kernel : available_kernels()) {
        CAPTURE(name(kernel));
        auto lanes = before;
        add_packed(std::span(lanes), body, bits, first, kernel);
        REQUIRE(lanes == expected);
      }
    }
  }
}

TEST_CASE("a body of another length is refused, and so is one with a bit where none belongs") {
  std::mt19937_64 random(41);
  for (unsigned bits = modulus_bits_min; bits <= modulus_bits_max; ++bits)
    for (std::size_t count = 0; count < 20; ++count) {
      CAPTURE(bits);
      CAPTURE(count);
      const auto lanes = random_lanes<std::uint64_t>(count, random);
      auto body = pack_slowly(lanes, bits);
      REQUIRE(check_packed(body, count, bits));
      for (std::size_t bit = count * bits; bit < body.size() * 8; ++bit) {
        auto odd = body;
        odd[bit / 8] |= std::byte{1} << (bit % 8);
        const auto refused = check_packed(odd, count, bits);
        REQUIRE_FALSE(refused);
        REQUIRE(refused.why() == refusal::malformed);
      }
      body.push_back(std::byte{0});
      REQUIRE_FALSE(check_packed(body, count, bits));
      REQUIRE(check_packed(body, count, bits).why() == refusal::wrong_shape);
      if (count > 0) {
        body.resize(body.size() - 2);
        REQUIRE_FALSE(check_packed(body, count, bits));
        REQUIRE(check_packed(body, count, bits).why() == refusal::wrong_shape);
      }
    }
}

TEST_CASE("a count that no body can have is refused") {
  const bytes body(8);
  const auto refused = check_packed(body, std::numeric_limits<std::uint64_t>::max(), 8);
  REQUIRE_FALSE(refused);
  CHECK(refused.why() == refusal::wrong_shape);
}
