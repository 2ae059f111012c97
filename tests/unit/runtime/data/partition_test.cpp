// Does every scheme deal each example at most once, as its source says, and from the seed alone?
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "data/partition.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

/// `size` examples of one feature; labels and keys go round.
std::shared_ptr<const dataset> round_data(std::size_t size, std::uint32_t classes,
                                          std::uint32_t keys = 0) {
  auto data = std::make_shared<dataset>();
  data->shape = {1};
  data->class_count = classes;
  for (std::size_t i = 0; i < size; ++i) {
    data->values.push_back(static_cast<float>(i));
    data->labels.push_back(static_cast<std::uint8_t>(i % classes));
    if (keys > 0)
      data->keys.push_back(static_cast<std::uint32_t>(i * i % keys) + 100);
  }
  return data;
}

std::vector<std::vector<std::uint32_t>> rows_of(const std::vector<examples>& clients) {
  std::vector<std::vector<std::uint32_t>> rows;
  for (const auto& client : clients)
    rows.push_back(client.rows);
  return rows;
}

std::vector<examples> deal(const std::shared_ptr<const dataset>& data,
                           const partition_config& config, std::uint64_t seed = 1) {
  auto clients = partition(data, config, seed);
  if (!clients)
    FAIL(clients.why().detail);
  return std::move(*clients);
}

std::size_t dealt_count(const std::vector<examples>& clients) {
  std::size_t count = 0;
  for (const auto& client : clients)
    count += client.size();
  return count;
}

std::size_t labels_held(const examples& client) {
  const auto counts = label_counts(client);
  return static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [](std::uint64_t n) { return n > 0; }));
}

std::string refused(const std::shared_ptr<const dataset>& data, const partition_config& config) {
  const auto clients = partition(data, config, 1);
  if (clients)
    return "";
  CHECK(clients.why().code == failure_code::bad_config);
  return clients.why().detail;
}

struct scheme_case {
  partition_config config;
  bool deals_all;
};

std::vector<scheme_case> every_scheme() {
  return {{{.scheme = "iid", .clients = 7}, true},
          {{.scheme = "shards", .clients = 7}, true},
          {{.scheme = "label_quantity", .clients = 12}, true},
          {{.scheme = "dirichlet_class", .clients = 7, .alpha = 0.5}, true},
          {{.scheme = "dirichlet_client", .clients = 7, .alpha = 0.5}, true},
          {{.scheme = "similarity", .clients = 7, .similarity = 0.3}, true},
          {{.scheme = "powerlaw2", .clients = 30}, false},
          {{.scheme = "quantity", .clients = 7, .alpha = 0.5}, true},
          {{.scheme = "natural", .clients = 5}, true}};
}

} // namespace

TEST_CASE("every scheme deals no example twice, forgets none that it should deal, and sorts rows") {
  const auto data = round_data(2003, 10, 11);
  for (const auto& [config, deals_all] : every_scheme()) {
    CAPTURE(config.scheme);
    const auto clients = deal(data, config);
    CHECK(clients.size() == config.clients);
    std::vector<int> seen(data->size());
    for (const auto& client : clients) {
      CHECK(client.data == data);
      CHECK_FALSE(client.rows.empty());
      CHECK(std::is_sorted(client.rows.begin(), client.rows.end()));
      for (const auto row : client.rows)
        ++seen.at(row);
    }
    CHECK(*std::max_element(seen.begin(), seen.end()) == 1);
    if (deals_all)
      CHECK(*std::min_element(seen.begin(), seen.end()) == 1);
  }
}

TEST_CASE("every scheme gives the same for the same seed and something else for another one") {
  const auto data = round_data(2003, 10, 11);
  for (const auto& [config, deals_all] : every_scheme()) {
    CAPTURE(config.scheme);
    CHECK(rows_of(deal(data, config, 5)) == rows_of(deal(data, config, 5)));
    CHECK(rows_of(deal(data, config, 5)) != rows_of(deal(data, config, 6)));
  }
}

