// How do values become the entries of an upload, and how does the opened sum become means?
#include <godwit/actors/machines/shared_body.hpp>

#include <cstring>
#include <utility>

#include <godwit/aggregation/quantiser.hpp>
#include <godwit/aggregation/ring_sum.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/shared_sealing.hpp>

namespace godwit::shared_sum {
namespace {

value_grid grid_of(const secure_sum::stream_terms& stream) {
  return {.low = stream.low, .high = stream.high, .bits = stream.bits};
}

bytes rounding_for(const secret& seed, std::size_t value_count) {
  const auto key = hkdf_sha256(seed.reveal(), {}, as_bytes("FLSS1/rounding"), mask_key_bytes);
  bytes made(rounding_bytes_each * value_count);
  write_stream(made, mask_key(key.reveal().data(), mask_key_bytes),
               {.suite = mask_suite::chacha20, .nonce = {}});
  return made;
}

template <class Lane>
result<bytes> upload_in(const shared_round& round, const client_id& client, const secret& seed,
                        const client_update& in, std::vector<Lane> entries) {
  const auto& streams = round.streams;
  const auto count = in.values.size();
  auto rounding = rounding_for(seed, count + 1);
  const auto bits = bytes_view(rounding);
  entries[0] = static_cast<Lane>(in.weight);
  auto made =
      quantise(in.values, grid_of(streams[0]), in.weight, bits.first(rounding_bytes_each * count),
               std::span(entries).subspan(1, count));
  if (made)
    made = quantise(std::span(&in.loss, 1), grid_of(streams[1]), in.weight,
                    bits.subspan(rounding_bytes_each * count),
                    std::span(entries).subspan(1 + count, 1));
  wipe(rounding);
  if (!made)
    return made.why();
  return make_body(round, client, seed, std::move(entries));
}

/// Whether all of a stream's sums can be such sums, and their means.
template <class Lane>
bool read(std::span<const Lane> sums, unsigned lane_bits, std::uint64_t weight,
          const secure_sum::stream_terms& stream, std::span<float> means) {
  return mean_of_sums(sums, lane_bits, weight, grid_of(stream), means) == 0;
}

template <class Lane>
std::optional<opened_means> means_in(const shared_round& round, const std::vector<Lane>& sums,
                                     std::size_t client_count) {
  const std::uint64_t weight = sums[0];
  if (weight < client_count || weight > std::uint64_t{client_count} * round.weight_max)
    return {};
  const auto lanes = std::span<const Lane>(sums);
  const auto count = static_cast<std::size_t>(round.streams[0].length);
  opened_means made{.update = std::vector<float>(count), .loss = 0};
  float loss = 0;
  const auto bits = round.terms.lane_bits;
  if (!read(lanes.subspan(1, count), bits, weight, round.streams[0], std::span(made.update)) ||
      !read(lanes.subspan(1 + count, 1), bits, weight, round.streams[1], std::span(&loss, 1)))
    return {};
  made.loss = loss;
  return made;
}

} // namespace

result<bytes> upload_of(const shared_round& round, const client_id& client, const secret& seed,
                        const client_update& in) {
  GODWIT_CHECK(round.streams.size() == 2 && round.streams[0].length == in.values.size() &&
                   round.streams[1].length == 1,
               "a round of other streams than an update and a loss");
  return std::visit(
      [&](auto lanes) { return upload_in(round, client, seed, in, std::move(lanes)); },
      make_lanes(static_cast<std::size_t>(round.terms.length), round.terms.lane_bits));
}

std::optional<opened_means> means_of(const shared_round& round, bytes_view sum,
                                     std::size_t client_count) {
  return std::visit(
      [&](auto lanes) {
        GODWIT_CHECK(sum.size() == std::as_bytes(std::span(lanes)).size(),
                     "a sum of another length than its terms'");
        std::memcpy(lanes.data(), sum.data(), sum.size());
        return means_in(round, lanes, client_count);
      },
      make_lanes(static_cast<std::size_t>(round.terms.length), round.terms.lane_bits));
}

} // namespace godwit::shared_sum
