// How fast are vectors cut into shares and shares summed, beside the mere generator and the mere
// reading of as many bytes?
#pragma once

#include <cstddef>
#include <iosfwd>

namespace godwit {

struct shared_bench_options {
  std::size_t lane_count = 1'000'000; ///< of 32 bits
  std::size_t client_count = 100;
  int repeats = 5; ///< the fastest counts
};

/// Writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if the servers' sums do not come to the plain sum.
int run_shared_bench(const shared_bench_options& options, std::ostream& csv);

} // namespace godwit
