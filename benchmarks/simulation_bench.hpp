// How many clients' updates does the simulator make in a second?
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

namespace godwit {

/// The defaults are workload W6: each client takes one step of softmax regression (7,850
/// parameters) on its 64 examples of 784 features, and all clients are in each round.
struct simulation_bench_options {
  std::vector<std::uint32_t> client_counts{100, 1'000, 5'000};
  std::uint32_t update_count = 200'000; ///< about so many for each client count
  std::uint32_t threads = 0;            ///< 0: one for each core
};

/// Prints rows of CSV: updates a second, beside the bare training of the same clients in one
/// thread, without a federation. Returns the exit status.
int run_simulation_bench(const simulation_bench_options&, std::ostream& csv);

} // namespace godwit
