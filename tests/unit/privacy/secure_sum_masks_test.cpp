// Are masks the bits that the second implementation expands keys to?
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/privacy/mask.hpp>

#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum_vectors;

namespace {

constexpr mask_kernel kernels[] = {mask_kernel::portable, mask_kernel::aes_ni,
                                   mask_kernel::vaes_512, mask_kernel::avx2,
                                   mask_kernel::avx512,   mask_kernel::neon};

/// The mask of `key` as Lanes, from an addition to nothing.
template <class Lane>
std::vector<std::uint64_t> mask(const bytes& key, const key_stream& stream, std::size_t count) {
  std::vector<Lane> lanes(count);
  const mask_term term{mask_key(key)};
  add_masks(std::span<Lane>(lanes), std::span(&term, 1), stream);
  return {lanes.begin(), lanes.end()};
}

std::vector<std::uint64_t> mask_ends(const vector_record& round, const bytes& key,
                                     mask_kernel kernel) {
  std::size_t count = 1;
  const auto streams = words(round.at("streams"));
  for (std::size_t i = 0; i < streams.size(); i += 4)
    count += std::stoull(streams[i]);
  const key_stream stream{static_cast<mask_suite>(number(round, "suite")),
                          mask_nonce(round_id{number(round, "round")}), kernel};
  const auto bits = number(round, "lane_bits");
  const auto lanes = bits == 16   ? mask<std::uint16_t>(key, stream, count)
                     : bits == 32 ? mask<std::uint32_t>(key, stream, count)
                                  : mask<std::uint64_t>(key, stream, count);
  return {lanes.front(), lanes.back()};
}

} // namespace

TEST_CASE("a key's stream is the second implementation's, by every kernel") {
  for (const auto& record : items("stream")) {
    const auto suite = static_cast<mask_suite>(number(record, "suite"));
    const auto key = content(record, "key");
    const auto expected = content(record, "content");
    for (const auto kernel : kernels) {
      if (!is_available(suite, kernel))
        continue;
      CAPTURE(name(kernel));
      for (std::size_t first = 0; first < expected.size(); first += 31) {
        bytes out(expected.size() - first);
        write_stream(out, mask_key(key),
                     {suite, array<stream_nonce_bytes>(record, "nonce"), kernel}, first);
        CHECK(hex(out) == hex(bytes_view(expected).subspan(first)));
      }
    }
  }
}

TEST_CASE("a round's masks have the lanes of the second implementation's, by every kernel") {
  std::map<std::string, vector_record> rounds;
  for (auto& round : items("round"))
    rounds[round.at("name")] = round;
  std::size_t compared = 0;
  for (const auto& client : items("client")) {
    if (!client.contains("self_mask_ends"))
      continue;
    const auto& round = rounds.at(client.at("round"));
    for (const auto kernel : kernels) {
      if (!is_available(static_cast<mask_suite>(number(round, "suite")), kernel))
        continue;
      CAPTURE(name(kernel));
      CHECK(mask_ends(round, content(client, "b"), kernel) == numbers(client, "self_mask_ends"));
      CHECK(mask_ends(round, content(client, "last_pair_key"), kernel) ==
            numbers(client, "last_pair_mask_ends"));
      ++compared;
    }
  }
  CHECK(compared > 0);
}
