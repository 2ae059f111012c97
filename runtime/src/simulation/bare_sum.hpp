// How does a simulation sum what a server could not look into? Masks cancel exactly, so it leaves
// them out: the entries, the ring and what the sum is opened to are those of a real round.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit::simulated {

/// One client's part in a round.
struct bare_update {
  const client_id& client;
  std::span<const float> values;
  std::uint64_t example_count = 1;
  double loss = 0;
};

/// What a round's sum is opened to.
struct bare_mean {
  std::vector<float> mean;
  std::optional<double> loss; ///< nothing where the updates have noise
};

class bare_sum {
public:
  /// `terms`: of a job's secure sums. All that edges draw follows from `seed`, so that a simulation
  /// can be repeated; its noise protects nobody.
  bare_sum(secure_sum::terms terms, std::uint64_t seed);

  /// Adds what the client would upload. Refuses value_not_finite.
  result<done> add(round_id, const bare_update&);
  /// Ends the sum. With noise it is divided by `cohort`, whoever is in it.
  bare_mean open(round_id, std::uint32_t cohort);
  void clear() { sum_.clear(); }

private:
  secure_sum::terms terms_; ///< without what would be carried
  secure_sum::entry_writer writer_;
  secure_sum::body_sum sum_;
  secret seed_;
};

} // namespace godwit::simulated
