// Does a round in which edges trust the server with nothing end with the sum, and with nothing
// where the server lies about keys, rosters or survivors?
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/sum_messages.hpp>

#include "support/masked_flock.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

struct wary_flock : masked_flock {
  explicit wary_flock(const std::string& letters, std::uint32_t cohort_min = 3)
      : masked_flock(letters, static_cast<std::uint32_t>(letters.size()), cohort_min,
                     secure_sum::profile::malicious) {}
  /// All vectors are there; what the server says then.
  effects report_all(const std::string& whose) {
    effects last;
    for (const char letter : whose)
      last = report(std::string(1, letter));
    return last;
  }
};

std::vector<call> calls_for(const effects& from, const std::string& who, secure_step step) {
  std::vector<call> found;
  for (const auto& each : all<call>(from))
    if (each.client.name == who && secure_step{each.what.step} == step)
      found.push_back(each);
  return found;
}

call with(call original, bytes content) {
  original.what.content = shared_bytes(std::move(content));
  return original;
}

/// Those who are asked answer, until the sum can be opened: of whom it is.
std::string survivors(wary_flock& flock, const effects& requests) {
  effects last;
  for (const auto& each : all<call>(requests))
    if (flock.d.phase() == "unmasking")
      last = flock.d.must(*flock.hear(each));
  const auto found = all<release>(last);
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].opening);
  std::string names;
  for (const auto& client : found[0].opening->survivors)
    names += client.name;
  return names;
}

} // namespace

TEST_CASE(
    "a round that trusts the server with nothing goes over evidence and statements to the sum") {
  wary_flock flock("abcde");
  flock.open();
  const auto rosters = flock.all_accept();
  CHECK(count<call>(rosters) == 10); // the evidence of all, and the roster
  flock.all_hear(flock.all_hear(rosters));
  const auto told = flock.report_all("abcde");
  CHECK(flock.d.phase() == "unmasking");
  CHECK(calls_for(told, "a", secure_step::survivors).size() == 1);
  CHECK(calls_for(told, "a", secure_step::unmask_request).empty());
  const auto requests = flock.all_hear(told);
  CHECK(clients<call>(requests) == "a b c d e");
  CHECK(survivors(flock, requests) == "abcde");
}

TEST_CASE("who drops out behind its shares is taken out of the sum, and who does so before signing "
          "is waited for until seven eighths of the time") {
  wary_flock flock("abcdefghij");
  flock.all_hear(flock.join());
  flock.report_all("abcdefgh");
  flock.d.must(flock.d.loses("i"));
  const auto told = flock.report("j");
  CHECK(clients<call>(told) == "a b c d e f g h j");
  flock.d.must(flock.d.loses("h"));
  for (const auto& each : all<call>(told))
    if (each.client.name != "h")
      CHECK(count<call>(flock.d.must(*flock.hear(each))) == 0);
  flock.d.now += 80s;
  CHECK(count<call>(flock.d.must(flock.d.deadline())) == 0);
  flock.d.now += 8s;
  const auto requests = flock.d.must(flock.d.deadline());
  CHECK(clients<call>(requests) == "a b c d e f g j");
  CHECK(survivors(flock, requests) == "abcdefghj");
}

TEST_CASE("one that comes back while survivors sign is told them again, and its statement counts") {
  wary_flock flock("abcde");
  flock.all_hear(flock.join());
  const auto told = all<call>(flock.report_all("abcde"));
  for (const auto& each : told)
    if (each.client.name != "c")
      flock.d.must(*flock.hear(each));
  flock.d.must(flock.d.loses("c"));
  const auto again = all<call>(flock.d.must(edge_back{{"c"}, false}));
  REQUIRE(again.size() == 1);
  CHECK(secure_step{again[0].what.step} == secure_step::survivors);
  CHECK(count<call>(flock.d.must(*flock.hear(again[0]))) == 5);
}

TEST_CASE("keys that nobody's certificate speaks for are refused by the server, too") {
  wary_flock flock("abcde");
  flock.open();
  flock.d.must(flock.d.accepts("a"));
  auto bare = flock.advert("a");
  bare.word.evidence.clear();
  CHECK(all<refuse>(flock.d.must(bare)).at(0).why == refusal::unproven_key);
  CHECK(flock.d.who("a").at == progress::dropped);
}

TEST_CASE("a server that swaps a key is found out by every edge, whatever evidence it shows") {
  wary_flock flock("abcde");
  flock.open();
  const auto rosters = flock.all_accept();
  const auto told = calls_for(rosters, "a", secure_step::roster).at(0);
  const auto evidence = calls_for(rosters, "a", secure_step::evidence).at(0);
  const auto roster = *secure_sum::decode_roster(told.what.content.view());
  const auto count_proven = [&](const std::vector<std::string>& shown) {
    return secure_sum::proven_in(roster, secure_sum::encode_evidence(shown),
                                 [&](const auto& client, const auto& key, bytes_view said) {
                                   return as_text(said) == flock.evidence_of(client, key);
                                 })
        .size();
  };
  std::vector<std::string> shown;
  for (const char letter : flock.names) {
    const std::string name(1, letter);
    shown.push_back(flock.evidence_of(
        {name}, secure_sum::decode_advert(flock.edges.at(name).advert())->identity));
  }
  CHECK(count_proven(shown) == 4);
  SUBCASE("evidence that is left out") {
    shown[4].clear();
  }
  SUBCASE("the evidence of another edge") {
    shown[4] = shown[3];
  }
  SUBCASE("evidence of another key of the same edge") {
    shown[4][8] ^= 1;
  }
  SUBCASE("no evidence at all") {
    shown.clear();
  }
  CHECK(count_proven(shown) < 4);
  flock.hear(with(evidence, secure_sum::encode_evidence(shown)));
  CHECK(flock.judge(told).why() == refusal::unproven_key);
}

