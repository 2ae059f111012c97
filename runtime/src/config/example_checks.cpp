// What goes with differential privacy for single examples?
#include <string_view>

#include <fmt/format.h>

#include "config/privacy_checks.hpp"

namespace godwit::config {

namespace {
constexpr std::string_view mechanism = "job.example_privacy.mechanism";
}

void check_example_privacy(intake& read, const job_config& job) {
  if (!read.is_sound({mechanism}) || job.example_privacy.mechanism == "none")
    return;
  if (read.is_sound({"job.federated_evaluate_every"}) && job.federated_evaluate_every != 0)
    read.refuse("job.federated_evaluate_every", mechanism,
                fmt::format("0, since {} is {}", mechanism, job.example_privacy.mechanism),
                "edges would report how the model does on examples that nothing hides");
}

void check_example_limit(intake& read, const job_config& job, const example_limit_config& limit) {
  if (read.is_sound({mechanism, "example_limit.demand"}) && limit.demand == "required" &&
      job.example_privacy.mechanism == "none")
    read.refuse("example_limit.demand", mechanism,
                fmt::format("accepted, since {} is none", mechanism),
                "no client would take part in a round");
}

} // namespace godwit::config
