// What does a decoder make of bytes that were cut, changed and made up?
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string_view>

#include <doctest/doctest.h>

#include <godwit/messages/bytes.hpp>

#include "unit/messages/allocation_meter.hpp"

namespace godwit::adversarial {

/// Decodes and, where that succeeds, encodes again.
using recoding = std::function<std::optional<bytes>(bytes_view)>;

/// What the decoder may take for `size` bytes of input, whatever they say of themselves.
constexpr std::size_t memory_bound(std::size_t size) {
  return 64 * size + 8192;
}

/// What a decoder has made of some bytes.
struct verdict {
  bool is_refused = false;
  bool is_canonical = false; ///< what was read is written in no other way
  bool is_frugal = false;    ///< no memory was taken on the word of a length that is not kept
};

inline verdict judge(const recoding& recode, bytes_view input) {
  allocation_meter::start();
  const auto again = recode(input);
  const auto taken = allocation_meter::stop();
  return {!again, again && std::ranges::equal(*again, input), taken <= memory_bound(input.size())};
}

/// Holds the decoder to refusing, or reading what is written so and in no other way, for every cut,
/// every changed bit, bytes too many, every length field made huge or zero, and `random_count`
/// inputs that were mangled at random.
inline void mangle(std::string_view what, bytes_view whole, const recoding& recode,
                   int random_count = 2000, std::uint64_t seed = 20261124) {
  CAPTURE(what);
  CAPTURE(seed);
  const auto is_well_read = [&](bytes_view input) {
    const auto found = judge(recode, input);
    CHECK(found.is_frugal);
    CHECK((found.is_refused || found.is_canonical));
    return !found.is_refused;
  };
  REQUIRE(is_well_read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    is_well_read(whole.first(size));
  bytes longer(whole.begin(), whole.end());
  for (int extra = 1; extra <= 8; ++extra) {
    longer.push_back(std::byte{0});
    is_well_read(longer);
  }
  bytes changed(whole.begin(), whole.end());
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    is_well_read(changed);
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  }
  for (std::size_t at = 0; at + 4 <= whole.size(); ++at)
    for (const auto filler : {std::byte{0}, std::byte{0x7F}, std::byte{0xFF}}) {
      changed.assign(whole.begin(), whole.end());
      std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(at), 4, filler);
      is_well_read(changed);
    }
  std::mt19937_64 chance(seed);
  for (int i = 0; i < random_count; ++i) {
    changed.assign(whole.begin(),
                   whole.begin() + static_cast<std::ptrdiff_t>(chance() % (whole.size() + 1)));
    for (auto edits = chance() % 6; edits > 0 && !changed.empty(); --edits)
      changed[chance() % changed.size()] = static_cast<std::byte>(chance());
    for (auto extra = chance() % 4 == 0 ? chance() % 40 : 0; extra > 0; --extra)
      changed.push_back(static_cast<std::byte>(chance()));
    is_well_read(changed);
  }
}

} // namespace godwit::adversarial
