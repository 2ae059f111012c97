#include "config/privacy_checks.hpp"

#include <bit>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

namespace godwit::config {

namespace {

/// Noise that edges add goes with a sum that the server cannot look into, and with nothing by which
/// one of them could count for more.
void check_shares(intake& read, const job_config& job, const std::string& since) {
  constexpr std::string_view mechanism = "job.privacy.mechanism";
  if (read.is_sound({"job.secure_sum.profile"}) && job.secure_sum.profile == "none")
    read.refuse("job.secure_sum.profile", mechanism,
                fmt::format("semi_honest or malicious, {}", since),
                "an edge's share of the noise does not hide its update, the sum of many does");
  if (read.is_sound({"job.secure_sum.weight_max"}) && job.secure_sum.weight_max != 1)
    read.refuse("job.secure_sum.weight_max", mechanism, fmt::format("1, {}", since),
                "one that counts for more is hidden by less");
  if (!read.is_sound({"job.round.cohort", "job.round.cohort_min", "job.round.over_selection",
                      "job.secure_sum.colluding"}))
    return;
  const auto corrupt = corrupt_max_of(job);
  if (effective_cohort_min(job.round) <= corrupt)
    read.refuse(
        "job.round.cohort_min", "job.secure_sum.colluding",
        fmt::format("at least {}, {}", corrupt + 1, since),
        "so many of those invited may work with the server, and add no noise; invite fewer, "
        "or trust more of them");
}

/// The noise multiplier whose first release spends the budget. Skellam noise takes a little more.
double least_multiplier(const privacy_config& rules) {
  if (rules.mechanism == "tree") // a part in its first round is in a node for each doubling
    return std::sqrt(std::bit_width(rules.tree_rounds)) /
           accounting::gaussian_mu(rules.epsilon, rules.delta);
  if (!is_distributed(rules))
    return 1 / accounting::gaussian_mu(rules.epsilon, rules.delta);
  double low = 1e-6, high = 1e6;
  while (high / low > 1 + 1e-9) {
    const double middle = std::sqrt(low * high);
    const accounting::concentrated_cost cost{.rho = 0.5 / (middle * middle), .is_gaussian = false};
    (accounting::epsilon_of(cost, rules.delta) <= rules.epsilon ? high : low) = middle;
  }
  return high;
}

} // namespace

void check_privacy(intake& read, const job_config& job, std::uint64_t client_count,
                   const std::string& clients_key) {
  constexpr std::string_view mechanism = "job.privacy.mechanism";
  if (!read.is_sound({mechanism}) || job.privacy.mechanism == "none")
    return;
  const auto since = fmt::format("since {} is {}", mechanism, job.privacy.mechanism);
  if (read.is_sound({"job.selection"}) && job.selection != "random")
    read.refuse("job.selection", mechanism, fmt::format("random, {}", since),
                "who is chosen by what its data are like is told on by being chosen");
  if (read.is_sound({"job.federated_evaluate_every"}) && job.federated_evaluate_every != 0)
    read.refuse("job.federated_evaluate_every", mechanism, fmt::format("0, {}", since),
                "edges would report how the model does on each one's own examples");
  if (is_distributed(job.privacy))
    check_shares(read, job, since);
  else if (read.is_sound({"job.secure_sum.profile"}) && job.secure_sum.profile != "none")
    read.refuse("job.secure_sum.profile", mechanism, fmt::format("none, {}", since),
                "the noise is the server's, which must see what it cuts to the norm; with noise of "
                "the edges it is discrete_gaussian or skellam");
  if (read.is_sound({"job.shared_sum.scheme"}) && job.shared_sum.scheme != "none")
    read.refuse("job.shared_sum.scheme", mechanism, fmt::format("none, {}", since),
                "no noise is added to a sum that takes several owners");
  if (!read.is_sound({"job.privacy.delta", "job.privacy.epsilon", "job.privacy.noise_multiplier"}))
    return;
  const auto& rules = job.privacy;
  if (read.is_sound({clients_key}) && client_count > 0 &&
      rules.delta * static_cast<double>(client_count) >= 1)
    read.refuse("job.privacy.delta", clients_key,
                fmt::format("below 1 / {}, which is {}", client_count, clients_key),
                "to tell everything of one client in so many would be allowed");
  const double least = least_multiplier(rules);
  if (rules.noise_multiplier < least)
    read.refuse("job.privacy.noise_multiplier", "job.privacy.epsilon",
                fmt::format("at least {:.4g}, with this budget", std::ceil(1e4 * least) / 1e4),
                "the first round would exceed it; `godwit privacy plan` finds what fits");
}

} // namespace godwit::config
