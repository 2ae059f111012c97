// How fast updates are summed, beside how fast their bytes can be read at all.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <vector>

namespace godwit {

/// What to measure. The defaults are workload W1: 100 updates of 1 and of 10 million parameters.
struct aggregate_bench_options {
  std::vector<std::size_t> parameter_counts{1'000'000, 10'000'000};
  std::size_t update_count = 100;
  std::size_t pool_bytes_max = std::size_t{2}
                               << 30; ///< updates cycle through a pool of at most this size
  int repeats = 5;                    ///< the fastest counts
};

/// Writes rows "workload,variant,metric,value,unit", after a header line. Returns 0, or 1 if two
/// variants that must agree did not give the same words.
int run_aggregate_bench(std::ostream& csv, const aggregate_bench_options& options = {});

} // namespace godwit
