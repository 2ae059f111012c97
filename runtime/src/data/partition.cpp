// How is one data set dealt to many clients?
#include "data/partition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <godwit/messages/check.hpp>

#include "data/deal.hpp"
#include "data/random.hpp"

namespace godwit {

namespace {

using dealer = attempt<dealt> (*)(const dataset&, const partition_config&, std::uint64_t seed);

struct scheme_entry {
  std::string_view name;
  dealer deal;
};

constexpr scheme_entry schemes[] = {
    {"iid", deal_iid},
    {"shards", deal_shards},
    {"label_quantity", deal_label_quantity},
    {"dirichlet_class", deal_dirichlet_class},
    {"dirichlet_client", deal_dirichlet_client},
    {"similarity", deal_similarity},
    {"powerlaw2", deal_powerlaw2},
    {"quantity", deal_quantity},
    {"natural", deal_natural},
};

attempt<scheme_entry> find_scheme(std::string_view name) {
  std::string known;
  for (const auto& scheme : schemes) {
    if (scheme.name == name)
      return scheme;
    known += (known.empty() ? "" : ", ") + std::string(scheme.name);
  }
  return impossible("partition.scheme is '" + std::string(name) + "'; expected one of " + known);
}

} // namespace

attempt<std::vector<examples>> partition(std::shared_ptr<const dataset> data,
                                         const partition_config& config, std::uint64_t seed) {
  GODWIT_CHECK(data != nullptr, "there is no data set to deal");
  const auto scheme = find_scheme(config.scheme);
  if (!scheme)
    return scheme.why();
  if (config.clients == 0 && config.scheme != "natural")
    return impossible("partition.clients is 0; expected 1 or more");
  if (config.clients > data->size())
    return impossible("partition.clients is " + std::to_string(config.clients) +
                      "; there are only " + std::to_string(data->size()) + " examples to deal");
  auto rows = scheme->deal(*data, config, seed);
  if (!rows)
    return rows.why();
  std::vector<examples> clients;
  clients.reserve(rows->size());
  for (auto& held : *rows) {
    if (held.empty())
      return impossible("partition.scheme " + config.scheme + " leaves client " +
                        std::to_string(clients.size()) +
                        " without examples; use fewer clients or another seed");
    std::sort(held.begin(), held.end());
    clients.push_back({.data = data, .rows = std::move(held)});
  }
  return clients;
}

examples all_examples(std::shared_ptr<const dataset> data) {
  std::vector<std::uint32_t> rows(data->size());
  std::iota(rows.begin(), rows.end(), 0U);
  return {.data = std::move(data), .rows = std::move(rows)};
}

std::vector<std::uint64_t> label_counts(const examples& held) {
  std::vector<std::uint64_t> counts(held.data->class_count);
  for (const auto row : held.rows)
    ++counts[held.data->labels[row]];
  return counts;
}

held_out_split split_held_out(const examples& held, std::uint32_t percent, std::uint64_t seed) {
  GODWIT_CHECK(percent <= 100, "a percentage is at most 100");
  auto order = held.rows;
  random_stream(seed, "held out").shuffle(std::span(order));
  auto kept = static_cast<std::size_t>(std::uint64_t{order.size()} * percent / 100);
  if (kept == order.size() && kept > 0)
    --kept;
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(kept);
  std::sort(order.begin(), border);
  std::sort(border, order.end());
  return {.train = {.data = held.data, .rows = {border, order.end()}},
          .held_out = {.data = held.data, .rows = {order.begin(), border}}};
}

} // namespace godwit