TEST_CASE("a server that tells two rosters gets shares for one of them only") {
  wary_flock flock("abcde");
  flock.open();
  const auto rosters = flock.all_accept();
  flock.all_hear(rosters);
  auto other = *secure_sum::decode_roster(
      calls_for(rosters, "a", secure_step::roster).at(0).what.content.view());
  other.root[0] ^= std::byte{1};
  flock.hear(calls_for(rosters, "a", secure_step::evidence).at(0));
  const auto again = with(calls_for(rosters, "a", secure_step::roster).at(0), encode(other));
  CHECK(flock.judge(again).why() == refusal::duplicate);
}

TEST_CASE("a server that lies about who survived learns no share: a set is signed once, and the "
          "request must be about the set that enough others have signed") {
  wary_flock flock("abcdefg");
  flock.all_hear(flock.join());
  const auto told = flock.report_all("abcdefg");
  const auto mine = calls_for(told, "a", secure_step::survivors).at(0);
  auto lie = *secure_sum::decode_survivors(mine.what.content.view());
  lie.indices.pop_back();
  SUBCASE("told another set after it has signed one, it signs no second") {
    flock.hear(mine);
    CHECK(flock.judge(with(mine, encode(lie))).why() == refusal::duplicate);
  }
  SUBCASE("told a set without itself, it signs nothing") {
    auto without = lie;
    without.indices.erase(without.indices.begin());
    CHECK(flock.judge(with(mine, encode(without))).why() == refusal::wrong_survivors);
  }
  SUBCASE("asked for the shares that another set needs, it gives none") {
    const auto requests = flock.all_hear(told);
    const auto asked = calls_for(requests, "a", secure_step::unmask_request).at(0);
    auto request = *secure_sum::decode_unmask_request(asked.what.content.view());
    request.dropped.push_back(request.alive.back());
    request.alive.pop_back();
    --request.survivor_count;
    CHECK(flock.judge(with(asked, encode(request))).why() == refusal::wrong_survivors);
  }
  SUBCASE("shown fewer statements than the threshold, or one that is forged, it gives none") {
    const auto requests = flock.all_hear(told);
    const auto asked = calls_for(requests, "a", secure_step::unmask_request).at(0);
    auto request = *secure_sum::decode_unmask_request(asked.what.content.view());
    while (request.signatures.size() > 4)
      request.signatures.pop_back();
    auto forged = request;
    forged.signatures[1].second[5] ^= std::byte{1};
    CHECK(flock.judge(with(asked, encode(forged))).why() == refusal::wrong_signature);
    request.signatures.resize(3);
    CHECK(flock.judge(with(asked, encode(request))).why() == refusal::too_few);
  }
}

TEST_CASE("a vector counts with its edge's signature only") {
  wary_flock flock("abcde");
  flock.all_hear(flock.join());
  const auto digest = sha256(as_bytes("a"));
  const auto made = flock.edges.at("a").apply(secure_sum::client::body_made{digest});
  REQUIRE(made);
  const auto& body = std::get<secure_sum::client::send_body>(made->at(1));
  auto offer = flock.d.offers("a");
  offer.offer.update.sha256 = digest;
  CHECK(flock.d.refused(offer) == "wrong_signature");
  auto forged = *body.proof;
  forged[7] ^= std::byte{1};
  flock.d.must(flock.word("a", secure_step::body_proof, forged));
  CHECK(flock.d.refused(offer) == "wrong_signature");
  flock.d.must(flock.word("a", secure_step::body_proof, *body.proof));
  auto other = offer;
  other.offer.update.sha256 = sha256(as_bytes("b"));
  CHECK(flock.d.refused(other) == "wrong_signature");
  flock.d.must(offer);
  CHECK(flock.d.refused(flock.word("a", secure_step::body_proof, bytes(63))) == "malformed");
}

TEST_CASE("too few statements at seven eighths of the time end the round, and nothing is opened") {
  wary_flock flock("abcde");
  flock.all_hear(flock.join());
  const auto told = all<call>(flock.report_all("abcde"));
  flock.d.must(*flock.hear(told.at(0)));
  flock.d.must(*flock.hear(told.at(1)));
  flock.d.now += 90s;
  const auto end = flock.d.must(flock.d.deadline());
  CHECK(count<release>(end) == 0);
  CHECK_FALSE(all<finish>(end).at(0).committed);
}
