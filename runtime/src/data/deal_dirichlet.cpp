// Which rows does each client get where a Dirichlet distribution decides?
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "data/deal.hpp"
#include "data/random.hpp"

namespace godwit {

namespace {

constexpr std::uint32_t redraw_count_max = 1000;
constexpr double alpha_min = 1e-6;
constexpr double alpha_max = 1e9;

std::optional<failure> check_alpha(double alpha) {
  if (alpha >= alpha_min && alpha <= alpha_max)
    return std::nullopt;
  return impossible("partition.alpha is " + std::to_string(alpha) +
                    "; expected a number from 0.000001 to 1000000000");
}

/// Where to cut `count` things so that the parts have these shares: [parts + 1], from 0 to count.
std::vector<std::size_t> cuts(std::size_t count, const std::vector<double>& shares) {
  std::vector<std::size_t> at{0};
  double sum = 0.0;
  for (const double share : shares) {
    sum += share;
    const auto cut = static_cast<std::size_t>(std::floor(sum * static_cast<double>(count)));
    at.push_back(std::min(cut, count));
  }
  at.back() = count;
  return at;
}

/// [list][client + 1]: where each list is cut, by shares ~ Dir(alpha), drawn anew until each client
/// has the examples it needs.
attempt<std::vector<std::vector<std::size_t>>> draw_cuts(const std::vector<row_list>& lists,
                                                         const partition_config& config,
                                                         std::size_t needed,
                                                         random_stream& random) {
  const std::vector<double> concentrations(config.clients, config.alpha);
  std::size_t best = 0;
  for (std::uint32_t redraw = 0; redraw < redraw_count_max; ++redraw) {
    std::vector<std::vector<std::size_t>> drawn;
    std::vector<std::size_t> sizes(config.clients);
    for (const auto& rows : lists) {
      drawn.push_back(cuts(rows.size(), random.dirichlet(concentrations)));
      for (std::size_t client = 0; client < sizes.size(); ++client)
        sizes[client] += drawn.back()[client + 1] - drawn.back()[client];
    }
    const auto smallest = *std::min_element(sizes.begin(), sizes.end());
    if (smallest >= needed)
      return drawn;
    best = std::max(best, smallest);
  }
  return impossible("partition.alpha " + std::to_string(config.alpha) + " and " +
                    std::to_string(config.clients) + " clients: in " +
                    std::to_string(redraw_count_max) + " draws the smallest client never had " +
                    std::to_string(needed) + " examples; at best it had " + std::to_string(best) +
                    ". Raise partition.alpha, or lower clients or examples_min");
}

/// Cuts each list, in random order, among the clients.
attempt<dealt> deal_lists(std::vector<row_list> lists, const partition_config& config,
                          std::size_t needed, random_stream& random) {
  if (auto why = check_alpha(config.alpha))
    return *why;
  const auto drawn = draw_cuts(lists, config, needed, random);
  if (!drawn)
    return drawn.why();
  dealt clients(config.clients);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    random.shuffle(std::span(lists[i]));
    for (std::size_t client = 0; client < clients.size(); ++client)
      clients[client].insert(clients[client].end(),
                             lists[i].begin() + static_cast<std::ptrdiff_t>((*drawn)[i][client]),
                             lists[i].begin() +
                                 static_cast<std::ptrdiff_t>((*drawn)[i][client + 1]));
  }
  return clients;
}

/// Draws a class by its share among those that have rows left; by the rows left where none of them
/// has a share.
std::size_t draw_class(const std::vector<double>& mix, const std::vector<row_list>& left,
                       random_stream& random) {
  std::vector<double> weights(mix.size());
  double sum = 0.0;
  for (std::size_t c = 0; c < mix.size(); ++c)
    sum += weights[c] = left[c].empty() ? 0.0 : mix[c];
  if (sum <= 0.0)
    for (std::size_t c = 0; c < mix.size(); ++c)
      sum += weights[c] = static_cast<double>(left[c].size());
  double at = random.uniform() * sum;
  std::size_t chosen = mix.size();
  for (std::size_t c = 0; c < mix.size() && (chosen == mix.size() || at >= 0.0); ++c) {
    if (weights[c] <= 0.0)
      continue;
    chosen = c;
    at -= weights[c];
  }
  return chosen;
}

} // namespace

attempt<dealt> deal_dirichlet_class(const dataset& data, const partition_config& config,
                                    std::uint64_t seed) {
  if (std::uint64_t{config.clients} * config.examples_min > data.size())
    return impossible("partition.examples_min is " + std::to_string(config.examples_min) +
                      "; for " + std::to_string(config.clients) +
                      " clients that is more than the " + std::to_string(data.size()) +
                      " examples that there are");
  random_stream random(seed, "partition dirichlet_class");
  return deal_lists(rows_by_class(data), config, std::max(1U, config.examples_min), random);
}

attempt<dealt> deal_quantity(const dataset& data, const partition_config& config,
                             std::uint64_t seed) {
  random_stream random(seed, "partition quantity");
  return deal_lists({every_row(data)}, config, 1, random);
}

attempt<dealt> deal_dirichlet_client(const dataset& data, const partition_config& config,
                                     std::uint64_t seed) {
  if (auto why = check_alpha(config.alpha))
    return *why;
  random_stream random(seed, "partition dirichlet_client");
  auto left = rows_by_class(data);
  std::vector<double> concentrations;
  for (auto& rows : left) {
    random.shuffle(std::span(rows));
    concentrations.push_back(config.alpha * static_cast<double>(rows.size()) /
                             static_cast<double>(data.size()));
  }
  dealt clients(config.clients);
  const std::uint64_t count = data.size();
  for (std::uint64_t client = 0; client < clients.size(); ++client) {
    const auto mix = random.dirichlet(concentrations);
    const auto size = count * (client + 1) / clients.size() - count * client / clients.size();
    for (std::uint64_t i = 0; i < size; ++i) {
      auto& rows = left[draw_class(mix, left, random)];
      clients[client].push_back(rows.back());
      rows.pop_back();
    }
  }
  return clients;
}

} // namespace godwit
