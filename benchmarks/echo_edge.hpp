// The edge that returns what it got: what a round costs beside the training.
#pragma once

#include <filesystem>

namespace godwit {

/// Takes part with the configuration in `config` until it is asked to end (SIGTERM). Its update is
/// a difference of zeros, as many as the model has parameters. Returns the exit status.
int run_echo_edge(const std::filesystem::path& config, std::uint64_t parameter_count);

} // namespace godwit
