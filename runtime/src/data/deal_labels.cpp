// Which rows does each client get where labels or owners decide?
#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <utility>

#include "data/deal.hpp"
#include "data/random.hpp"

namespace godwit {

namespace {

/// The rows of each class that has any, each list in random order.
std::vector<row_list> shuffled_classes(const dataset& data, random_stream& random) {
  auto classes = rows_by_class(data);
  std::erase_if(classes, [](const row_list& rows) { return rows.empty(); });
  for (auto& rows : classes)
    random.shuffle(std::span(rows));
  return classes;
}

/// [label]: the clients that hold it. Client u holds label u modulo the labels and `each` - 1 other
/// ones.
std::vector<std::vector<std::uint32_t>> draw_holders(std::size_t label_count, std::uint32_t clients,
                                                     std::uint32_t each, random_stream& random) {
  std::vector<std::vector<std::uint32_t>> holders(label_count);
  for (std::uint32_t client = 0; client < clients; ++client) {
    const auto first = client % label_count;
    std::vector<std::size_t> others;
    for (std::size_t label = 0; label < label_count; ++label)
      if (label != first)
        others.push_back(label);
    random.shuffle(std::span(others));
    holders[first].push_back(client);
    for (std::uint32_t i = 0; i + 1 < each; ++i)
      holders[others[i]].push_back(client);
  }
  return holders;
}

/// A client's claim on the rows of one label.
struct claim {
  std::uint32_t client;
  double weight;
};

constexpr std::size_t powerlaw_first_count = 5;

} // namespace

attempt<dealt> deal_label_quantity(const dataset& data, const partition_config& config,
                                   std::uint64_t seed) {
  random_stream random(seed, "partition label_quantity");
  const auto classes = shuffled_classes(data, random);
  const auto each = config.labels_per_client;
  if (each == 0 || each > classes.size())
    return impossible("partition.labels_per_client is " + std::to_string(each) +
                      "; expected 1 to " + std::to_string(classes.size()) +
                      ", the number of labels in the data");
  dealt clients(config.clients);
  const auto holders = draw_holders(classes.size(), config.clients, each, random);
  for (std::size_t label = 0; label < classes.size(); ++label) {
    dealt parts(holders[label].size());
    deal_equally(classes[label], parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto& client = clients[holders[label][i]];
      client.insert(client.end(), parts[i].begin(), parts[i].end());
    }
  }
  return clients;
}

attempt<dealt> deal_powerlaw2(const dataset& data, const partition_config& config,
                              std::uint64_t seed) {
  random_stream random(seed, "partition powerlaw2");
  const auto classes = shuffled_classes(data, random);
  if (classes.size() < 2)
    return impossible("partition.scheme powerlaw2 deals two labels to each client; the data has " +
                      std::to_string(classes.size()));
  std::vector<std::vector<claim>> claims(classes.size());
  for (std::uint32_t client = 0; client < config.clients; ++client)
    for (std::uint32_t slot = 0; slot < 2; ++slot)
      claims[(client + slot) % classes.size()].push_back({client, random.lognormal(0.0, 2.0)});
  dealt clients(config.clients);
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const auto& rows = classes[label];
    const auto first_count = claims[label].size() * powerlaw_first_count;
    if (first_count > rows.size())
      return impossible("partition.clients is " + std::to_string(config.clients) +
                        "; powerlaw2 deals five examples of a label to each of its holders, " +
                        std::to_string(first_count) + " in all, but one label has only " +
                        std::to_string(rows.size()) + ". Use fewer clients");
    double sum = 0.0;
    for (const auto& each : claims[label])
      sum += each.weight;
    const auto rest = static_cast<double>(rows.size() - first_count);
    auto next = rows.begin();
    for (const auto& each : claims[label]) {
      const auto share = static_cast<std::size_t>(rest * (each.weight / sum));
      const auto count =
          std::min(powerlaw_first_count + share, static_cast<std::size_t>(rows.end() - next));
      const auto end = next + static_cast<std::ptrdiff_t>(count);
      clients[each.client].insert(clients[each.client].end(), next, end);
      next = end;
    }
  }
  return clients;
}

attempt<dealt> deal_natural(const dataset& data, const partition_config& config,
                            std::uint64_t seed) {
  if (data.keys.empty())
    return impossible("partition.scheme natural needs an owner for each example, and this data "
                      "has none; of the sources, synthetic has devices, and csv the column that "
                      "data.key_column names");
  std::map<std::uint32_t, row_list> by_key;
  for (const auto row : every_row(data))
    by_key[data.keys[row]].push_back(row);
  const auto client_count = config.clients == 0 ? by_key.size() : config.clients;
  if (client_count > by_key.size())
    return impossible("partition.clients is " + std::to_string(client_count) +
                      "; the data has only " + std::to_string(by_key.size()) +
                      " owners to deal. Set it to that or less; 0 means one client an owner");
  std::vector<std::uint32_t> keys;
  for (const auto& [key, rows] : by_key)
    keys.push_back(key);
  if (client_count < keys.size())
    random_stream(seed, "partition natural").shuffle(std::span(keys));
  dealt groups(client_count);
  deal_equally(keys, groups);
  dealt clients(client_count);
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const auto key : groups[i])
      clients[i].insert(clients[i].end(), by_key[key].begin(), by_key[key].end());
  return clients;
}

} // namespace godwit
