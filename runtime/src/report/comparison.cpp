#include "report/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/page_files.hpp"

namespace godwit {
namespace {

using json = nlohmann::ordered_json;
using figure = std::optional<double> (*)(const round_record&);

std::optional<double> finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> accuracy(const round_record& round) {
  return round.test_accuracy ? round.test_accuracy : round.federated_accuracy;
}
std::optional<double> loss(const round_record& round) {
  const auto tested = finite(round.test_loss ? round.test_loss : round.federated_loss);
  return tested || round.reporters == 0 ? tested : finite(round.train_loss);
}
std::optional<double> epsilon(const round_record& round) {
  return round.epsilon;
}

/// One number from each of a case's runs.
struct spread {
  double sum = 0, least = INFINITY, most = -INFINITY;
  std::size_t count = 0;
  void add(double value) {
    sum += value;
    least = std::min(least, value);
    most = std::max(most, value);
    ++count;
  }
  double mean() const { return sum / static_cast<double>(count); }
};

template <class Number>
spread spread_of(const compared_case& one, Number number_of) {
  spread found;
  for (const auto& run : one.runs)
    if (const std::optional<double> value = number_of(run))
      found.add(*value);
  return found;
}

std::optional<double> last_of(const std::vector<round_record>& run, figure what) {
  const auto there = [what](const round_record& round) { return what(round).has_value(); };
  const auto last = std::find_if(run.rbegin(), run.rend(), there);
  return last == run.rend() ? std::nullopt : what(*last);
}

std::optional<double> best_accuracy(const std::vector<round_record>& run) {
  std::optional<double> best;
  for (const auto& round : run)
    if (const auto here = accuracy(round); here && (!best || *here > *best))
      best = here;
  return best;
}

std::optional<double> committed_count(const std::vector<round_record>& run) {
  return static_cast<double>(std::ranges::count(run, "committed", &round_record::outcome));
}

std::optional<double> traffic_of(const std::vector<round_record>& run) {
  double bytes = 0;
  for (const auto& round : run)
    bytes += static_cast<double>(round.bytes_up + round.bytes_down);
  return bytes;
}

template <class Text>
std::string cell(const spread& of, Text text) {
  if (of.count == 0)
    return "–";
  const auto mean = text(of.mean()), least = text(of.least), most = text(of.most);
  return least == most ? mean : fmt::format("{} ({} to {})", mean, least, most);
}

constexpr const char* titles[] = {"case",          "runs",    "rounds", "accuracy at the end",
                                  "best accuracy", "epsilon", "traffic"};

std::vector<std::string> row_of(const compared_case& one) {
  const auto share = [](double x) { return decimal_text(x, 4); };
  const auto whole = [](double x) { return decimal_text(x, x == std::floor(x) ? 0 : 1); };
  const auto bytes = [](double x) { return bytes_text(static_cast<std::uint64_t>(x)); };
  const auto last = [&one](figure what) {
    return spread_of(one, [what](const auto& run) { return last_of(run, what); });
  };
  return {one.name,
          count_text(one.runs.size()),
          cell(spread_of(one, committed_count), whole),
          cell(last(accuracy), share),
          cell(spread_of(one, best_accuracy), share),
          cell(last(epsilon), [](double x) { return decimal_text(x, 2); }),
          cell(spread_of(one, traffic_of), bytes)};
}

/// What stands between two bars of Markdown's.
std::string in_markdown(const std::string& text) {
  std::string safe;
  for (const char c : text)
    safe += c == '|' ? std::string("\\|") : std::string(1, c < ' ' && c >= 0 ? ' ' : c);
  return safe;
}

std::string html_table(const std::vector<compared_case>& cases) {
  std::string made = "<table>\n<thead><tr>";
  for (const auto* title : titles)
    made += fmt::format("<th scope=\"col\">{}</th>", title);
  made += "</tr></thead>\n<tbody>\n";
  for (const auto& one : cases) {
    made += "<tr>";
    for (const auto& text : row_of(one))
      made += fmt::format("<td>{}</td>", escape_html(text));
    made += "</tr>\n";
  }
  return made + "</tbody>\n</table>";
}

/// A figure by round, over the runs that have it in that round.
json curve(const compared_case& one, figure what) {
  std::map<std::uint64_t, spread> by_round;
  for (const auto& run : one.runs)
    for (const auto& round : run)
      if (const auto value = what(round))
        by_round[round.round].add(*value);
  auto round = json::array(), mean = json::array(), least = json::array(), most = json::array();
  for (const auto& [number, found] : by_round) {
    round.push_back(number);
    mean.push_back(found.mean());
    least.push_back(found.least);
    most.push_back(found.most);
  }
  return {{"round", round}, {"mean", mean}, {"least", least}, {"most", most}};
}

std::string comparison_json(const std::vector<compared_case>& cases) {
  std::uint64_t first = UINT64_MAX, last = 0;
  auto list = json::array();
  for (const auto& one : cases) {
    for (const auto& run : one.runs)
      for (const auto& round : run) {
        first = std::min(first, round.round);
        last = std::max(last, round.round);
      }
    list.push_back({{"name", one.name},
                    {"runs", one.runs.size()},
                    {"accuracy", curve(one, accuracy)},
                    {"loss", curve(one, loss)},
                    {"epsilon", curve(one, epsilon)}});
  }
  const json data{{"rounds", {{"round", {first, last}}, {"committed", {true, true}}}},
                  {"cases", list}};
  return data.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string comparison_table(const std::vector<compared_case>& cases) {
  std::string made = "|";
  for (const auto* title : titles)
    made += fmt::format(" {} |", title);
  made += "\n|";
  for (std::size_t i = 0; i < std::size(titles); ++i)
    made += " --- |";
  for (const auto& one : cases) {
    made += "\n|";
    for (const auto& text : row_of(one))
      made += fmt::format(" {} |", in_markdown(text));
  }
  return made + "\n";
}

std::string html_comparison(std::string_view title, const std::vector<compared_case>& cases) {
  return fill(page::cases_html(), {{"title", escape_html(title)},
                                   {"table", html_table(cases)},
                                   {"data", safe_in_script(comparison_json(cases))},
                                   {"css", std::string(page::page_css())},
                                   {"chart_js", std::string(page::chart_js())},
                                   {"charts_js", std::string(page::charts_js())},
                                   {"cases_charts_js", std::string(page::cases_charts_js())},
                                   {"page_js", std::string(page::page_js())}});
}

} // namespace godwit
