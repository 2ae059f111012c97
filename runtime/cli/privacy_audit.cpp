// godwit privacy audit: does what canaries saw contradict what a job claims?
#include "privacy_audit.hpp"

#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <godwit/privacy/privacy_audit.hpp>

#include "data/csv.hpp"

namespace godwit::cli {
namespace {

attempt<std::vector<audit_trial>> trials_in(const privacy_audit_command& asked) {
  const auto table = read_csv(asked.trials, {.label = "in", .key = "canary"});
  if (!table)
    return table.why();
  if (table->shape != std::vector<std::uint32_t>{1} || table->class_count > 2)
    return failure{.code = failure_code::corrupt,
                   .detail = asked.trials.string() +
                             ": expected columns canary, in (0 or 1) and change, as `godwit "
                             "privacy canary` writes them"};
  std::vector<audit_trial> made;
  for (std::size_t i = 0; i < table->labels.size(); ++i)
    made.push_back({.is_in = table->labels[i] == 1,
                    .score = table->values[i] * asked.cohort / asked.clip_norm});
  return made;
}

void print_json(const audit_finding& found, const privacy_audit_command& asked) {
  fmt::print("{}\n", nlohmann::ordered_json{{"contradicts", found.contradicts()},
                                            {"claimed_epsilon", found.claimed_epsilon},
                                            {"delta", asked.delta},
                                            {"confidence", asked.confidence},
                                            {"gaussian_epsilon", found.gaussian_epsilon},
                                            {"gaussian_mu", found.gaussian_mu},
                                            {"any_epsilon", found.any_epsilon},
                                            {"any_threshold", found.any_threshold},
                                            {"trials_in", found.in_count},
                                            {"trials_out", found.out_count},
                                            {"false_positives", found.false_positives},
                                            {"false_negatives", found.false_negatives}}
                         .dump());
}

void print_text(const audit_finding& found, const privacy_audit_command& asked) {
  fmt::print("trials      {} with a canary's update, {} without\n", found.in_count,
             found.out_count);
  fmt::print("errors      {:.2f} % taken for there, {:.2f} % overlooked, at half a clip norm\n",
             100 * found.false_positives, 100 * found.false_negatives);
  fmt::print("claimed     epsilon {:.6g} at delta {:g}, of one released model\n",
             found.claimed_epsilon, asked.delta);
  fmt::print("seen        epsilon {:.6g} at least, if the noise is Gaussian: a multiplier of "
             "{:.4g} at most\n",
             found.gaussian_epsilon, 1 / found.gaussian_mu);
  fmt::print("            epsilon {:.6g} at least, whatever it is\n", found.any_epsilon);
  fmt::print("verdict     {}; a right claim is contradicted with probability {:.3g} at most\n",
             found.contradicts() ? "the claim is contradicted" : "nothing contradicts the claim",
             1 - asked.confidence);
}

} // namespace

int run(const privacy_audit_command& command) {
  if (!(command.clip_norm > 0 && std::isfinite(command.clip_norm)))
    return complain(fmt::format("--clip-norm is {:g}, and a finite number above 0 is accepted",
                                command.clip_norm),
                    exit_usage);
  if (!(command.cohort >= 1 && std::isfinite(command.cohort)))
    return complain(fmt::format("--cohort is {:g}, and 1 or more is accepted", command.cohort),
                    exit_usage);
  const auto trials = trials_in(command);
  if (!trials)
    return complain(trials.why().detail, exit_failed);
  const auto found = audit(*trials, {.noise_multiplier = command.noise, .delta = command.delta},
                           command.confidence);
  if (!found)
    return complain(found.why().detail, exit_usage);
  if (command.as_json)
    print_json(*found, command);
  else
    print_text(*found, command);
  return found->contradicts() ? exit_failed : exit_done;
}

void add_privacy_audit(CLI::App& privacy, privacy_audit_command& command, int& status) {
  auto* sub = privacy.add_subcommand(
      "audit", "whether what canaries saw contradicts the noise that a job claims");
  sub->add_option("trials", command.trials, "the file that `godwit privacy canary` has written")
      ->required();
  sub->add_option("--noise", command.noise, "claimed: job.privacy.noise_multiplier")->required();
  sub->add_option("--clip-norm", command.clip_norm, "claimed: job.privacy.clip_norm")->required();
  sub->add_option("--cohort", command.cohort, "what sums are divided by: job.round.cohort")
      ->required();
  sub->add_option("--delta", command.delta, "where epsilons are compared")->capture_default_str();
  sub->add_option("--confidence", command.confidence,
                  "of the verdict: a right claim is contradicted as rarely as 1 less this")
      ->capture_default_str();
  sub->add_flag("--json", command.as_json, "one line of JSON");
  sub->footer(
      "Ends with 1 where the claim is contradicted. An audit finds what is broken, and proves "
      "nothing right: the bounds lie below the truth, the nearer the more trials there are. For "
      "fixed clipping and noise of the server.\n"
      "Example: godwit privacy audit trials.csv --noise 1 --clip-norm 1 --cohort 10 --delta 1e-5");
  sub->callback([&] { status = run(command); });
}

} // namespace godwit::cli
