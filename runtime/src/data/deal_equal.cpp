// Which rows does each client get where every client gets equally many?
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>

#include "data/deal.hpp"
#include "data/random.hpp"

namespace godwit {

failure impossible(std::string sentence) {
  return {.code = failure_code::bad_config, .detail = std::move(sentence)};
}

row_list every_row(const dataset& data) {
  row_list rows(data.size());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

std::vector<row_list> rows_by_class(const dataset& data) {
  std::vector<row_list> classes(data.class_count);
  for (const auto row : every_row(data))
    classes[data.labels[row]].push_back(row);
  return classes;
}

void deal_equally(const row_list& rows, dealt& clients) {
  const std::uint64_t count = clients.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto from = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() * i / count);
    const auto to = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() * (i + 1) / count);
    clients[i].insert(clients[i].end(), from, to);
  }
}

attempt<dealt> deal_iid(const dataset& data, const partition_config& config, std::uint64_t seed) {
  auto rows = every_row(data);
  random_stream(seed, "partition iid").shuffle(std::span(rows));
  dealt clients(config.clients);
  deal_equally(rows, clients);
  return clients;
}

attempt<dealt> deal_shards(const dataset& data, const partition_config& config,
                           std::uint64_t seed) {
  const auto each = config.shards_per_client;
  const auto shard_count = std::uint64_t{config.clients} * each;
  if (each == 0 || shard_count > data.size())
    return impossible("partition.shards_per_client is " + std::to_string(each) + ", which makes " +
                      std::to_string(shard_count) + " shards of " + std::to_string(data.size()) +
                      " examples; expected at least one shard a client and one example a shard");
  dealt shards(shard_count);
  row_list by_label;
  for (const auto& rows : rows_by_class(data))
    by_label.insert(by_label.end(), rows.begin(), rows.end());
  deal_equally(by_label, shards);
  random_stream(seed, "partition shards").shuffle(std::span(shards));
  dealt clients(config.clients);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    auto& client = clients[i / each];
    client.insert(client.end(), shards[i].begin(), shards[i].end());
  }
  return clients;
}

attempt<dealt> deal_similarity(const dataset& data, const partition_config& config,
                               std::uint64_t seed) {
  if (!(config.similarity >= 0.0 && config.similarity <= 1.0))
    return impossible("partition.similarity is the share that is dealt iid; expected 0 to 1");
  auto rows = every_row(data);
  random_stream(seed, "partition similarity").shuffle(std::span(rows));
  const auto count = static_cast<double>(rows.size());
  const auto border =
      rows.begin() + static_cast<std::ptrdiff_t>(std::floor(config.similarity * count + 0.5));
  row_list sorted(border, rows.end());
  std::sort(sorted.begin(), sorted.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(data.labels[a], a) < std::pair(data.labels[b], b);
  });
  dealt clients(config.clients);
  deal_equally({rows.begin(), border}, clients);
  deal_equally(sorted, clients);
  return clients;
}

} // namespace godwit
