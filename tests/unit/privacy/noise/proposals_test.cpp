// Does every set of instructions judge alike, and as exact arithmetic does?
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include "noise/exact_weight.hpp"
#include "noise/proposals.hpp"
#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;
using namespace godwit::noise;

namespace {

/// Whether a proposal is what the text says: no value, a zero too many, or decided exactly.
bool agrees(const rows& table, const proposals& found, std::size_t i, bool is_negative) {
  const auto magnitude = static_cast<std::uint64_t>(std::abs(found.values[i]));
  const auto row = magnitude >> table.shift;
  bool is_right = false;
  if (row < table.count() && !(magnitude == 0 && is_negative)) {
    if (found.areas[i] != table.area(static_cast<std::uint32_t>(row)))
      return false;
    is_right = is_taken(table, magnitude, found.areas[i], found.draws[i], {});
  }
  return found.verdicts[i] == (is_right ? taken : refused);
}

std::vector<law> laws() {
  std::vector<law> all;
  for (const double scale : {0.25, 0.7, 1.0, 1.99, 2.0, 57.3, 4096.0, 1e6, 0x1p31})
    for (const auto kind : {noise_kind::discrete_gaussian, noise_kind::discrete_laplace})
      all.push_back({kind, scale});
  for (const double scale : {0.25, 1.0, 9.3, 31.9, 32.0, 150.0})
    all.push_back({noise_kind::skellam, scale});
  return all;
}

} // namespace

TEST_CASE(
    "what is decided at first sight is what exact arithmetic decides, with any instructions") {
  for (const auto& l : laws()) {
    const auto table = make_rows(l);
    std::vector<std::byte> stream(16 * group_bytes);
    write_stream(stream, noise_key(1), {});
    for (std::size_t at = 0; at < stream.size(); at += group_bytes) {
      proposals first;
      judge_portable(table, stream.data() + at, first);
      for (std::size_t i = 0; i < group_size; ++i) {
        std::uint32_t tail = 0;
        std::memcpy(&tail, stream.data() + at + 256 + 4 * i, 4);
        CHECK(agrees(table, first, i, (tail >> 31) != 0));
      }
      for (const auto& one : available_judges()) {
        CAPTURE(one.name);
        proposals found;
        one.judge(table, stream.data() + at, found);
        CHECK(found.values == first.values);
        CHECK(found.areas == first.areas);
        CHECK(found.verdicts == first.verdicts);
      }
    }
  }
}

TEST_CASE("a draw within the margin of its bound is in doubt, and one beyond it is not") {
  const auto table = make_rows({noise_kind::discrete_gaussian, 1000.0});
  std::vector<std::byte> group(group_bytes);
  const std::uint32_t offset = 300; // word 0 is row 0: the value is 300
  std::memcpy(group.data() + 256, &offset, 4);
  const auto bound =
      static_cast<std::uint64_t>(std::ldexp(std::exp(-300.0 * 300.0 / 2e6), 64)); // row 0: area = C
  for (const auto& one : available_judges()) {
    CAPTURE(one.name);
    const auto verdict_at = [&](std::uint64_t draw) {
      std::memcpy(group.data() + 512, &draw, 8);
      proposals found;
      one.judge(table, group.data(), found);
      CHECK(found.values[0] == 300);
      return found.verdicts[0];
    };
    CHECK(verdict_at(bound) == in_doubt);
    CHECK(verdict_at(bound + (1U << 18)) == in_doubt);
    CHECK(verdict_at(bound - (1U << 18)) == in_doubt);
    CHECK(verdict_at(bound - (1U << 22)) == taken);
    CHECK(verdict_at(bound + (1U << 22)) == refused);
  }
}

TEST_CASE("a weight is what the series says, down to its last digit") {
  // exp(-1/2) = 0.60653065971263342360..., exp(-8) = 0.00033546262790251183882...
  const law unit{noise_kind::discrete_gaussian, 1.0};
  CHECK(floor_of_weight(unit, 1, Botan::BigInt(std::uint64_t{10000000000000000000U}), 0) ==
        Botan::BigInt("6065306597126334236"));
  CHECK(floor_of_weight(unit, 4, Botan::BigInt(std::uint64_t{10000000000000000000U}), 0) ==
        Botan::BigInt("3354626279025118"));
  CHECK(floor_of_weight(unit, 0, Botan::BigInt(7), 2) == Botan::BigInt(28));
}
