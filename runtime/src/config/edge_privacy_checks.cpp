// What goes with privacy that edges see to themselves: hidden examples, updates with noise?
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "config/privacy_checks.hpp"

namespace godwit::config {
namespace {

constexpr std::string_view hidden = "job.example_privacy.mechanism";
constexpr std::string_view local = "job.local_privacy.mechanism";

void refuse_evaluation(intake& read, const job_config& job, std::string_view key,
                       const std::string& mechanism, std::string_view why) {
  if (read.is_sound({key, "job.federated_evaluate_every"}) && mechanism != "none" &&
      job.federated_evaluate_every != 0)
    read.refuse("job.federated_evaluate_every", key,
                fmt::format("0, since {} is {}", key, mechanism), std::string(why));
}

void check_demand(intake& read, std::string_view demand, const told_limit_config& limit,
                  std::string_view key, const std::string& mechanism) {
  if (read.is_sound({key, demand}) && limit.demand == "required" && mechanism == "none")
    read.refuse(demand, key, fmt::format("accepted, since {} is none", key),
                "no client would take part in a round");
}

} // namespace

void check_edge_privacy(intake& read, const job_config& job) {
  refuse_evaluation(read, job, hidden, job.example_privacy.mechanism,
                    "edges would report how the model does on examples that nothing hides");
  refuse_evaluation(read, job, local, job.local_privacy.mechanism,
                    "edges would report without noise how the model does on their examples");
  if (read.is_sound({local, "job.selection"}) && job.local_privacy.mechanism != "none" &&
      job.selection != "random")
    read.refuse("job.selection", local,
                fmt::format("random, since {} is {}", local, job.local_privacy.mechanism),
                "edges would have to tell how many examples they have");
}

void check_told_limits(intake& read, const simulation_config& config) {
  check_demand(read, "example_limit.demand", config.example_limit, hidden,
               config.job.example_privacy.mechanism);
  check_demand(read, "update_limit.demand", config.update_limit, local,
               config.job.local_privacy.mechanism);
}

} // namespace godwit::config