TEST_CASE("every scheme's result for one seed is pinned") {
  const auto data = round_data(2003, 10, 11);
  const std::vector<std::uint64_t> expected{
      0x76757e8e00d017d5, 0xe52771458f0506ef, 0x6c53f2883cc366f6,
      0xaf0613165322295d, 0xbcc9b36cdbe0ed5f, 0x90d8569a9c576feb,
      0xd10ebe56c20f4137, 0xac68417c5f6ac43d, 0xd13aa63163a382af};
  const auto schemes = every_scheme();
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    std::uint64_t hash = 0xCBF29CE484222325; // FNV-1a over rows
    for (const auto& client : deal(data, schemes[i].config, 2024)) {
      for (const auto row : client.rows)
        hash = (hash ^ row) * 0x100000001B3;
      hash = (hash ^ 0xFFFFFFFF) * 0x100000001B3;
    }
    CAPTURE(schemes[i].config.scheme);
    CHECK(hash == expected.at(i));
  }
}

TEST_CASE("iid parts differ by one example at most and have every label about equally often") {
  const auto data = round_data(10'003, 10);
  for (const auto& client : deal(data, {.scheme = "iid", .clients = 10})) {
    CHECK((client.size() == 1000 || client.size() == 1001));
    for (const auto count : label_counts(client))
      CHECK(std::abs(static_cast<double>(count) - 100.0) < 50.0); // 5 standard deviations
  }
}

TEST_CASE("shards are McMahan's: 200 of 300 examples, two a client, so few labels each") {
  const auto data = round_data(60'000, 10);
  const auto clients = deal(data, {.scheme = "shards", .clients = 100});
  std::set<std::size_t> label_counts_seen;
  for (const auto& client : clients) {
    CHECK(client.size() == 600);
    CHECK(labels_held(client) <= 2);
    label_counts_seen.insert(labels_held(client));
  }
  CHECK(label_counts_seen == std::set<std::size_t>{1, 2});
  CHECK(dealt_count(deal(data, {.scheme = "shards", .clients = 7, .shards_per_client = 9})) ==
        60'000);
}

TEST_CASE("label_quantity gives every client exactly so many labels and splits a label equally") {
  const auto data = round_data(6000, 10);
  for (const std::uint32_t each : {1U, 3U, 10U}) {
    CAPTURE(each);
    const auto clients =
        deal(data, {.scheme = "label_quantity", .clients = 20, .labels_per_client = each});
    for (std::size_t i = 0; i < clients.size(); ++i) {
      CHECK(labels_held(clients[i]) == each);
      CHECK(label_counts(clients[i])[i % 10] > 0);
    }
    for (std::size_t label = 0; label < 10; ++label) {
      std::set<std::uint64_t> sizes;
      for (const auto& client : clients)
        if (const auto count = label_counts(client)[label])
          sizes.insert(count);
      CHECK(*sizes.rbegin() - *sizes.begin() <= 1);
    }
  }
  const auto few = deal(data, {.scheme = "label_quantity", .clients = 2, .labels_per_client = 2});
  CHECK(dealt_count(few) <= 4 * 600); // labels without a holder are not dealt
}

TEST_CASE(
    "dirichlet_class is uneven where alpha is small, even where it is large, and never bare") {
  const auto data = round_data(10'000, 10);
  const auto spread = [&](double alpha) {
    std::vector<std::size_t> sizes;
    double top_share = 0;
    for (const auto& client :
         deal(data, {.scheme = "dirichlet_class", .clients = 10, .alpha = alpha})) {
      CHECK(client.size() >= 10);
      sizes.push_back(client.size());
      const auto counts = label_counts(client);
      top_share += static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
                   static_cast<double>(client.size()) / 10;
    }
    return std::pair(*std::max_element(sizes.begin(), sizes.end()) -
                         *std::min_element(sizes.begin(), sizes.end()),
                     top_share);
  };
  const auto [uneven, top_of_uneven] = spread(0.1);
  const auto [even, top_of_even] = spread(1000.0);
  CHECK(uneven > 500);
  CHECK(even < 100);
  CHECK(top_of_uneven > 0.4);
  CHECK(top_of_even < 0.13);
}

TEST_CASE("dirichlet_class deals again until each client has enough examples") {
  const auto data = round_data(1000, 10);
  partition_config config{
      .scheme = "dirichlet_class", .clients = 10, .alpha = 0.5, .examples_min = 60};
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const auto& client : deal(data, config, seed))
      CHECK(client.size() >= 60);
}

TEST_CASE("dirichlet_client keeps sizes equal, and concentrates labels where alpha is small") {
  const auto data = round_data(10'003, 10);
  const auto mean_labels = [&](double alpha) {
    double sum = 0;
    for (const auto& client :
         deal(data, {.scheme = "dirichlet_client", .clients = 20, .alpha = alpha})) {
      CHECK((client.size() == 500 || client.size() == 501));
      sum += static_cast<double>(labels_held(client));
    }
    return sum / 20;
  };
  CHECK(mean_labels(0.01) < 4.0);
  CHECK(mean_labels(1000.0) == 10.0);
}

TEST_CASE("similarity 0 sorts by label, 1 is iid, and between them each client has the iid share") {
  const auto data = round_data(10'000, 10);
  for (const auto& client : deal(data, {.scheme = "similarity", .clients = 10, .similarity = 0.0}))
    CHECK(labels_held(client) == 1);
  for (const auto& client : deal(data, {.scheme = "similarity", .clients = 10, .similarity = 1.0}))
    CHECK(labels_held(client) == 10);
  for (const auto& client :
       deal(data, {.scheme = "similarity", .clients = 10, .similarity = 0.1})) {
    CHECK(client.size() == 1000);
    const auto counts = label_counts(client);
    CHECK(*std::max_element(counts.begin(), counts.end()) >= 450); // two labels at a border
    CHECK(labels_held(client) >= 8);
  }
}

TEST_CASE(
    "powerlaw2 gives client u the labels u and u + 1, five of each at least, in uneven sizes") {
  const auto data = round_data(60'000, 10);
  const auto clients = deal(data, {.scheme = "powerlaw2", .clients = 1000});
  std::vector<std::size_t> sizes;
  for (std::size_t u = 0; u < clients.size(); ++u) {
    const auto counts = label_counts(clients[u]);
    CHECK(counts[u % 10] >= 5);
    CHECK(counts[(u + 1) % 10] >= 5);
    CHECK(counts[u % 10] + counts[(u + 1) % 10] == clients[u].size());
    sizes.push_back(clients[u].size());
  }
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes.front() >= 10);
  CHECK(sizes[500] < 40);     // the median is near the minimum
  CHECK(sizes.back() > 1000); // and a few have very many
  CHECK(dealt_count(clients) > 58'000);
}

TEST_CASE("quantity makes sizes uneven and leaves the labels iid") {
  const auto data = round_data(20'000, 10);
  const auto clients = deal(data, {.scheme = "quantity", .clients = 10, .alpha = 0.5});
  std::size_t smallest = data->size(), largest = 0;
  for (const auto& client : clients) {
    smallest = std::min(smallest, client.size());
    largest = std::max(largest, client.size());
    if (client.size() > 1000)
      for (const auto count : label_counts(client)) {
        const double expected = static_cast<double>(client.size()) / 10;
        CHECK(std::abs(static_cast<double>(count) - expected) < 5 * std::sqrt(expected));
      }
  }
  CHECK(largest > 3 * smallest);
}

TEST_CASE("quantity asks for no minimum but one example, so many clients are possible") {
  const auto data = round_data(60'000, 10);
  const auto clients = deal(data, {.scheme = "quantity", .clients = 100, .alpha = 0.5});
  CHECK(clients.size() == 100);
  CHECK(dealt_count(clients) == 60'000);
}

TEST_CASE("natural gives one owner to each client, or whole owners where there are fewer clients") {
  const auto data = round_data(1000, 10, 13); // squares modulo 13: seven owners
  const auto owners = [&](const examples& client) {
    std::set<std::uint32_t> keys;
    for (const auto row : client.rows)
      keys.insert(data->keys[row]);
    return keys;
  };
  const auto one_each = deal(data, {.scheme = "natural", .clients = 0});
  CHECK(one_each.size() == 7);
  CHECK(rows_of(one_each) == rows_of(deal(data, {.scheme = "natural", .clients = 7}, 99)));
  for (const auto& client : one_each)
    CHECK(owners(client).size() == 1);
  const auto grouped = deal(data, {.scheme = "natural", .clients = 3});
  std::set<std::uint32_t> all;
  for (const auto& client : grouped) {
    const auto held = owners(client);
    CHECK((held.size() == 2 || held.size() == 3));
    all.insert(held.begin(), held.end());
  }
  CHECK(all.size() == 7);
  CHECK(dealt_count(grouped) == 1000);
}

TEST_CASE("impossible parameters are refused in a sentence that names the parameter") {
  const auto data = round_data(100, 10);
  CHECK(contains(refused(data, {.scheme = "no_such", .clients = 2}), "dirichlet_client"));
  CHECK(contains(refused(data, {.scheme = "iid", .clients = 0}), "partition.clients"));
  CHECK(contains(refused(data, {.scheme = "iid", .clients = 101}), "100 examples"));
  CHECK(contains(refused(data, {.scheme = "shards", .clients = 10, .shards_per_client = 0}),
                 "partition.shards_per_client"));
  CHECK(contains(refused(data, {.scheme = "shards", .clients = 100, .shards_per_client = 2}),
                 "200 shards"));
  CHECK(contains(refused(data, {.scheme = "label_quantity", .labels_per_client = 11}),
                 "partition.labels_per_client"));
  CHECK(contains(refused(data, {.scheme = "label_quantity", .labels_per_client = 0}), "1 to 10"));
  for (const double alpha : {0.0, -1.0, std::nan(""), 1e300})
    for (const char* scheme : {"dirichlet_class", "dirichlet_client", "quantity"})
      CHECK(contains(refused(data, {.scheme = scheme, .clients = 5, .alpha = alpha}),
                     "partition.alpha"));
  for (const double similarity : {-0.1, 1.1, std::nan("")})
    CHECK(contains(refused(data, {.scheme = "similarity", .similarity = similarity}),
                   "partition.similarity"));
  CHECK(contains(refused(data, {.scheme = "powerlaw2", .clients = 100}), "Use fewer clients"));
  CHECK(contains(refused(round_data(100, 1), {.scheme = "powerlaw2", .clients = 2}), "two labels"));
  CHECK(contains(refused(data, {.scheme = "natural"}), "owner"));
  CHECK(
      contains(refused(round_data(1000, 10, 13), {.scheme = "natural", .clients = 8}), "7 owners"));
  CHECK(contains(refused(data, {.scheme = "dirichlet_class", .examples_min = 11}),
                 "partition.examples_min"));
}

TEST_CASE("a minimum that no draw meets ends in a clear failure, not in an endless search") {
  const auto why = refused(round_data(1000, 10),
                           {.scheme = "dirichlet_class", .alpha = 0.05, .examples_min = 95});
  CHECK(contains(why, "1000 draws"));
  CHECK(contains(why, "Raise partition.alpha"));
}

TEST_CASE("a label without examples disturbs no scheme") {
  auto data = std::make_shared<dataset>(*round_data(1000, 5, 11));
  data->class_count = 10;
  for (auto [config, deals_all] : every_scheme()) {
    CAPTURE(config.scheme);
    CHECK(deal(data, config).size() == config.clients);
  }
}

TEST_CASE("held out examples are a random share, disjoint from the rest, decided by the seed") {
  const auto data = round_data(1000, 10);
  const auto all = all_examples(data);
  const auto [train, held_out] = split_held_out(all, 10, 7);
  CHECK(held_out.size() == 100);
  CHECK(train.size() == 900);
  std::set<std::uint32_t> seen(train.rows.begin(), train.rows.end());
  seen.insert(held_out.rows.begin(), held_out.rows.end());
  CHECK(seen.size() == 1000);
  for (const auto count : label_counts(held_out))
    CHECK(count < 30);
  CHECK(split_held_out(all, 10, 7).held_out.rows == held_out.rows);
  CHECK(split_held_out(all, 10, 8).held_out.rows != held_out.rows);
  CHECK(split_held_out(all, 0, 7).held_out.size() == 0);
  CHECK(split_held_out(all, 100, 7).train.size() == 1);
  CHECK(split_held_out({.data = data, .rows = {4}}, 50, 7).train.rows ==
        std::vector<std::uint32_t>{4});
  CHECK(split_held_out({.data = data, .rows = {}}, 50, 7).train.size() == 0);
}
