// Which settings do not go together with differential privacy?
#pragma once

#include <cstdint>
#include <string>

#include <godwit/runtime/config.hpp>

#include "config/intake.hpp"

namespace godwit::config {

/// `client_count`: of the population, as `clients_key` says it; 0: not known.
void check_privacy(intake& read, const job_config& job, std::uint64_t client_count,
                   const std::string& clients_key);

/// What a job goes with whose edges hide their examples, or add noise to their updates. Adds to
/// `read` what it does not.
void check_edge_privacy(intake& read, const job_config& job);

/// Of a simulation: the job, and what its edges demand.
void check_told_limits(intake& read, const simulation_config& config);

} // namespace godwit::config
