// Do the servers of a shared sum say and open, byte for byte, what privacy/SHARED_SUM.md says?
#include <godwit/actors/machines/shared_sum.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/shared_sum_terms.hpp"
#include "support/shared_sum_world.hpp"

using namespace godwit;
using namespace godwit::shared_sum;

TEST_CASE("what the servers say and open is, byte for byte, what the second implementation gives") {
  std::vector<vector_record> clients;
  int round_count = 0;
  for (const auto& record : read_vectors("shared_sum.vec")) {
    if (record.at("item") == "client") {
      clients.push_back(record);
      continue;
    }
    if (record.at("item") != "round")
      continue;
    const auto t = terms_of_record(record);
    CAPTURE(t.job);
    server_world world(t);
    std::vector<std::string> coins;
    if (record.contains("coins_of_servers")) {
      std::istringstream in(record.at("coins_of_servers"));
      for (unsigned server = 1; server <= 3; ++server) {
        std::string one;
        in >> one;
        world.machines[server - 1] = machine(t, server, coin{as_array<32>(from_hex(one))});
      }
    }
    for (const auto& client : clients) {
      std::istringstream heads(client.at("heads"));
      for (unsigned server = 1; server <= t.server_count; ++server) {
        std::string head;
        heads >> head;
        if (server > 1 && record.at("listed").find(client.at("name")) == std::string::npos &&
            client.at("lanes") == client.at("other_lanes"))
          continue; // reached server 1 alone
        world.upload({client.at("name")}, server, from_hex(head),
                     from_hex(client.at(server == 3 ? "other_lanes" : "lanes")));
      }
    }
    world.run();
    const char* kinds[] = {"holdings", "agreement",    "coin",   "fingerprints",
                           "verdict",  "confirmation", "opening"};
    for (const auto& sent : world.sent) {
      auto key = fmt::format("{}_{}", kinds[static_cast<unsigned>(sent.content[0]) - 1], sent.from);
      if (key.starts_with("fingerprints"))
        key += fmt::format("_{}", sent.to);
      CHECK_MESSAGE(hex(sent.content) == record.at(key), key);
    }
    for (unsigned server = 1; server <= t.server_count; ++server) {
      REQUIRE(world.sum_of(server));
      std::string sum;
      const auto& content = world.sum_of(server)->sum;
      for (std::size_t at = 0; at < content.size(); at += t.lane_bits / 8) {
        std::uint64_t lane = 0;
        std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), t.lane_bits / 8,
                    reinterpret_cast<std::byte*>(&lane));
        sum += fmt::format("{}{}", sum.empty() ? "" : " ", lane);
      }
      CHECK(sum == record.at("sum"));
    }
    clients.clear();
    ++round_count;
  }
  CHECK(round_count == 6);
}
