// What does a job's configuration mean for the machines? One place for the server and the
// simulator.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <godwit/actors/machines/job.hpp>
#include <godwit/actors/machines/privacy_budget.hpp>
#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/transfer.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/shared_sealing.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// A training loss that is summed unseen lies in 0 ..= this, nats an example.
inline constexpr double masked_loss_max = 16;

/// The terms of each round's secure sum, but for what is the round's own; nothing where updates are
/// sent as they are. The streams: the update, and the loss.
inline std::optional<secure_sum::terms> secure_terms_of(const job_config& job,
                                                        std::uint64_t parameter_count) {
  const auto& from = job.secure_sum;
  if (from.profile == "none")
    return {};
  const auto thousandths = [](double share) {
    return static_cast<std::uint16_t>(std::lround(share * 1000));
  };
  const auto bits = static_cast<std::uint8_t>(from.bits);
  const auto invited = std::ceil(job.round.cohort * job.round.over_selection);
  secure_sum::terms made;
  if (from.profile == "malicious")
    made.profile = secure_sum::profile::malicious;
  made.clients_min = effective_cohort_min(job.round);
  made.clients_max = static_cast<std::uint32_t>(invited);
  made.fractions = {.corrupt = thousandths(from.colluding), .dropped = thousandths(from.dropping)};
  made.weight_max = from.weight_max;
  made.streams = {{parameter_count, -from.clip, from.clip, bits}, {1, 0, masked_loss_max, bits}};
  if (from.method == "encryption") {
    made.carried = secure_sum::carried_terms{.set = sum_set::rk4096a,
                                             .weight_max = std::exchange(made.weight_max, 1),
                                             .streams = std::move(made.streams)};
    made.streams = secure_sum::key_streams(made.carried->set);
  }
  made.modulus_bits = secure_sum::modulus_bits_for(made.clients_max, made.weight_max, made.streams);
  made.lane_bits = secure_sum::lane_bits_for(made.modulus_bits);
  return made;
}

/// What is stated of each round's shared sum, but for what is the round's own and the trustees'
/// keys; nothing where there is none. The last server is this one.
inline std::optional<shared_sum::shared_round>
shared_round_of(const job_config& job, const std::string& server, std::uint64_t parameter_count) {
  const auto& from = job.shared_sum;
  if (from.scheme == "none")
    return {};
  const auto bits = static_cast<std::uint8_t>(from.bits);
  shared_sum::shared_round made;
  for (auto& name : trustee_names(from))
    made.servers.push_back({.name = std::move(name), .key = {}, .evidence = {}});
  made.servers.push_back({.name = server, .key = {}, .evidence = {}});
  made.weight_max = from.weight_max;
  made.streams = {{parameter_count, -from.clip, from.clip, bits}, {1, 0, masked_loss_max, bits}};
  auto& terms = made.terms;
  terms.scheme =
      from.scheme == "replicated" ? shared_sum::scheme::replicated : shared_sum::scheme::additive;
  terms.server_count = static_cast<unsigned>(made.servers.size());
  terms.job = job.name;
  terms.clients_min = effective_cohort_min(job.round);
  terms.clients_max =
      static_cast<std::uint32_t>(std::ceil(job.round.cohort * job.round.over_selection));
  terms.lane_bits = secure_sum::lane_bits_for(
      secure_sum::modulus_bits_for(terms.clients_max, made.weight_max, made.streams));
  shared_sum::settle_terms(made);
  return made;
}

/// `server`: its name, for a shared sum.
inline round::plan round_plan_of(const job_config& job, std::uint64_t parameter_count,
                                 const std::string& server = {}) {
  const auto secure = secure_terms_of(job, parameter_count);
  const auto shared = shared_round_of(job, server, parameter_count);
  const auto length = secure   ? secure_sum::body_bytes(*secure)
                      : shared ? shared_sum::body_bytes(shared->terms)
                               : parameter_count * sizeof(float);
  const auto update_bytes = std::max<std::uint64_t>(length, 1);
  return {.cohort = job.round.cohort,
          .cohort_min = effective_cohort_min(job.round),
          .lasts_for = job.round.deadline,
          .upload_count_max = static_cast<std::uint32_t>(
              std::clamp<std::uint64_t>(transfer::upload_bytes_max / update_bytes, 2, 64)),
          .upload_lasts_for = job.round.deadline / 4,
          .update_bytes = length,
          .secure = secure,
          .shared = shared,
          .hides_losses = job.example_privacy.mechanism != "none"};
}

/// How a round's mean is made private; nothing where it is not.
inline std::optional<private_mean> private_mean_of(const job_config& job) {
  if (job.privacy.mechanism == "none")
    return {};
  return private_mean{.clip_norm = job.privacy.clip_norm,
                      .noise_multiplier = job.privacy.noise_multiplier,
                      .cohort = job.round.cohort};
}

/// What each client may spend, and has spent in releases before these.
inline privacy_budget privacy_budget_of(const job_config& job, std::map<client_id, double> spent) {
  const auto& from = job.privacy;
  if (from.mechanism == "none")
    return {};
  return {privacy_limit{from.epsilon, from.delta}, from.noise_multiplier, std::move(spent)};
}

/// What each client is asked to do; its seed is drawn for each.
inline training_plan client_plan_of(const job_config& job) {
  auto made = job.client;
  if (job.example_privacy.mechanism != "none")
    made.noise = {static_cast<float>(job.example_privacy.clip_norm),
                  static_cast<float>(job.example_privacy.noise_multiplier)};
  return made;
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
