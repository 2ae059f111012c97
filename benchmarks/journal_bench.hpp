// How fast is a journal durable, beside how fast its disk is durable at all?
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <vector>

namespace godwit {

struct journal_bench_options {
  std::filesystem::path folder = "."; ///< on the disk that is measured; nothing is left in it
  std::vector<std::size_t> group_sizes{1, 10, 100}; ///< records in a write
  double seconds = 5; ///< of one cell, journal and plain file together
};

/// Writes rows "workload,variant,metric,value,unit", after a header line. Returns 0, or 1 with the
/// reason on the standard error.
int run_journal_bench(const journal_bench_options& options, std::ostream& csv);

} // namespace godwit
