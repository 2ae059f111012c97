// The numbers behind the report's plots, as one JSON object that the page's script reads.
#pragma once

#include <string>
#include <vector>

#include "report/edge_summary.hpp"
#include <godwit/runtime/record.hpp>

namespace godwit {

/// Up to so many edges are drawn one by one; more are drawn as distributions.
inline constexpr std::size_t edges_drawn_max = 60;

/// Plain JSON (pass it through safe_in_script): series with one entry a round, null where there is
/// none; edges in the order of `edges`; `labels` [client][class].
std::string report_json(const run_facts& facts, const std::vector<round_record>& rounds,
                        const std::vector<edge_summary>& edges);

} // namespace godwit
