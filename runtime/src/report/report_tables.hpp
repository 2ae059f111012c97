// The report's tables: every round with its outcome and drop-outs, and every edge with what it did.
#pragma once

#include <string>
#include <vector>

#include "report/edge_summary.hpp"
#include "report/flock_summary.hpp"
#include <godwit/runtime/record.hpp>

namespace godwit {

/// <table> with a row a round; figures that no round has get no column.
std::string rounds_table(const std::vector<round_record>& rounds);

/// <table> of why edges declined or dropped out, the most frequent reason first; empty if none did.
std::string reasons_table(const flock_summary& flock);

/// <table> with a row an edge.
std::string edges_table(const std::vector<edge_summary>& edges);

/// Who declined or dropped out of one round, by reason: "left: edge-3, edge-7; token_expired:
/// edge-1". At most six names a reason, then how many more there were. Plain text, not escaped.
std::string drop_out_reasons(const round_record& round);

} // namespace godwit
