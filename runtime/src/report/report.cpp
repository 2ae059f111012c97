// What a run looks like afterwards: one HTML file with figures, plots and tables, which opens
// offline.
#include "report/report.hpp"

#include <algorithm>
#include <optional>

#include "report/edge_summary.hpp"
#include "report/figures.hpp"
#include "report/flock_summary.hpp"
#include "report/html.hpp"
#include "report/page_files.hpp"
#include "report/report_data.hpp"
#include "report/report_tables.hpp"

namespace godwit {
namespace {

/// The sums and last values that the headline states.
struct totals {
  std::uint64_t committed = 0, abandoned = 0, bytes_up = 0, bytes_down = 0;
  double seconds = 0;
  std::optional<double> accuracy, accuracy_best;
  std::uint64_t round_best = 0, round_reached = 0; ///< reached: the first at or above the target
  bool central = false;                            ///< accuracy is the central one
  std::string sha256;
};

totals sum_up(const run_facts& facts, const std::vector<round_record>& rounds) {
  totals sum;
  sum.central = std::any_of(rounds.begin(), rounds.end(),
                            [](const round_record& r) { return r.test_accuracy.has_value(); });
  for (const auto& round : rounds) {
    ++(round.outcome == "committed" ? sum.committed : sum.abandoned);
    sum.bytes_up += round.bytes_up;
    sum.bytes_down += round.bytes_down;
    sum.seconds = std::max(sum.seconds, round.finished_seconds);
    if (!round.model_sha256.empty())
      sum.sha256 = round.model_sha256;
    const auto accuracy = sum.central ? round.test_accuracy : round.federated_accuracy;
    if (!accuracy)
      continue;
    sum.accuracy = accuracy;
    if (!sum.accuracy_best || *accuracy > *sum.accuracy_best) {
      sum.accuracy_best = accuracy;
      sum.round_best = round.round;
    }
    if (sum.round_reached == 0 && facts.target_accuracy > 0 && *accuracy >= facts.target_accuracy)
      sum.round_reached = round.round;
  }
  return sum;
}

std::string figure(std::string_view label, const std::string& value, const std::string& remark) {
  std::string made = "<div><dt>" + escape_html(label) + "</dt><dd>" + escape_html(value);
  if (!remark.empty())
    made += " <small>" + escape_html(remark) + "</small>";
  return made + "</dd></div>\n";
}

/// Who was there, who took part, and how fairly.
std::string flock_figures(const run_facts& facts, const flock_summary& flock) {
  std::string made;
  if (!facts.presence.empty()) {
    const auto there = sum_up_presence(facts.presence);
    made += figure("Able to work at a time",
                   count_text(there.least.able) + " to " + count_text(there.most.able),
                   decimal_text(there.able_mean, 0) + " on average, of " +
                       decimal_text(there.connected_mean, 0) + " connected");
  }
  if (flock.invited > 0)
    made += figure("Reported", count_text(flock.reported) + " of " + count_text(flock.invited),
                   count_text(flock.declined) + " declined, " + count_text(flock.dropped) +
                       " dropped out, " + count_text(flock.let_go) + " let go");
  if (flock.reported > 0)
    made += figure("Fairness", decimal_text(flock.fairness, 2),
                   "Jain's index; " + decimal_text(100 * flock.never_share, 1) +
                       " % of the edges never reported");
  return made;
}

std::string headline_figures(const run_facts& facts, const totals& sum) {
  std::string made;
  if (sum.accuracy)
    made +=
        figure(sum.central ? "Test accuracy" : "Federated accuracy", decimal_text(*sum.accuracy, 4),
               "best " + decimal_text(*sum.accuracy_best, 4) + " in round " +
                   std::to_string(sum.round_best));
  if (facts.target_accuracy > 0)
    made +=
        figure("Target " + decimal_text(facts.target_accuracy, 4),
               sum.round_reached > 0 ? "Round " + std::to_string(sum.round_reached) : "Not reached",
               sum.round_reached > 0 ? "first at or above it" : "");
  made += figure("Rounds", count_text(sum.committed) + " committed",
                 sum.abandoned > 0 ? count_text(sum.abandoned) + " abandoned"
                                   : "of " + count_text(facts.round_limit) + ", none abandoned");
  made +=
      figure(facts.has_virtual_time ? "Virtual time" : "Time", seconds_text(sum.seconds),
             sum.committed > 0
                 ? seconds_text(sum.seconds / static_cast<double>(sum.committed + sum.abandoned)) +
                       " a round"
                 : "");
  made += figure("Traffic", bytes_text(sum.bytes_up + sum.bytes_down),
                 bytes_text(sum.bytes_up) + " up, " + bytes_text(sum.bytes_down) + " down");
  made += figure("Edges", count_text(facts.client_count), "");
  made += figure("Model", count_text(facts.parameter_count), "parameters");
  made += figure("Seed", std::to_string(facts.seed), "");
  return made;
}

std::string byline(const run_facts& facts) {
  std::string made = "godwit " + facts.command;
  if (!facts.version.empty())
    made += " " + facts.version;
  if (!facts.started.empty())
    made += ", started " + facts.started;
  return escape_html(made);
}

std::string digest_line(const totals& sum) {
  if (sum.sha256.empty())
    return "No model was released.";
  return "Model SHA-256 <code>" + escape_html(sum.sha256) + "</code>";
}

} // namespace

std::string html_report(const run_facts& facts, const std::vector<round_record>& rounds) {
  const auto sum = sum_up(facts, rounds);
  const auto edges = summarise_edges(facts, rounds);
  const auto flock = sum_up_flock(rounds, facts.client_count);
  return fill(page::page_html(),
              {{"title", escape_html(facts.title.empty() ? "A federated run" : facts.title)},
               {"byline", byline(facts)},
               {"figures", headline_figures(facts, sum) + flock_figures(facts, flock)},
               {"digest", digest_line(sum)},
               {"rounds", rounds_table(rounds)},
               {"reasons", reasons_table(flock)},
               {"edges", edges_table(edges)},
               {"edge_count", count_text(edges.size())},
               {"config", escape_html(facts.config_yaml)},
               {"data", safe_in_script(report_json(facts, rounds, edges))},
               {"css", std::string(page::page_css())},
               {"chart_js", std::string(page::chart_js())},
               {"charts_js", std::string(page::charts_js())},
               {"edge_charts_js", std::string(page::edge_charts_js())},
               {"page_js", std::string(page::page_js())}});
}

} // namespace godwit
