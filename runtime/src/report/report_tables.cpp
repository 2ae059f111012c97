// The report's tables: every round with its outcome and drop-outs, and every edge with what it did.
#include "report/report_tables.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "report/figures.hpp"
#include "report/html.hpp"

namespace godwit {
namespace {

constexpr std::size_t names_shown_max = 6;

std::string head(std::initializer_list<std::string_view> titles) {
  std::string made = "<thead><tr>";
  for (auto title : titles)
    if (!title.empty())
      made.append("<th scope=\"col\">").append(title).append("</th>");
  return made + "</tr></thead>\n<tbody>\n";
}

std::string number_cell(const std::string& text) {
  return "<td class=\"number\">" + text + "</td>";
}

std::string decimal_cell(const std::optional<double>& value) {
  return number_cell(value ? decimal_text(*value, 4) : "–");
}

/// Which of the figures that not every run has are in this one.
struct columns {
  bool test_accuracy = false, federated_accuracy = false, test_loss = false;
};

columns columns_of(const std::vector<round_record>& rounds) {
  columns found;
  for (const auto& round : rounds) {
    found.test_accuracy |= round.test_accuracy.has_value();
    found.federated_accuracy |= round.federated_accuracy.has_value();
    found.test_loss |= round.test_loss.has_value();
  }
  return found;
}

std::string round_row(const round_record& round, const columns& shown) {
  const bool committed = round.outcome == "committed";
  std::string row = committed ? "<tr>" : "<tr class=\"abandoned\">";
  row += "<th scope=\"row\" class=\"number\">" + std::to_string(round.round) + "</th>";
  row += "<td class=\"outcome\">" + escape_html(round.outcome) + "</td>";
  if (shown.test_accuracy)
    row += decimal_cell(round.test_accuracy);
  if (shown.federated_accuracy)
    row += decimal_cell(round.federated_accuracy);
  row += decimal_cell(round.reporters > 0 ? std::optional(round.train_loss) : std::nullopt);
  if (shown.test_loss)
    row += decimal_cell(round.test_loss);
  row += number_cell(std::to_string(round.reporters) + " / " + std::to_string(round.cohort));
  row += "<td class=\"reasons\">" + escape_html(drop_out_reasons(round)) + "</td>";
  row += number_cell(bytes_text(round.bytes_up)) + number_cell(bytes_text(round.bytes_down));
  row += number_cell(
      seconds_text(round.recruiting_seconds + round.collecting_seconds + round.releasing_seconds));
  const auto digest = escape_html(round.model_sha256);
  row += "<td><code title=\"" + digest + "\">" + escape_html(round.model_sha256.substr(0, 12)) +
         "</code></td>";
  return row + "</tr>\n";
}

} // namespace

std::string drop_out_reasons(const round_record& round) {
  std::map<std::string_view, std::vector<std::string_view>> by_reason;
  for (const auto& client : round.clients)
    if (const auto kind = participation_of(client);
        kind == participation::declined || kind == participation::dropped)
      by_reason[client.outcome].push_back(client.client);
  std::string text;
  for (auto& [reason, names] : by_reason) {
    std::sort(names.begin(), names.end(), comes_before);
    text.append(text.empty() ? "" : "; ").append(reason).append(": ");
    const auto shown = std::min(names.size(), names_shown_max);
    for (std::size_t i = 0; i < shown; ++i)
      text.append(i > 0 ? ", " : "").append(names[i]);
    if (shown < names.size())
      text += " and " + std::to_string(names.size() - shown) + " more";
  }
  return text;
}

std::string rounds_table(const std::vector<round_record>& rounds) {
  const auto shown = columns_of(rounds);
  std::string made =
      "<table>\n" + head({"Round", "Outcome", shown.test_accuracy ? "Test accuracy" : "",
                          shown.federated_accuracy ? "Federated accuracy" : "", "Train loss",
                          shown.test_loss ? "Test loss" : "", "Reported / invited",
                          "Drop-outs by reason", "Up", "Down", "Duration", "Model"});
  for (const auto& round : rounds)
    made += round_row(round, shown);
  return made + "</tbody></table>";
}

std::string reasons_table(const flock_summary& flock) {
  if (flock.reasons.empty())
    return {};
  std::string made =
      "<table>\n" + head({"Why edges did not report", "How often", "Of those invited"});
  for (const auto& [reason, count] : flock.reasons)
    made +=
        "<tr><th scope=\"row\">" + escape_html(reason) + "</th>" + number_cell(count_text(count)) +
        number_cell(
            decimal_text(100 * static_cast<double>(count) / static_cast<double>(flock.invited), 1) +
            " %") +
        "</tr>\n";
  return made + "</tbody></table>";
}

std::string edges_table(const std::vector<edge_summary>& edges) {
  std::string made =
      "<table>\n" + head({"Edge", "Examples", "Rounds reported", "Declined", "Let go",
                          "Dropped out", "Last local loss", "Last accuracy"});
  for (const auto& edge : edges) {
    made += "<tr><th scope=\"row\">" + escape_html(edge.name) + "</th>";
    made += number_cell(edge.reported > 0 ? count_text(edge.example_count) : "–");
    made += number_cell(count_text(edge.reported)) + number_cell(count_text(edge.declined)) +
            number_cell(count_text(edge.let_go)) + number_cell(count_text(edge.dropped));
    made += decimal_cell(edge.loss) + decimal_cell(edge.accuracy) + "</tr>\n";
  }
  return made + "</tbody></table>";
}

} // namespace godwit
