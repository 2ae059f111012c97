// What has the server stated of a round's sum, once for all clients? (privacy/SECURE_SUM.md,
// sections 2, 12 and 13.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/encrypted_sum.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/noise.hpp>

namespace godwit::secure_sum {

inline constexpr std::size_t stream_count_max = 1024;
inline constexpr std::uint8_t modulus_bits_least = 8;
inline constexpr std::uint8_t modulus_bits_most = 62;
inline constexpr std::uint8_t stream_bits_most = 24;

/// One run of values, all with the same range and resolution.
struct stream_terms {
  std::uint64_t length = 0; ///< 1 or more
  double low = 0;           ///< finite, below `high`
  double high = 0;
  std::uint8_t bits = 0; ///< 1 ..= 24
  friend bool operator==(const stream_terms&, const stream_terms&) = default;
};

/// A long vector that travels encrypted, while what is masked and summed is the key that it is
/// encrypted under.
struct carried_terms {
  sum_set set = sum_set::rk4096a;
  std::uint32_t weight_max = 1;      ///< 1 or more
  std::vector<stream_terms> streams; ///< 1 ..= stream_count_max
  friend bool operator==(const carried_terms&, const carried_terms&) = default;
};

/// Values that are clipped to an L2 norm on a grid, each client's with noise of its own (section
/// 13). There is one stream of them, and all weigh the same.
struct noised_terms {
  noise_kind law = noise_kind::discrete_gaussian; ///< or skellam
  double norm_max = 0;                            ///< L2, of a client's values; 2^-100 or more
  double step = 0;                                ///< of the grid; norm_max / step is 1 ..= 2^23
  double share_deviation = 0; ///< of each client's noise, in steps: noise_share_scale_min or more
  friend bool operator==(const noised_terms&, const noised_terms&) = default;
};

struct terms {
  mask_suite suite = mask_suite::aes256_ctr;
  secure_sum::profile profile = profile::semi_honest;
  std::string job; ///< the server's name: valid as a name
  round_id round;
  std::array<std::byte, 32> server_nonce{};
  std::uint32_t clients_min = 2; ///< 2 or more; fewer survivors: nothing is opened
  std::uint32_t clients_max = 2; ///< clients_min ..= graph_count_max
  client_fractions fractions;    ///< each below 1000
  std::uint32_t weight_max = 1;  ///< 1 or more
  std::uint8_t modulus_bits = 0; ///< R
  std::uint8_t lane_bits = 0;    ///< W
  sha256_digest model{};
  std::vector<stream_terms> streams; ///< 1 ..= stream_count_max; of a key: key_streams
  std::optional<carried_terms> carried;
  std::optional<noised_terms> noised;
};

/// The stream in which whatever a client says under these rules has its place: steps from
/// -2^(bits-1) on, as few bits as that takes. 25 bits or more where there is no such stream.
stream_terms noised_stream(const noised_terms&, std::uint64_t length);

/// R for these clients, weights and streams: the smallest that no sum wraps in, at least 8; 0 where
/// 62 bits are not enough.
std::uint8_t modulus_bits_for(std::uint32_t clients_max, std::uint32_t weight_max,
                              const std::vector<stream_terms>& streams);

/// W for this R: 16, 32 or 64.
std::uint8_t lane_bits_for(std::uint8_t modulus_bits) noexcept;

/// d = 1 + the sum of the streams' lengths.
std::uint64_t entry_count(const terms&) noexcept;

/// The streams of what is masked where it is a key: one, of terms in -1 ..= 1.
std::vector<stream_terms> key_streams(sum_set set);

/// What the clients have to say, carried or not: its streams, the largest weight, and how many
/// entries that makes with the weight's.
const std::vector<stream_terms>& value_streams(const terms&) noexcept;
std::uint32_t value_weight_max(const terms&) noexcept;
std::uint64_t value_count(const carried_terms&) noexcept;

/// Bits of the largest entry of a carried vector; more than a slot has where it fits none.
std::uint8_t value_bits(const carried_terms&) noexcept;

/// How many clients' carried vectors add up for certain; 0: not even one.
std::uint64_t carried_clients_max(const carried_terms&);

/// Bytes of one client's carried vector.
std::uint64_t carried_bytes(const carried_terms&);

/// The stream of keys of the round's masks.
key_stream mask_stream(const terms&) noexcept;

/// Refuses wrong_terms where a field is out of its bounds, or a sum could wrap.
result<done> check(const terms&);

bytes encode(const terms&);
/// Refuses malformed (no terms), or what `check` refuses.
result<terms> decode_terms(bytes_view encoded);

/// Whether `weight`, entry 0 of an opened sum, can be that of so many survivors (section 10).
bool is_possible_weight(const terms&, std::uint32_t survivor_count, std::uint64_t weight) noexcept;

/// H_o = H("FLSA1/terms", terms).
sha256_digest hash_of_terms(bytes_view encoded);

} // namespace godwit::secure_sum
