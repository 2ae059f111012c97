#include "report/audit_page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/html.hpp"
#include "report/page_files.hpp"

namespace godwit {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t bin_count = 41;
constexpr std::size_t threshold_count = 101;

/// Pr[N(0, 1) > x].
double beyond(double x) {
  return std::erfc(x / std::numbers::sqrt2) / 2;
}

struct range {
  double low = 0, high = 0;
  double at(std::size_t i, std::size_t count) const {
    return low + (high - low) * static_cast<double>(i) / static_cast<double>(count - 1);
  }
};

range range_of(std::span<const audit_trial> trials) {
  range found{trials[0].score, trials[0].score};
  for (const auto& trial : trials)
    found = {std::min(found.low, trial.score), std::max(found.high, trial.score)};
  const double margin = found.high > found.low ? (found.high - found.low) / 80 : 1;
  return {found.low - margin, found.high + margin};
}

/// Histograms, each of its own kind's trials, and what is claimed of the same bins.
json scores_of(std::span<const audit_trial> trials, const audit_finding& found, double noise) {
  const auto whole = range_of(trials);
  const double width = (whole.high - whole.low) / static_cast<double>(bin_count);
  std::array<std::array<double, bin_count>, 2> counts{};
  for (const auto& trial : trials) {
    const auto bin = static_cast<std::size_t>((trial.score - whole.low) / width);
    ++counts[trial.is_in ? 1 : 0][std::min(bin, bin_count - 1)];
  }
  json made;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const double low = whole.low + width * static_cast<double>(i), high = low + width;
    const auto claimed = [&](double mean) {
      return beyond((low - mean) / noise) - beyond((high - mean) / noise);
    };
    made["score"].push_back((low + high) / 2);
    made["was_in"].push_back(counts[1][i] / static_cast<double>(found.in_count));
    made["was_out"].push_back(counts[0][i] / static_cast<double>(found.out_count));
    made["claimed_in"].push_back(claimed(1));
    made["claimed_out"].push_back(claimed(0));
  }
  return made;
}

json errors_of(std::span<const audit_trial> trials, const audit_finding& found, double noise) {
  const auto whole = range_of(trials);
  json made;
  for (std::size_t i = 0; i < threshold_count; ++i) {
    const double threshold = whole.at(i, threshold_count);
    std::size_t positives = 0, negatives = 0;
    for (const auto& trial : trials) {
      positives += !trial.is_in && trial.score > threshold ? 1 : 0;
      negatives += trial.is_in && trial.score <= threshold ? 1 : 0;
    }
    made["false_positives"].push_back(static_cast<double>(positives) /
                                      static_cast<double>(found.out_count));
    made["false_negatives"].push_back(static_cast<double>(negatives) /
                                      static_cast<double>(found.in_count));
    const double claimed = range{0.5 - 5 * noise, 0.5 + 5 * noise}.at(i, threshold_count);
    made["claimed"]["false_positives"].push_back(beyond(claimed / noise));
    made["claimed"]["false_negatives"].push_back(beyond((1 - claimed) / noise));
  }
  made["bounds"]["false_positives"] = {found.any_most.false_positives,
                                       found.gaussian_most.false_positives};
  made["bounds"]["false_negatives"] = {found.any_most.false_negatives,
                                       found.gaussian_most.false_negatives};
  return made;
}

std::string verdict_of(const audit_finding& found, double confidence) {
  return fmt::format("{}. A right claim is contradicted with probability {:.3g} at most.",
                     found.contradicts() ? "The claim is contradicted"
                                         : "Nothing contradicts the claim",
                     1 - confidence);
}

std::string html_table(const audit_rows& rows) {
  std::string made = "<table>\n<tbody>\n";
  for (const auto& [what, value] : rows)
    made += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape_html(what),
                        escape_html(value));
  return made + "</tbody>\n</table>";
}

} // namespace

audit_rows rows_of(const audit_finding& found, const audit_claim& claim, double confidence) {
  const auto seen = [](double noise) {
    return std::isfinite(noise) ? fmt::format(": a multiplier of {:.4g} at most", noise)
                                : std::string{};
  };
  return {
      {"trials",
       fmt::format("{} with a canary's update, {} without", found.in_count, found.out_count)},
      {"errors", fmt::format("{:.2f} % taken for there, {:.2f} % overlooked, at half a clip norm",
                             100 * found.false_positives, 100 * found.false_negatives)},
      {"claimed", fmt::format("epsilon {:.6g} at delta {:g}, of one released model",
                              found.claimed_epsilon, claim.delta)},
      {"seen", fmt::format("epsilon {:.6g} at least, if the noise is Gaussian{}",
                           found.gaussian_epsilon, seen(1 / found.gaussian_mu))},
      {"seen, too", fmt::format("epsilon {:.6g} at least, whatever it is", found.any_epsilon)},
      {"verdict", verdict_of(found, confidence)},
  };
}

std::string html_audit(std::string_view title, std::span<const audit_trial> trials,
                       const audit_finding& found, const audit_claim& claim, double confidence) {
  const json data{{"trials", trials.size()},
                  {"scores", scores_of(trials, found, claim.noise_multiplier)},
                  {"errors", errors_of(trials, found, claim.noise_multiplier)}};
  return fill(page::audit_html(), {{"title", escape_html(title)},
                                   {"verdict", escape_html(verdict_of(found, confidence))},
                                   {"table", html_table(rows_of(found, claim, confidence))},
                                   {"data", safe_in_script(data.dump())},
                                   {"css", std::string(page::page_css())},
                                   {"chart_js", std::string(page::chart_js())},
                                   {"charts_js", std::string(page::charts_js())},
                                   {"audit_charts_js", std::string(page::audit_charts_js())},
                                   {"page_js", std::string(page::page_js())}});
}

} // namespace godwit
