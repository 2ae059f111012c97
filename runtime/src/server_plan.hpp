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
#include <godwit/messages/check.hpp>
#include <godwit/privacy/distributed_noise.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/shared_sealing.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// A training loss that is summed unseen lies in 0 ..= this, nats an example.
inline constexpr double masked_loss_max = 16;

/// What edges that add the noise do, for a model of so many parameters; nothing where they add
/// none. Fails with bad_config, in a sentence, where that cannot be done.
inline attempt<std::optional<secure_sum::noised_terms>>
noised_terms_of(const job_config& job, std::uint64_t parameter_count) {
  if (!is_distributed(job.privacy))
    return std::optional<secure_sum::noised_terms>();
  auto made =
      noised_terms_for({.law = job.privacy.mechanism == "skellam" ? noise_kind::skellam
                                                                  : noise_kind::discrete_gaussian,
                        .clip_norm = job.privacy.clip_norm,
                        .noise_multiplier = job.privacy.noise_multiplier,
                        .survivors_min = effective_cohort_min(job.round),
                        .corrupt_max = corrupt_max_of(job),
                        .bits = static_cast<std::uint8_t>(job.secure_sum.bits)},
                       parameter_count);
  if (!made)
    return failure{.code = failure_code::bad_config,
                   .detail = "job.privacy with job.secure_sum.bits: " + made.why().detail};
  return std::optional(*made);
}

/// The terms of each round's secure sum, but for what is the round's own; nothing where updates are
/// sent as they are. The streams: the update, and the loss; with noise, the update alone.
/// noised_terms_of has found what it gives.
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
  const auto noised = noised_terms_of(job, parameter_count);
  GODWIT_CHECK(noised, "noise that was not found possible when the job began");
  if (*noised) { // and the loss stays where it is
    made.noised = **noised;
    made.streams = {secure_sum::noised_stream(*made.noised, parameter_count)};
  }
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
          .hides_losses =
              job.example_privacy.mechanism != "none" || job.local_privacy.mechanism != "none"};
}

/// How the server makes a first round's mean private; nothing where it does not.
inline std::optional<private_mean> private_mean_of(const job_config& job) {
  if (job.privacy.mechanism != "gaussian" && job.privacy.mechanism != "tree")
    return {};
  const auto& from = job.privacy;
  private_mean made{.clip_norm = from.clip_norm,
                    .noise_multiplier = from.noise_multiplier,
                    .cohort = job.round.cohort};
  if (from.clip == "adaptive")
    made.adaptation = clip_adaptation{from.clip_quantile, from.clip_rate};
  if (from.mechanism == "tree")
    made.tree_rounds = from.tree_rounds;
  return made;
}

/// How a round's mean gets its noise. noised_terms_of has found what it gives.
inline release_rules release_rules_of(const job_config& job, std::uint64_t parameter_count) {
  if (job.privacy.mechanism == "tree")
    return {.noise = accounting::gaussian{job.privacy.noise_multiplier},
            .tree_rounds = job.privacy.tree_rounds};
  if (!is_distributed(job.privacy))
    return {.noise = accounting::gaussian{job.privacy.noise_multiplier}};
  const auto noised = noised_terms_of(job, parameter_count);
  GODWIT_CHECK(noised, "noise that was not found possible when the job began");
  return {.noise = release_of(**noised, parameter_count, 1).mechanism,
          .survivors_min = effective_cohort_min(job.round),
          .corrupt_max = corrupt_max_of(job),
          .step = (*noised)->step};
}

/// What each client may spend, and has spent in releases before these.
inline privacy_budget privacy_budget_of(const job_config& job, std::uint64_t parameter_count,
                                        privacy_budget::costs spent, tree_history trees = {}) {
  const auto& from = job.privacy;
  if (from.mechanism == "none")
    return {};
  return {privacy_limit{from.epsilon, from.delta}, release_rules_of(job, parameter_count),
          std::move(spent), std::move(trees)};
}

/// What each client is asked to do; its seed is drawn for each.
inline training_plan client_plan_of(const job_config& job) {
  auto made = job.client;
  if (job.example_privacy.mechanism != "none")
    made.noise = {static_cast<float>(job.example_privacy.clip_norm),
                  static_cast<float>(job.example_privacy.noise_multiplier)};
  if (const auto& from = job.local_privacy; from.mechanism != "none")
    made.local = {from.mechanism == "laplace" ? update_noise::laplace : update_noise::gaussian,
                  static_cast<float>(from.clip_norm), static_cast<float>(from.noise_multiplier)};
  return made;
}

/// Whether edges can do what the job asks them to do for privacy, for a model of so many
/// parameters, at least once. Fails with bad_config, in a sentence.
inline attempt<done> check_distributed(const job_config& job, std::uint64_t parameter_count) {
  if (!is_distributed(job.privacy))
    return done{};
  if (const auto noised = noised_terms_of(job, parameter_count); !noised)
    return noised.why();
  if (privacy_budget_of(job, parameter_count, {}).is_spent({"anybody"}))
    return failure{.code = failure_code::bad_config,
                   .detail =
                       "job.privacy.noise_multiplier is too small for this epsilon and delta: "
                       "the first round would exceed them; take more noise"};
  return done{};
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
