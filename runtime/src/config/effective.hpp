// How a configuration is written back as YAML: the effective configuration that a run leaves
// behind.
#pragma once

#include <string>

#include <godwit/runtime/config.hpp>

namespace godwit::config {

/// Every key that is in use, defaults too, in the order of the reference page. Reading it gives the
/// same configuration again (paths that are relative are then taken as relative to the new file).
std::string to_yaml(const server_config&);
std::string to_yaml(const edge_config&);
std::string to_yaml(const simulation_config&);

} // namespace godwit::config
