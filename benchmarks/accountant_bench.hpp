// How long does it take to say what noisy rounds cost?
#pragma once

#include <iosfwd>

namespace godwit {

struct accountant_bench_options {
  int repeats = 20; ///< the fastest counts
};

/// Writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if an epsilon is not what it has to be.
int run_accountant_bench(const accountant_bench_options& options, std::ostream& csv);

} // namespace godwit
