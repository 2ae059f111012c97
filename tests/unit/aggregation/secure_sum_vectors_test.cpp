// Do entries and packed bodies have the bits of the second implementation?
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>

#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum_vectors;

namespace {

constexpr lane_kernel kernels[] = {lane_kernel::portable, lane_kernel::avx2, lane_kernel::avx512};

template <class Lane>
void check_packed_like(const vector_record& record) {
  const auto values = numbers<Lane>(record, "values");
  const auto bits = static_cast<unsigned>(number(record, "modulus_bits"));
  for (const auto kernel : kernels) {
    if (!is_available(kernel))
      continue;
    CAPTURE(name(kernel));
    CAPTURE(bits);
    bytes body(packed_bytes(values.size(), bits));
    pack(std::span<const Lane>(values), bits, body, kernel);
    CHECK(hex(body) == record.at("body"));
    std::vector<Lane> lanes(values.size(), Lane{3});
    REQUIRE(check_packed(body, values.size(), bits));
    add_packed(std::span<Lane>(lanes), body, bits, 0, kernel);
    for (std::size_t i = 0; i < lanes.size(); ++i)
      CHECK(lanes[i] == static_cast<Lane>(values[i] + 3));
  }
}

} // namespace

TEST_CASE("values are rounded as the second implementation rounds them, by every kernel") {
  for (const auto& record : items("quantised")) {
    const value_grid grid{std::stod(record.at("low")), std::stod(record.at("high")),
                          static_cast<std::uint8_t>(number(record, "bits"))};
    const auto values = floats(record, "values");
    const auto expected = numbers<std::uint32_t>(record, "entries");
    const auto weight = static_cast<std::uint32_t>(number(record, "weight"));
    const auto rounding = content(record, "rounding_bytes");
    for (const auto kernel : kernels) {
      if (!is_available(kernel))
        continue;
      CAPTURE(name(kernel));
      std::vector<std::uint32_t> entries(values.size());
      REQUIRE(quantise(values, grid, weight, rounding, std::span<std::uint32_t>(entries), kernel));
      CHECK(entries == expected);
    }
  }
}

TEST_CASE("lanes are packed and added as the second implementation packs them, by every kernel") {
  for (const auto& record : items("packed")) {
    const auto bits = number(record, "modulus_bits");
    if (bits <= 16)
      check_packed_like<std::uint16_t>(record);
    if (bits <= 32)
      check_packed_like<std::uint32_t>(record);
    check_packed_like<std::uint64_t>(record);
  }
}
