// How many examples a CPU second does the training engine train on?
#pragma once

#include <ostream>

namespace godwit {

struct trainer_bench_options {
  double seconds = 0.5; ///< CPU seconds of one repeat of one cell
  unsigned repeats = 5; ///< the best one counts: what else the machine does can only slow it down
  bool all_kernels =
      false; ///< every set of kernels that this processor can run, not only the one that is chosen
  bool hides_examples = false; ///< beside plain SGD DP-SGD, and what it costs
};

/// Prints rows of CSV under `workload,variant,metric,value,unit`: examples trained on for each CPU
/// second, in one thread, on generated images of 28 x 28 in 10 classes; where examples are hidden,
/// too, how many times as long a step of the same (expected) batch takes, and how much of that the
/// noise alone would. Returns the exit status of
/// a program.
int run_trainer_bench(const trainer_bench_options& options, std::ostream& out);

} // namespace godwit
