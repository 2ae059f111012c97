// How long does a round take over the network, and what does it take of the server's memory?
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

namespace godwit {

/// The defaults are workload W2.
struct rounds_bench_options {
  std::vector<std::uint32_t> edge_counts{2, 10, 50};
  std::vector<std::uint64_t> parameter_counts{10'000, 1'000'000};
  std::uint32_t round_count = 0; ///< 0: as rounds_of_run says
  bool all_cores = false; ///< else server, edges and all on one core, so that machines compare
};

/// So many rounds that those in which processes, links and caches warm up do not decide the median:
/// a few seconds' worth.
constexpr std::uint32_t rounds_of_run(std::uint64_t parameter_count) noexcept {
  return parameter_count <= 100'000 ? 200 : 20;
}

/// Prints rows of CSV: the median round of real processes over TLS whose edges return what they
/// got, beside the bare sending of the same bytes over the same transport. Returns the exit status.
int run_rounds_bench(const rounds_bench_options&, std::ostream& csv);

/// Workload durable: a round with the server's state on a disk, beside one with it in memory.
struct durable_bench_options {
  std::uint32_t edge_count = 100;
  std::uint64_t parameter_count = 1'000'000;
  std::uint32_t round_count = 6;
};
int run_durable_bench(const durable_bench_options&, std::ostream& csv);

/// Workload W7: one round of a model of so many bytes, two edges.
int run_large_bench(std::uint64_t model_bytes, std::ostream& csv);

} // namespace godwit
