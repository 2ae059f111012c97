// Whatever the scheme, the lanes, the clients, who reached whom and the order of messages: do all
// servers open the plain sum of those whom all hold?
#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "support/shared_sum_world.hpp"

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

terms drawn_terms(std::mt19937_64& random) {
  terms t;
  t.suite = random() % 2 == 0 ? mask_suite::aes256_ctr : mask_suite::chacha20;
  t.scheme = random() % 2 == 0 ? scheme::additive : scheme::replicated;
  t.server_count = t.scheme == scheme::replicated ? 3 : 2 + static_cast<unsigned>(random() % 2);
  t.round = {random()};
  t.clients_max = 12;
  t.clients_min = 2 + static_cast<std::uint32_t>(random() % 3);
  t.length = 1 + random() % 300;
  return t;
}

template <class Lane>
void fly(terms t, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  t.lane_bits = 8 * sizeof(Lane);
  server_world world(t, random());
  std::vector<Lane> plain(t.length);
  std::vector<client_id> counted;
  for (unsigned client = 0; client < 12; ++client) {
    std::vector<Lane> entries(t.length);
    for (auto& one : entries)
      one = static_cast<Lane>(random());
    const auto made = split(t, secret(bytes(32, static_cast<std::byte>(random()))), entries);
    const auto lanes = std::as_bytes(std::span(made.lanes));
    unsigned reached = 0;
    for (unsigned server = 1; server <= t.server_count; ++server)
      if (random() % 8 != 0) {
        world.upload({fmt::format("c{}", client)}, server, made.heads[server - 1],
                     {lanes.begin(), lanes.end()});
        ++reached;
      }
    if (reached < t.server_count)
      continue;
    counted.push_back({fmt::format("c{}", client)});
    for (std::size_t i = 0; i < plain.size(); ++i)
      plain[i] = static_cast<Lane>(plain[i] + entries[i]);
  }
  std::sort(counted.begin(), counted.end());
  world.run();
  const auto view = std::as_bytes(std::span(plain));
  for (unsigned server = 1; server <= t.server_count; ++server) {
    if (counted.size() < t.clients_min) {
      REQUIRE(world.end_of(server));
      REQUIRE(world.end_of(server)->why == reason::too_few);
      continue;
    }
    REQUIRE(world.sum_of(server));
    REQUIRE(world.sum_of(server)->clients == counted);
    REQUIRE(std::ranges::equal(world.sum_of(server)->sum, view));
  }
}

} // namespace

TEST_CASE("all servers open the plain sum of those whom all hold, or nobody opens anything") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto t = drawn_terms(random);
    CAPTURE(t.length);
    fly<std::uint16_t>(t, seed);
    fly<std::uint32_t>(t, seed);
    fly<std::uint64_t>(t, seed);
  }
}
