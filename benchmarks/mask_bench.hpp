// How fast are masks made and added, beside the mere making of their bytes? How fast are values
// quantised and packed, beside the mere copying of as many bytes?
#pragma once

#include <cstddef>
#include <iosfwd>
#include <vector>

namespace godwit {

struct mask_bench_options {
  std::vector<std::size_t> lane_counts{1'000'000, 10'000'000}; ///< of 32 bits
  std::size_t mask_count = 100;
  int repeats = 5; ///< the fastest counts
};

struct quantise_bench_options {
  std::vector<std::size_t> value_counts{1'000'000, 10'000'000};
  int repeats = 40; ///< the fastest counts
};

/// Each writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if two kernels that must agree did not give the same lanes.
int run_mask_bench(const mask_bench_options& options, std::ostream& csv);
int run_quantise_bench(const quantise_bench_options& options, std::ostream& csv);

} // namespace godwit
