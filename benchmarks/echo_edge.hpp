// The edge that returns what it got, and a little more: what a round costs beside the training.
#pragma once

#include <filesystem>

namespace godwit {

/// Takes part with the configuration in `config` until it is asked to end (SIGTERM). Its update
/// adds 2^-20 to each parameter: a model that stays the same would not be fetched again. Returns
/// the exit status.
int run_echo_edge(const std::filesystem::path& config, std::uint64_t parameter_count);

} // namespace godwit
