// godwit privacy audit: does what canaries saw contradict what a job claims?
#include "privacy_audit.hpp"

#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <godwit/messages/bytes.hpp>
#include <godwit/privacy/privacy_audit.hpp>

#include "data/csv.hpp"
#include "report/audit_page.hpp"
#include "storage/atomic_file.hpp"

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
  const audit_claim claim{.noise_multiplier = command.noise, .delta = command.delta};
  const auto found = audit(*trials, claim, command.confidence);
  if (!found)
    return complain(found.why().detail, exit_usage);
  if (command.as_json)
    print_json(*found, command);
  else
    for (const auto& [what, value] : rows_of(*found, claim, command.confidence))
      fmt::print("{:<12}{}\n", what, value);
  if (command.page) {
    const auto page = html_audit("Audit of " + command.trials.filename().string(), *trials, *found,
                                 claim, command.confidence);
    if (auto written = write_atomically(*command.page, as_bytes(page)); !written)
      return complain(written.why().detail, exit_failed);
  }
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
  sub->add_option("--page", command.page, "write an HTML page with plots there");
  sub->add_flag("--json", command.as_json, "one line of JSON");
  sub->footer(
      "Ends with 1 where the claim is contradicted. An audit finds what is broken, and proves "
      "nothing right: the bounds lie below the truth, the nearer the more trials there are. For "
      "fixed clipping and noise of the server.\n"
      "Example: godwit privacy audit trials.csv --noise 1 --clip-norm 1 --cohort 10 --delta 1e-5");
  sub->callback([&] { status = run(command); });
}

} // namespace godwit::cli
