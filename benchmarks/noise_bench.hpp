// How fast is noise drawn, beside the exact samplers of the book and beside the mere generator of
// as many bytes?
#pragma once

#include <cstddef>
#include <iosfwd>

namespace godwit {

struct noise_bench_options {
  std::size_t sample_count = 1'000'000;
  int repeats = 10; ///< the fastest counts
};

/// Writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if samples do not have the variance of their law.
int run_noise_bench(const noise_bench_options& options, std::ostream& csv);

} // namespace godwit
