// Do keys, trees, graphs, thresholds, shares and messages have the bytes of the second
// implementation?
#include <string>
#include <vector>

#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/shamir.hpp>
#include <godwit/privacy/sum_messages.hpp>

#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum;
using namespace godwit::secure_sum_vectors;

namespace {

std::vector<sha256_digest> digests(const vector_record& record, const std::string& key) {
  std::vector<sha256_digest> found;
  for (const auto& word : words(record.at(key)))
    found.push_back(as_array<32>(from_hex(word)));
  return found;
}

void check_draws(const vector_record& record, const sha256_digest& terms_hash) {
  const auto drawn = draw(content(record, "seed"), terms_hash);
  CHECK(hex(drawn.channel.reveal()) == record.at("c_sk"));
  CHECK(hex(drawn.pairwise.reveal()) == record.at("s_sk"));
  CHECK(hex(drawn.self.reveal()) == record.at("b"));
  CHECK(hex(drawn.shares.reveal()) == record.at("shares_key"));
  CHECK(hex(drawn.rounding.reveal()) == record.at("rounding_key"));
  CHECK(hex(drawn.key.reveal()) == record.at("key_seed"));
  CHECK(hex(drawn.errors.reveal()) == record.at("errors_seed"));
  CHECK(hex(drawn.clipping.reveal()) == record.at("clipping_key"));
  CHECK(hex(drawn.noise.reveal()) == record.at("noise_key"));
  CHECK(hex(drawn.channel_public) == record.at("c_pk"));
  CHECK(hex(drawn.pairwise_public) == record.at("s_pk"));
  CHECK(hex(drawn.nonce) == record.at("nonce"));
}

/// The shares of a record's secret, with those that it says came back wrong in their place.
std::vector<shamir::held_share> returned_shares(const vector_record& record) {
  std::vector<shamir::held_share> held;
  for (std::uint32_t x = 1; x <= number(record, "count"); ++x) {
    const auto wrong = record.find("wrong_share_" + std::to_string(x));
    const auto& written =
        wrong != record.end() ? wrong->second : record.at("share_" + std::to_string(x));
    const auto share = shamir::read_share(from_hex(written));
    REQUIRE(share.has_value());
    held.push_back({x, *share});
  }
  return held;
}

} // namespace

TEST_CASE("what a client draws is what the second implementation draws from that seed") {
  for (const auto& record : items("derived"))
    check_draws(record, array<32>(record, "h_o"));
}

TEST_CASE("a tree over leaves has the root and the paths of the second implementation") {
  for (const auto& record : items("tree")) {
    const auto leaves = digests(record, "leaves");
    const auto index = number(record, "index");
    const auto path = digests(record, "path");
    const roster_tree tree(leaves);
    CHECK(hex(tree.root()) == record.at("root"));
    CHECK(tree.path(index) == path);
    const auto led_to = root_over(leaves[index], index, leaves.size(), path);
    REQUIRE(led_to);
    CHECK(hex(*led_to) == record.at("root"));
  }
}

TEST_CASE("a graph has the second implementation's permutation and neighbours") {
  for (const auto& record : items("graph")) {
    const auto n = static_cast<std::uint32_t>(number(record, "n"));
    const auto degree = static_cast<std::uint32_t>(number(record, "k"));
    const mask_graph graph(array<32>(record, "h_o"), array<32>(record, "root"), n, degree);
    CAPTURE(n);
    if (record.contains("permutation"))
      CHECK(graph.permutation() == numbers<std::uint32_t>(record, "permutation"));
    for (const auto u : {0U, 1U, n / 2, n - 1})
      CHECK(graph.neighbours(u) ==
            numbers<std::uint32_t>(record, "neighbours_" + std::to_string(u)));
  }
}

TEST_CASE("degree and threshold are the second implementation's, by exact fractions") {
  for (const auto& record : items("choice")) {
    const auto n = static_cast<std::uint32_t>(number(record, "n"));
    const client_fractions fractions{static_cast<std::uint16_t>(number(record, "corrupt")),
                                     static_cast<std::uint16_t>(number(record, "dropped"))};
    const auto choice = choose_graph(n, fractions, static_cast<profile>(number(record, "profile")));
    CAPTURE(n);
    CAPTURE(fractions.corrupt);
    CAPTURE(fractions.dropped);
    CHECK(choice.has_value() == (number(record, "k") > 0));
    CHECK(choice.value_or(graph_choice{}).degree == number(record, "k"));
    CHECK(choice.value_or(graph_choice{}).threshold == number(record, "t"));
  }
}

TEST_CASE("a secret is cut into the second implementation's shares") {
  for (const auto& record : items("shamir")) {
    const auto key = content(record, "coefficients_key");
    shamir::coefficient_source source{mask_key(key)};
    const auto count = static_cast<std::uint32_t>(number(record, "count"));
    const auto shares = shamir::split(
        content(record, "secret"), static_cast<std::uint32_t>(number(record, "t")), count, source);
    REQUIRE(shares.reveal().size() == count * shamir::share_bytes);
    for (std::uint32_t x = 1; x <= count; ++x)
      CHECK(hex(shares.reveal().subspan((x - 1) * shamir::share_bytes, shamir::share_bytes)) ==
            record.at("share_" + std::to_string(x)));
  }
}

TEST_CASE("shares of which as many are wrong as can be found give the secret, and the wrong ones") {
  for (const auto& record : items("shamir")) {
    const auto t = static_cast<std::uint32_t>(number(record, "t"));
    const auto held = returned_shares(record);
    auto wrong = numbers<std::uint32_t>(record, "wrong");
    bool is_first_wrong = false; // only then does anybody look
    for (const auto x : wrong)
      is_first_wrong = is_first_wrong || x <= t;
    shamir::recovery recovery(t);
    const auto found = recovery.recover(
        held, [&](bytes_view secret) { return hex(secret) == record.at("secret"); });
    REQUIRE(found.has_value());
    CHECK(hex(found->value.reveal()) == record.at("secret"));
    CHECK(found->wrong_xs == (is_first_wrong ? wrong : std::vector<std::uint32_t>{}));
  }
}

