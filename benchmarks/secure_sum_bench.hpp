// What does a secure sum cost its server and its clients, beside the mere making of the masks'
// bytes, and with values that are carried under masked keys?
#pragma once

#include <cstdint>
#include <iosfwd>

namespace godwit {

struct secure_sum_bench_options {
  std::uint64_t length = 1'000'000; ///< values of each client
  std::uint32_t client_count = 100; ///< with 42 neighbours, and 10 % that drop out
  /// With `choose_graph`'s own graph; 10 % drop out, then 30 %.
  std::uint32_t large_client_count = 1000;
  /// The fastest of each step counts; of the large sums there is one.
  int repeats = 5;
};

/// Writes rows "workload,variant,metric,value,unit", after a header line, of CPU time in one
/// thread. Returns 0, or 1 if a sum was opened that is not the survivors' plain sum, or if none
/// was, with the reason on the standard error.
int run_secure_sum_bench(const secure_sum_bench_options& options, std::ostream& csv);

} // namespace godwit
