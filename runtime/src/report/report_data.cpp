// The numbers behind the report's plots, as one JSON object that the page's script reads.
#include "report/report_data.hpp"

#include <cmath>
#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace godwit {
namespace {

using json = nlohmann::ordered_json;

json number(std::optional<double> value) {
  if (!value || !std::isfinite(*value))
    return nullptr;
  return *value;
}

std::uint64_t count(const round_record& round, participation kind) {
  std::uint64_t found = 0;
  for (const auto& client : round.clients)
    found += participation_of(client) == kind ? 1U : 0U;
  return found;
}

json series(const std::vector<round_record>& rounds, auto&& figure) {
  auto list = json::array();
  for (const auto& round : rounds)
    list.push_back(figure(round));
  return list;
}

json round_series(const std::vector<round_record>& rounds) {
  using record = const round_record&;
  json data;
  data["round"] = series(rounds, [](record r) { return json(r.round); });
  data["committed"] = series(rounds, [](record r) { return json(r.outcome == "committed"); });
  data["test_accuracy"] = series(rounds, [](record r) { return number(r.test_accuracy); });
  data["federated_accuracy"] =
      series(rounds, [](record r) { return number(r.federated_accuracy); });
  data["train_loss"] = series(
      rounds, [](record r) { return r.reporters > 0 ? number(r.train_loss) : json(nullptr); });
  data["test_loss"] = series(rounds, [](record r) { return number(r.test_loss); });
  data["federated_loss"] = series(rounds, [](record r) { return number(r.federated_loss); });
  data["epsilon"] = series(rounds, [](record r) { return number(r.epsilon); });
  data["clip_norm"] = series(rounds, [](record r) { return number(r.clip_norm); });
  data["bytes_up"] = series(rounds, [](record r) { return json(r.bytes_up); });
  data["bytes_down"] = series(rounds, [](record r) { return json(r.bytes_down); });
  data["recruiting"] = series(rounds, [](record r) { return number(r.recruiting_seconds); });
  data["collecting"] = series(rounds, [](record r) { return number(r.collecting_seconds); });
  data["releasing"] = series(rounds, [](record r) { return number(r.releasing_seconds); });
  data["reported"] =
      series(rounds, [](record r) { return json(count(r, participation::reported)); });
  data["declined"] =
      series(rounds, [](record r) { return json(count(r, participation::declined)); });
  data["let_go"] = series(rounds, [](record r) { return json(count(r, participation::let_go)); });
  data["dropped"] = series(rounds, [](record r) { return json(count(r, participation::dropped)); });
  return data;
}

/// Who was there, and when each round ended, in seconds of the run.
json presence_series(const run_facts& facts, const std::vector<round_record>& rounds) {
  if (facts.presence.empty())
    return nullptr;
  json data;
  for (const auto& at : facts.presence) {
    data["seconds"].push_back(at.seconds);
    data["connected"].push_back(at.connected);
    data["able"].push_back(at.able);
  }
  data["ended"] = series(rounds, [](const auto& r) { return json(r.finished_seconds); });
  data["invited"] = series(rounds, [](const auto& r) { return json(r.cohort); });
  data["reported"] = series(rounds, [](const auto& r) { return json(r.reporters); });
  return data;
}

json edge_list(const std::vector<edge_summary>& edges) {
  auto list = json::array();
  for (const auto& edge : edges) {
    json one{{"name", edge.name},
             {"reported", edge.reported},
             {"declined", edge.declined},
             {"let_go", edge.let_go},
             {"dropped", edge.dropped},
             {"loss", number(edge.loss)},
             {"accuracy", number(edge.accuracy)}};
    if (edges.size() <= edges_drawn_max)
      one["cells"] = edge.cells;
    list.push_back(std::move(one));
  }
  return list;
}

} // namespace

std::string report_json(const run_facts& facts, const std::vector<round_record>& rounds,
                        const std::vector<edge_summary>& edges) {
  json data;
  data["target"] = facts.target_accuracy > 0 ? json(facts.target_accuracy) : json(nullptr);
  data["epsilon_limit"] = facts.epsilon_limit > 0 ? json(facts.epsilon_limit) : json(nullptr);
  data["delta"] = number(facts.delta);
  data["drawn_max"] = edges_drawn_max;
  data["rounds"] = round_series(rounds);
  data["presence"] = presence_series(facts, rounds);
  data["edges"] = edge_list(edges);
  data["labels"] = facts.label_counts;
  data["label_names"] = facts.client_names;
  return data.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace godwit
