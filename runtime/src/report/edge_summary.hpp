// What each edge did over a whole run, gathered from the rounds: for the report's plots and tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/runtime/record.hpp>

namespace godwit {

/// How an invited client's round ended, in the kinds that the report tells apart.
enum class participation : std::uint8_t {
  reported,
  declined,
  let_go,  ///< the round closed before its update, through no fault of its own: the cohort was
           ///< complete, or the round was abandoned
  dropped, ///< lost, refused or too late
};
participation participation_of(const client_record& client) noexcept;

/// One edge over the run. `cells` has a letter a round: r reported, d declined, s let go, x dropped
/// out, . not invited.
struct edge_summary {
  std::string name;
  std::uint64_t reported = 0, declined = 0, let_go = 0, dropped = 0; ///< rounds
  std::uint64_t example_count = 0;                                   ///< as it last reported
  std::optional<double> loss, accuracy;                              ///< as it last reported
  std::string cells;                                                 ///< [round]
};

/// All edges that were invited at least once or that the facts name, "edge-2" before "edge-10".
std::vector<edge_summary> summarise_edges(const run_facts& facts,
                                          const std::vector<round_record>& rounds);

/// Whether `a` comes before `b` where runs of digits count as numbers.
bool comes_before(std::string_view a, std::string_view b) noexcept;

} // namespace godwit
