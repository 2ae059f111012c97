// Whom does a hostile server, or a hostile client, meet in a secure sum? A small crowd with the
// real machines, and the tools to forge what it is told.
#pragma once

#include <string>
#include <vector>

#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/secure_terms.hpp>

#include "support/sum_round.hpp"

namespace godwit::secure_sum {

inline constexpr std::uint32_t values_each = 12;

/// 12 values of 16 bits, all weighing the same, for up to 64 clients.
inline terms crowd_terms(profile trust = profile::semi_honest) {
  terms rules;
  rules.suite = mask_suite::chacha20;
  rules.profile = trust;
  rules.job = "hub";
  rules.round = round_id{3};
  rules.server_nonce = sha256(as_bytes("server nonce"));
  rules.clients_min = 3;
  rules.clients_max = 64;
  rules.fractions = {100, 200};
  rules.streams = {{values_each, -1.0, 1.0, 16}};
  rules.modulus_bits = modulus_bits_for(rules.clients_max, rules.weight_max, rules.streams);
  rules.lane_bits = lane_bits_for(rules.modulus_bits);
  rules.model = sha256(as_bytes("model"));
  return rules;
}

/// edge-a, edge-b, …: each with its own key, seed and values. `of` tells crowds apart.
inline std::vector<sum_member> crowd(std::size_t count, const std::string& of = "crowd") {
  std::vector<sum_member> members;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = std::string("edge-") + static_cast<char>('a' + i);
    auto identity = signing_key::from_seed(secret(seeded_bytes(name + " is")));
    REQUIRE(identity);
    sum_member member{{name},
                      std::make_shared<const signing_key>(std::move(*identity)),
                      seeded_bytes(of + " draws " + name),
                      sha256(as_bytes(name + " proves")),
                      {}};
    member.input.streams.emplace_back();
    for (std::uint32_t j = 0; j < values_each; ++j)
      member.input.streams[0].push_back(static_cast<float>((7 * i + 3 * j) % 33) / 16 - 1);
    members.push_back(std::move(member));
  }
  return members;
}

/// The adverts of a round's clients, in order.
inline std::vector<advert> adverts_of(sum_round& round) {
  std::vector<advert> adverts;
  for (std::size_t i = 0; i < round.size(); ++i) {
    const auto decoded = decode_advert(round.at(i).advert);
    REQUIRE(decoded);
    adverts.push_back(*decoded);
  }
  return adverts;
}

/// What a client is told where these adverts, in this order, are the roster: everything is as it
/// has to be but what the caller has put in. `rule` gives the degree.
inline roster forged_roster(const std::vector<advert>& adverts, std::uint32_t own,
                            const terms& rules, graph_rule rule = choose_graph) {
  std::vector<sha256_digest> leaves;
  for (const auto& one : adverts)
    leaves.push_back(leaf_of(encode(one)));
  const roster_tree tree(leaves);
  const auto n = static_cast<std::uint32_t>(adverts.size());
  const auto choice = rule(n, rules.fractions, rules.profile);
  REQUIRE(choice.has_value());
  const mask_graph graph(hash_of_terms(encode(rules)), tree.root(), n, choice->degree);
  roster made{tree.root(), n, own, tree.path(own), {}};
  for (const auto v : graph.neighbours(own))
    made.neighbours.push_back({v, adverts[v], tree.path(v)});
  return made;
}

/// As an honest shell would hand it over: evidence was found to hold for everybody.
inline client::roster_told told(const roster& said) {
  client::roster_told input{encode(said), {}};
  for (const auto& one : said.neighbours)
    input.proven.push_back(one.index);
  return input;
}

/// The advert again, with its fields as they are now, signed by this key.
inline void sign_again(advert& changed, const signing_key& identity, const terms& rules) {
  auto drawn = client_draws{};
  drawn.channel_public = changed.channel;
  drawn.pairwise_public = changed.pairwise;
  drawn.nonce = changed.nonce;
  changed =
      make_advert(changed.client, identity, changed.evidence, drawn, hash_of_terms(encode(rules)));
}

/// A client refuses `input`, with this reason, and stays what it was.
inline void check_refused(sum_round& round, std::size_t i, const client::input& input,
                          refusal why) {
  const auto before = std::string(name(round.at(i).machine->current()));
  const auto answer = round.hear(i, input);
  CHECK_FALSE(answer);
  if (!answer)
    CHECK(name(answer.why()) == name(why));
  CHECK(name(round.at(i).machine->current()) == before);
}

/// The server refuses `input`, with this reason, and stays what it was.
inline void check_refused(sum_round& round, const server::input& input, refusal why) {
  const auto before = std::string(name(round.server().current()));
  const auto answer = round.say(input);
  CHECK_FALSE(answer);
  if (!answer)
    CHECK(name(answer.why()) == name(why));
  CHECK(name(round.server().current()) == before);
}

} // namespace godwit::secure_sum
