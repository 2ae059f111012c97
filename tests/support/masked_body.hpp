// How do a client's values become the masked body that it sends, and a server's bodies the sum?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit::secure_sum {

/// One client's input: its weight, and the values of each stream.
struct sum_input {
  std::uint32_t weight = 1;
  std::vector<std::vector<float>> streams;
};

template <class Lane>
std::vector<Lane> entries_of(const terms& rules, const sum_input& input, bytes_view rounding_key) {
  std::vector<Lane> entries{static_cast<Lane>(input.weight)};
  bytes rounding(rounding_bytes_each * (entry_count(rules) - 1));
  write_stream(rounding, mask_key(rounding_key), {mask_suite::chacha20, stream_nonce{}});
  for (std::size_t i = 0; i < rules.streams.size(); ++i) {
    const auto& stream = rules.streams[i];
    REQUIRE(input.streams.at(i).size() == stream.length);
    const auto first = entries.size();
    entries.resize(first + stream.length);
    const auto part = bytes_view(rounding).subspan(rounding_bytes_each * (first - 1),
                                                   rounding_bytes_each * stream.length);
    REQUIRE(quantise(input.streams[i], {stream.low, stream.high, stream.bits}, input.weight, part,
                     std::span<Lane>(entries).subspan(first)));
  }
  return entries;
}

template <class Lane>
bytes packed_with_masks(const terms& rules, std::vector<Lane> lanes,
                        const std::vector<mask_part>& masks) {
  const auto masking = as_terms(masks);
  add_masks(std::span<Lane>(lanes), masking, mask_stream(rules));
  bytes body(packed_bytes(lanes.size(), rules.modulus_bits));
  pack(std::span<const Lane>(lanes), rules.modulus_bits, body);
  return body;
}

/// The entries of an input, each as 64 bits.
inline std::vector<std::uint64_t> entries_of(const terms& rules, const sum_input& input,
                                             bytes_view rounding_key) {
  return entries_of<std::uint64_t>(rules, input, rounding_key);
}

/// The body of a client that is in phase masking or behind it.
inline bytes masked_body(const client::machine& machine, const sum_input& input) {
  const auto& rules = machine.rules();
  const auto key = machine.rounding_key();
  switch (rules.lane_bits) {
  case 16:
    return packed_with_masks(rules, entries_of<std::uint16_t>(rules, input, key), machine.masks());
  case 32:
    return packed_with_masks(rules, entries_of<std::uint32_t>(rules, input, key), machine.masks());
  default:
    return packed_with_masks(rules, entries_of<std::uint64_t>(rules, input, key), machine.masks());
  }
}

template <class Lane>
std::vector<std::uint64_t> opened_sum(const terms& rules, std::span<const bytes> bodies,
                                      const std::vector<mask_part>& masks) {
  std::vector<Lane> lanes(entry_count(rules));
  for (const auto& body : bodies)
    add_packed(std::span<Lane>(lanes), body, rules.modulus_bits);
  const auto masking = as_terms(masks);
  add_masks(std::span<Lane>(lanes), masking, mask_stream(rules));
  std::vector<std::uint64_t> sum;
  for (const auto lane : lanes)
    sum.push_back(lane & ((std::uint64_t{1} << rules.modulus_bits) - 1));
  return sum;
}

/// The sum of these bodies and masks, mod 2^modulus_bits.
inline std::vector<std::uint64_t> opened_sum(const terms& rules, std::span<const bytes> bodies,
                                             const std::vector<mask_part>& masks) {
  return rules.lane_bits == 16   ? opened_sum<std::uint16_t>(rules, bodies, masks)
         : rules.lane_bits == 32 ? opened_sum<std::uint32_t>(rules, bodies, masks)
                                 : opened_sum<std::uint64_t>(rules, bodies, masks);
}

} // namespace godwit::secure_sum
