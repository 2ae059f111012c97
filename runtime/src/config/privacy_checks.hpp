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

/// What a job that hides single examples goes with. Adds to `read` what it does not.
void check_example_privacy(intake& read, const job_config& job);

/// Of a simulation: the job, and what its edges demand.
void check_example_limit(intake& read, const job_config& job, const example_limit_config& limit);

} // namespace godwit::config
