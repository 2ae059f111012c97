// What are the clients of a secure sum in tests made from, what do they upload, and what is it the
// sum of?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/actors/machines/secure_sum_server.hpp>
#include <godwit/aggregation/packing.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::secure_sum {

/// Calls `use` with a vector of lanes of the terms' width.
template <class Use>
auto with_lanes(const terms& rules, std::size_t count, Use&& use) {
  if (rules.lane_bits == 16)
    return use(std::vector<std::uint16_t>(count));
  if (rules.lane_bits == 32)
    return use(std::vector<std::uint32_t>(count));
  return use(std::vector<std::uint64_t>(count));
}

/// Terms of one stream with `length` values of 12 bits.
inline terms flock_terms(std::uint32_t clients_min, std::uint32_t clients_max, profile against,
                         client_fractions fractions = {}, std::uint32_t weight_max = 1,
                         std::uint64_t length = 5) {
  terms made;
  made.suite = against == profile::malicious ? mask_suite::chacha20 : mask_suite::aes256_ctr;
  made.profile = against;
  made.job = "hub";
  made.round = {7};
  made.server_nonce.fill(std::byte{9});
  made.clients_min = clients_min;
  made.clients_max = clients_max;
  made.fractions = fractions;
  made.weight_max = weight_max;
  made.model.fill(std::byte{3});
  made.streams.push_back({length, -1.0, 1.0, 12});
  made.modulus_bits = modulus_bits_for(clients_max, weight_max, made.streams);
  made.lane_bits = lane_bits_for(made.modulus_bits);
  return made;
}

/// The same for vectors that are carried under keys. Its streams' grids are those of whole numbers.
inline terms carried_flock_terms(std::uint32_t clients_min, std::uint32_t clients_max,
                                 profile against, client_fractions fractions = {},
                                 std::uint32_t weight_max = 1, std::uint64_t length = 5) {
  auto made = flock_terms(clients_min, clients_max, against, fractions, 1, length);
  made.carried = {.set = sum_set::rk4096a, .weight_max = weight_max, .streams = made.streams};
  made.carried->streams.front() = {length, 0, 4095, 12};
  made.streams = key_streams(made.carried->set);
  made.modulus_bits = modulus_bits_for(clients_max, 1, made.streams);
  made.lane_bits = lane_bits_for(made.modulus_bits);
  return made;
}

/// How many entries what the clients have to say has, with the weight's.
inline std::uint64_t value_entry_count(const terms& rules) {
  return rules.carried ? value_count(*rules.carried) : entry_count(rules);
}

/// One client, what it is made from, and what its disk would hold.
struct flock_client {
  client_id name;
  std::shared_ptr<const signing_key> identity;
  sha256_digest seed{};
  std::vector<std::uint64_t> entries;
  std::optional<client::machine> machine;
  std::vector<client::input> kept;
  std::optional<client::keep_answer> answer;
};

inline client::opening opening_of(const flock_client& of, const terms& rules, graph_rule rule) {
  client::opening made;
  made.terms = encode(rules);
  made.round = rules.round;
  made.model = rules.model;
  made.self = of.name;
  made.identity = of.identity;
  made.evidence = sha256(as_bytes(of.name.name));
  made.seed = secret(bytes(of.seed.begin(), of.seed.end()));
  made.rule = rule;
  return made;
}

/// The client "edge-<number>", opened, with entries that depend on the number.
inline flock_client make_client(const terms& rules, std::uint32_t number,
                                graph_rule rule = choose_graph) {
  flock_client made;
  made.name.name = fmt::format("edge-{}", number);
  const auto identity_seed = sha256(as_bytes(fmt::format("identity {}", number)));
  auto key = signing_key::from_seed(secret(bytes(identity_seed.begin(), identity_seed.end())));
  REQUIRE(key);
  made.identity = std::make_shared<const signing_key>(std::move(*key));
  made.seed = sha256(as_bytes(fmt::format("seed {}", number)));
  std::mt19937_64 random(number);
  made.entries.push_back(1 + random() % value_weight_max(rules));
  for (const auto& stream : value_streams(rules))
    for (std::uint64_t i = 0; i < stream.length; ++i)
      made.entries.push_back(made.entries.front() * (random() % (1ULL << stream.bits)));
  auto opened = client::machine::open(opening_of(made, rules, rule));
  REQUIRE(opened);
  made.machine = std::move(*opened);
  return made;
}

/// The body of a client whose entries are whole numbers times its weight.
inline bytes carried_body_of(const client::machine& machine,
                             const std::vector<std::uint64_t>& entries) {
  const auto weight = entries.front();
  std::vector<std::vector<float>> values;
  auto next = entries.begin() + 1;
  for (const auto& stream : value_streams(machine.rules())) {
    auto& some = values.emplace_back();
    for (std::uint64_t i = 0; i < stream.length; ++i)
      some.push_back(static_cast<float>(*next++ / weight));
  }
  auto body =
      make_body(machine, {static_cast<std::uint32_t>(weight), {values.begin(), values.end()}});
  REQUIRE(body);
  return std::move(*body);
}

/// entries + masks mod 2^R, packed: what a shell makes of `make_body`.
inline bytes body_of(const client::machine& machine, const std::vector<std::uint64_t>& entries) {
  const auto& rules = machine.rules();
  if (rules.carried)
    return carried_body_of(machine, entries);
  const auto parts = machine.masks();
  return with_lanes(rules, entries.size(), [&](auto lanes) {
    using lane = typename decltype(lanes)::value_type;
    std::transform(entries.begin(), entries.end(), lanes.begin(),
                   [](std::uint64_t x) { return static_cast<lane>(x); });
    add_masks(std::span(lanes), as_terms(parts), mask_stream(rules));
    bytes body(packed_bytes(lanes.size(), rules.modulus_bits));
    pack(std::span<const lane>(lanes), rules.modulus_bits, body);
    return body;
  });
}

/// What the sum is opened with, once more.
inline sum_opening copy_of(const server::open_sum& opening) {
  sum_opening made{{}, opening.survivors, opening.liars, opening.root};
  for (const auto& mask : opening.masks) {
    const auto key = mask.key.reveal();
    made.masks.push_back({secret(bytes(key.begin(), key.end())), mask.is_subtracted});
  }
  return made;
}

/// The sum of the bodies with the masks of `open_sum`, mod 2^R; of carried ones, what is opened.
inline std::vector<std::uint64_t> sum_of(const terms& rules, const std::vector<bytes>& bodies,
                                         const server::open_sum& opening) {
  if (rules.carried) {
    body_sum sum(rules);
    for (const auto& body : bodies)
      REQUIRE(sum.add(body));
    const auto opened = sum.open(copy_of(opening), rules.round);
    REQUIRE(opened);
    std::vector<std::uint64_t> entries;
    for (std::size_t i = 0; i < value_entry_count(rules); ++i)
      entries.push_back(opened->entry(i));
    return entries;
  }
  return with_lanes(rules, entry_count(rules), [&](auto lanes) {
    for (const auto& body : bodies)
      add_packed(std::span(lanes), body, rules.modulus_bits);
    add_masks(std::span(lanes), as_terms(opening.masks), mask_stream(rules));
    std::vector<std::uint64_t> sum(lanes.begin(), lanes.end());
    for (auto& x : sum)
      x &= (1ULL << rules.modulus_bits) - 1;
    return sum;
  });
}

} // namespace godwit::secure_sum
