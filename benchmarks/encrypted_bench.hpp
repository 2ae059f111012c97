// What do encrypted sums cost, value by value, beside the generator and the transforms that they
// cannot do without?
#pragma once

#include <cstddef>
#include <iosfwd>

namespace godwit {

struct encrypted_bench_options {
  std::size_t value_count = 1'000'000; ///< of the sums that do not fit a cache
  std::size_t client_count = 100;      ///< of the whole round
  int repeats = 20;                    ///< the fastest counts
};

/// Writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if a sum was wrong.
int run_encrypted_bench(const encrypted_bench_options& options, std::ostream& csv);

} // namespace godwit
