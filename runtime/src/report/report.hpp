// What a run looks like afterwards: one HTML file with figures, plots and tables, which opens
// offline.
#pragma once

#include <string>
#include <vector>

#include <godwit/runtime/record.hpp>

namespace godwit {

/// The whole report as one self-contained HTML page: no URL is fetched, every string of the run is
/// escaped. Rounds are shown in the order given. Participation and per-edge plots are drawn edge by
/// edge up to 60 edges, and as distributions above that. Equal input gives equal bytes.
std::string html_report(const run_facts& facts, const std::vector<round_record>& rounds);

} // namespace godwit
