// Who is invited to a round. Pure: the seed and the round decide, not the order in which edges
// came.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <godwit/actors/machines/membership.hpp>

namespace godwit::selection {

enum class rule : std::uint8_t {
  random,  ///< uniform without replacement; the updates are weighted by example count
  by_size, ///< by example count, without replacement; the updates then weigh the same, or size
           ///< would count twice
};

/// The rule's name in a config: random, by_size.
attempt<rule> rule_of(std::string_view name);

/// The invited ones and, behind them, the reserve, in order.
struct cohort {
  std::vector<client_id> invited;
  std::vector<client_id> reserve;
};

/// How many are invited: ceil(cohort x over_selection) (Bonawitz et al. 2019, section 4.2, select
/// 130 % of the goal).
std::size_t invited_count(std::uint32_t cohort, double over_selection);

/// Selects `count` of the candidates (all, if there are fewer) for `round`, and up to as many again
/// as the reserve. The same seed, round and set of candidates give the same cohort. by_size draws
/// by the keys ln(u) / size of Efraimidis and Spirakis 2006, algorithm A.
cohort select(rule, std::vector<membership::candidate> candidates, std::size_t count,
              std::uint64_t seed, round_id round);

/// The training seed of a client in a round: the same in the simulator and in production.
std::uint64_t training_seed(std::uint64_t seed, round_id round, const client_id& client);

} // namespace godwit::selection
