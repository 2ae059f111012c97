// A federation of real processes over TLS on loopback, whose edges return what they got.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "child_process.hpp"

namespace godwit {

struct networked_options {
  std::uint32_t edge_count = 2;
  std::uint64_t parameter_count = 10'000;
  std::uint32_t round_count = 20;
  std::chrono::seconds at_most{300}; ///< then it has failed
  bool server_in_memory = false;     ///< its state, too, lies in memory and not on a disk
};

/// What a run took.
struct networked_run {
  std::vector<double> round_seconds; ///< from the end of a round to the end of the next, in order
  double first_round_end = 0;        ///< since the server's start, seconds
  double wire_seconds = 0; ///< the bytes of one round over one TLS link, with nothing else done
  process_usage server;
  process_usage edge;           ///< of one of them
  double round_cpu_seconds = 0; ///< all processes' for a round, but for the first; 0: not known
  std::string trouble;          ///< why there are no figures; empty: there are
};

/// Makes keys, starts `godwit server` and the edges, each a process, and waits for the job's end.
/// Everything lies in folders of its own that are removed again; the edges' state in memory,
/// because each edge has a disk to itself, and here they would share the server's.
networked_run run_networked(const networked_options&);

/// Keeps this process, and those that it starts from now on, on one core.
void stay_on_one_core();

} // namespace godwit
