// What does a client of a shared sum upload, and what does the opened sum say? Pure.
// (privacy/SHARED_SUM.md, section 9)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/shared_round.hpp>

namespace godwit::shared_sum {

/// What a client has to say in a round of two streams.
struct client_update {
  std::span<const float> values; ///< [the first stream's length]
  float loss = 0;                ///< the second stream
  std::uint32_t weight = 1;      ///< 1 ..= the round's weight_max
};

/// A client's whole upload: its values are rounded to the streams' grids at random, weighted, and
/// split. `seed` has 32 bytes and is used for nothing else. Refuses value_not_finite.
result<bytes> upload_of(const shared_round&, const client_id&, const secret& seed,
                        const client_update&);

/// The means of a round of two streams.
struct opened_means {
  std::vector<float> update;
  double loss = 0;
};

/// Reads the sum of so many clients' entries. Nothing where it cannot be one: somebody has cheated.
std::optional<opened_means> means_of(const shared_round&, bytes_view sum, std::size_t client_count);

} // namespace godwit::shared_sum
