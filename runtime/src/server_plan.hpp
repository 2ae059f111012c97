// What does a job's configuration mean for the machines? One place for the server and the
// simulator.
#pragma once

#include <algorithm>
#include <cstdint>

#include <godwit/actors/machines/job.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/actors/machines/transfer.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

inline round::plan round_plan_of(const job_config& job, std::uint64_t parameter_count) {
  const auto update_bytes = std::max<std::uint64_t>(parameter_count * sizeof(float), 1);
  return {.cohort = job.round.cohort,
          .cohort_min = effective_cohort_min(job.round),
          .lasts_for = job.round.deadline,
          .upload_count_max = static_cast<std::uint32_t>(
              std::clamp<std::uint64_t>(transfer::upload_bytes_max / update_bytes, 2, 64)),
          .upload_lasts_for = job.round.deadline / 4,
          .update_bytes = parameter_count * sizeof(float)};
}

inline job::plan job_plan_of(const job_config& job, std::uint32_t wait_for) {
  job::plan plan;
  plan.round_count = job.rounds;
  plan.wait_for = wait_for != 0 ? wait_for : job.round.cohort;
  plan.cohort_min = effective_cohort_min(job.round);
  plan.target_accuracy = job.target_accuracy;
  return plan;
}

} // namespace godwit
