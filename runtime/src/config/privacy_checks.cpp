#include "config/privacy_checks.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <godwit/privacy/gaussian_accountant.hpp>

namespace godwit::config {

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
  if (read.is_sound({"job.secure_sum.profile"}) && job.secure_sum.profile != "none")
    read.refuse("job.secure_sum.profile", mechanism, fmt::format("none, {}", since),
                "the noise is the server's, which must see what it cuts to the norm");
  if (read.is_sound({"job.shared_sum.scheme"}) && job.shared_sum.scheme != "none")
    read.refuse("job.shared_sum.scheme", mechanism, fmt::format("none, {}", since),
                "the noise is the server's, which must see what it cuts to the norm");
  if (!read.is_sound({"job.privacy.delta", "job.privacy.epsilon", "job.privacy.noise_multiplier"}))
    return;
  const auto& rules = job.privacy;
  if (read.is_sound({clients_key}) && client_count > 0 &&
      rules.delta * static_cast<double>(client_count) >= 1)
    read.refuse("job.privacy.delta", clients_key,
                fmt::format("below 1 / {}, which is {}", client_count, clients_key),
                "to tell everything of one client in so many would be allowed");
  const double mu = accounting::gaussian_mu(rules.epsilon, rules.delta);
  if (mu * rules.noise_multiplier < 1)
    read.refuse("job.privacy.noise_multiplier", "job.privacy.epsilon",
                fmt::format("at least {:.4g}, with this budget", std::ceil(1e4 / mu) / 1e4),
                "the first round would exceed it; `godwit privacy plan` finds what fits");
}

} // namespace godwit::config
