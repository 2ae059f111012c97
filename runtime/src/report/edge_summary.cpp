// What each edge did over a whole run, gathered from the rounds: for the report's plots and tables.
#include "report/edge_summary.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace godwit {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The digits that `text` begins with, without leading zeros.
std::string_view number_in(std::string_view& text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  auto digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

} // namespace

participation participation_of(const client_record& client) noexcept {
  if (client.outcome == "reported")
    return participation::reported;
  if (client.outcome.starts_with("declined"))
    return participation::declined;
  if (client.outcome == "the cohort was complete" || client.outcome == "the round was abandoned")
    return participation::let_go;
  return participation::dropped;
}

bool comes_before(std::string_view a, std::string_view b) noexcept {
  const auto whole_a = a;
  const auto whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto left = number_in(a);
      const auto right = number_in(b);
      if (left.size() != right.size())
        return left.size() < right.size();
      if (left != right)
        return left < right;
    } else if (a[0] != b[0]) {
      return a[0] < b[0];
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty())
    return a.empty();
  return whole_a < whole_b; // "edge-02" and "edge-2"
}

std::vector<edge_summary> summarise_edges(const run_facts& facts,
                                          const std::vector<round_record>& rounds) {
  std::vector<edge_summary> edges;
  std::unordered_map<std::string_view, std::size_t> places;
  const auto edge = [&](const std::string& name) -> edge_summary& {
    const auto [place, is_new] = places.try_emplace(name, edges.size());
    if (is_new) {
      edges.emplace_back().name = name;
      edges.back().cells.assign(rounds.size(), '.');
    }
    return edges[place->second];
  };
  for (const auto& name : facts.client_names)
    edge(name);
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    for (const auto& client : rounds[i].clients) {
      auto& summary = edge(client.client);
      const auto kind = participation_of(client);
      summary.cells[i] = "rdsx"[static_cast<std::size_t>(kind)];
      if (client.accuracy)
        summary.accuracy = client.accuracy;
      if (kind == participation::declined)
        ++summary.declined;
      if (kind == participation::let_go)
        ++summary.let_go;
      if (kind == participation::dropped)
        ++summary.dropped;
      if (kind != participation::reported)
        continue;
      ++summary.reported;
      summary.example_count = client.example_count;
      summary.loss = client.loss;
    }
  }
  std::sort(edges.begin(), edges.end(), [](const edge_summary& a, const edge_summary& b) {
    return comes_before(a.name, b.name);
  });
  return edges;
}

} // namespace godwit