TEST_CASE("the terms' fields give the second implementation's bytes and hash") {
  for (const auto& record : items("round")) {
    const auto encoded = content(record, "terms");
    const auto decoded = decode_terms(encoded);
    REQUIRE(decoded);
    CHECK(hex(encode(*decoded)) == record.at("terms"));
    CHECK(hex(hash_of_terms(encoded)) == record.at("h_o"));
    CHECK(static_cast<int>(decoded->suite) == static_cast<int>(number(record, "suite")));
    CHECK(static_cast<int>(decoded->profile) == static_cast<int>(number(record, "profile")));
    CHECK(decoded->job == as_text(content(record, "job")));
    CHECK(decoded->round.value == number(record, "round"));
    CHECK(hex(decoded->server_nonce) == record.at("server_nonce"));
    CHECK(decoded->clients_min == number(record, "clients_min"));
    CHECK(decoded->clients_max == number(record, "clients_max"));
    CHECK(decoded->fractions.corrupt == number(record, "corrupt"));
    CHECK(decoded->fractions.dropped == number(record, "dropped"));
    CHECK(decoded->weight_max == number(record, "weight_max"));
    CHECK(decoded->modulus_bits == number(record, "modulus_bits"));
    CHECK(decoded->lane_bits == number(record, "lane_bits"));
    CHECK(hex(decoded->model) == record.at("model"));
    CHECK(decoded->streams.size() == number(record, "stream_count"));
    const auto streams = words(record.at("streams"));
    for (std::size_t i = 0; i < decoded->streams.size(); ++i)
      CHECK(decoded->streams[i] ==
            stream_terms{std::stoull(streams[4 * i]), std::stod(streams[4 * i + 1]),
                         std::stod(streams[4 * i + 2]),
                         static_cast<std::uint8_t>(std::stoul(streams[4 * i + 3]))});
  }
}

TEST_CASE("a client's advert, leaf, shares and boxes are the second implementation's") {
  std::map<std::string, vector_record> rounds;
  for (auto& round : items("round"))
    rounds[round.at("name")] = round;
  std::map<std::pair<std::string, std::uint64_t>, vector_record> clients;
  for (auto& client : items("client"))
    clients[{client.at("round"), number(client, "index")}] = client;
  std::size_t compared = 0;
  for (const auto& record : items("client")) {
    if (!record.contains("advert"))
      continue;
    ++compared;
    const auto& round = rounds.at(record.at("round"));
    const auto terms_hash = array<32>(round, "h_o");
    check_draws(record, terms_hash);
    const auto drawn = draw(content(record, "seed"), terms_hash);
    const auto identity = signing_key::from_seed(secret(content(record, "identity_seed")));
    REQUIRE(identity);
    CHECK(hex(identity->public_key()) == record.at("identity_pk"));
    const auto own = make_advert({record.at("name")}, *identity, array<32>(record, "evidence_hash"),
                                 drawn, terms_hash);
    CHECK(hex(encode(own)) == record.at("advert"));
    CHECK(is_genuine(own, terms_hash));
    CHECK(hex(leaf_of(encode(own))) == record.at("leaf"));
    CHECK(hex(commitment_of(drawn.self.reveal())) == record.at("commitment"));

    const auto root = array<32>(round, "root");
    const auto last = numbers(record, "neighbours").back();
    const auto& near = clients.at({record.at("round"), last});
    const auto from = static_cast<std::uint32_t>(number(record, "index"));
    const auto to = static_cast<std::uint32_t>(last);
    const auto agreed = agree(drawn.channel.reveal(), array<32>(near, "c_pk"));
    REQUIRE(agreed.has_value());
    CHECK(hex(channel_key(agreed->reveal(), root, from, to).reveal()) ==
          record.at("last_channel_key"));

    shamir::coefficient_source source{mask_key(drawn.shares.reveal())};
    const auto t = static_cast<std::uint32_t>(number(round, "t"));
    const auto count = static_cast<std::uint32_t>(numbers(record, "neighbours").size());
    CHECK(hex(shamir::split(drawn.self.reveal(), t, count, source).reveal()) ==
          record.at("shares_b"));
    CHECK(hex(shamir::split(drawn.pairwise.reveal(), t, count, source).reveal()) ==
          record.at("shares_s"));
  }
  CHECK(compared > 0);
}

TEST_CASE("every message of the second implementation is read, and written the same") {
  std::size_t compared = 0;
  for (const auto& record : items("client")) {
    const auto same = [&](const char* key, auto decode) {
      if (!record.contains(key))
        return;
      const auto decoded = decode(content(record, key));
      REQUIRE(decoded);
      CHECK(hex(encode(*decoded)) == record.at(key));
      ++compared;
    };
    same("advert", decode_advert);
    same("roster", decode_roster);
    same("sealed", decode_sealed_shares);
    same("delivered", decode_delivered_shares);
    same("unmask_request", decode_unmask_request);
    same("unmask_shares", decode_unmask_shares);
  }
  CHECK(compared > 60);
  for (const auto& record : items("round"))
    if (record.contains("survivors")) {
      const auto decoded = decode_survivors(content(record, "survivors"));
      REQUIRE(decoded);
      CHECK(hex(encode(*decoded)) == record.at("survivors"));
      CHECK(hex(hash_of_survivors(content(record, "survivors"))) == record.at("h_3"));
    }
}
