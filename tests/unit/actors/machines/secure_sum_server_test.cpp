// Does the server of a secure sum refuse what it must, end each step once, and name who lied?
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

TEST_CASE("members are distinct and enough, and terms keep to their bounds") {
  const auto rules = flock_terms(3, 5, profile::semi_honest);
  CHECK(server::machine::open({rules, {{"a"}, {"b"}, {"c"}}}));
  CHECK(server::machine::open({rules, {{"a"}, {"b"}, {"b"}}}).why() == refusal::not_invited);
  CHECK(server::machine::open({rules, {{"a"}, {"b"}}}).why() == refusal::too_few);
  auto wrong = rules;
  wrong.lane_bits = 8;
  CHECK(server::machine::open({wrong, {{"a"}, {"b"}, {"c"}}}).why() == refusal::wrong_terms);
}

TEST_CASE("an advert is taken once, from whom it says, proven, signed, with keys of its own") {
  stepped_sum sum(flock_terms(3, 4, profile::semi_honest), 6);
  const auto advert_of = [&](std::size_t i) { return sum.clients[i].machine->advert(); };
  const auto name_of = [&](std::size_t i) { return sum.clients[i].name; };
  CHECK(sum.refused(server::advert_received{{"stranger"}, advert_of(0), true}) ==
        refusal::not_invited);
  CHECK(sum.refused(server::advert_received{name_of(0), bytes(20), true}) == refusal::malformed);
  CHECK(sum.refused(server::advert_received{name_of(1), advert_of(0), true}) ==
        refusal::identity_mismatch);
  CHECK(sum.refused(server::advert_received{name_of(0), advert_of(0), false}) ==
        refusal::unproven_key);
  auto forged = advert_of(0);
  forged.back() ^= std::byte{1};
  CHECK(sum.refused(server::advert_received{name_of(0), forged, true}) == refusal::wrong_signature);
  auto weak = *decode_advert(advert_of(0));
  weak.pairwise = {};
  CHECK(sum.refused(server::advert_received{name_of(0), encode(weak), true}) == refusal::weak_key);

  sum.done(server::advert_received{name_of(0), advert_of(0), true});
  CHECK(sum.done(server::advert_received{name_of(0), advert_of(0), true}).empty()); // again
  auto other = *decode_advert(advert_of(0));
  other.nonce[0] ^= std::byte{1};
  CHECK(sum.refused(server::advert_received{name_of(0), encode(other), true}) ==
        refusal::duplicate);
  auto same_key = *decode_advert(advert_of(0));
  same_key.client = name_of(1);
  CHECK(sum.refused(server::advert_received{name_of(1), encode(same_key), true}) ==
        refusal::repeated_key);
  for (std::size_t i = 1; i < 4; ++i)
    sum.done(server::advert_received{name_of(i), advert_of(i), true});
  CHECK(sum.refused(server::advert_received{name_of(4), advert_of(4), true}) == refusal::full);
  const auto closed = sum.done(server::roster_closed{});
  CHECK(all_of<server::send_roster>(closed).size() == 4);
  CHECK(all_of<server::exclude>(closed).size() == 2);
  CHECK(sum.refused(server::advert_received{name_of(4), advert_of(4), true}) ==
        refusal::wrong_phase);
  CHECK(sum.done(server::advert_received{name_of(0), advert_of(0), true}).empty());
}

TEST_CASE("a closing that is late, or too early, is refused") {
  stepped_sum sum(flock_terms(3, 5, profile::malicious), 5);
  CHECK(sum.refused(server::shares_closed{}) == refusal::wrong_phase);
  CHECK(sum.refused(server::bodies_closed{}) == refusal::wrong_phase);
  CHECK(sum.refused(server::consistency_closed{}) == refusal::wrong_phase);
  CHECK(sum.refused(server::unmasking_closed{}) == refusal::wrong_phase);
  sum.advertise();
  CHECK(sum.refused(server::roster_closed{}) == refusal::wrong_phase);
}

TEST_CASE("too few keys, shares, vectors or answers and nothing is opened") {
  const auto abandoned_after = [](auto&& steps) {
    stepped_sum sum(flock_terms(3, 5, profile::semi_honest), 5); // t = 3
    const auto effects = steps(sum);
    CHECK_FALSE(sum.opened);
    REQUIRE(all_of<server::abandon>(effects).size() == 1);
    CHECK(name(sum.machine->current()) == "abandoned");
    CHECK(sum.refused(server::deadline_passed{}) == refusal::wrong_phase);
    CHECK(sum.refused(server::unmasking_closed{}) == refusal::wrong_phase);
    return all_of<server::abandon>(effects).front().reason;
  };
  CHECK(abandoned_after([](stepped_sum& x) {
          x.advertise({0, 1});
          return x.done(server::roster_closed{});
        }) == "2 clients sent keys, too few for the sum");
  CHECK(abandoned_after([](stepped_sum& x) {
          x.advertise();
          x.share({0, 1, 2});
          return x.done(server::shares_closed{});
        }) == "3 of 5 clients shared their secrets, too few to open any");
  CHECK(abandoned_after([](stepped_sum& x) {
          x.advertise();
          x.share();
          x.mask({0, 1, 4});
          return x.done(server::bodies_closed{});
        }) == "3 of 5 masked vectors came, too few to open their sum");
  CHECK(abandoned_after([](stepped_sum& x) {
          x.advertise();
          x.share();
          x.mask();
          x.unmask({0, 1, 2});
          return x.done(server::unmasking_closed{});
        }) == "too few survivors gave their shares back");
  CHECK(abandoned_after([](stepped_sum& x) {
          x.advertise();
          return x.done(server::deadline_passed{});
        }) == "the deadline passed while it was sharing");
}

TEST_CASE("sealed shares are for exactly the neighbours, of this roster, and taken once") {
  stepped_sum sum(flock_terms(3, 5, profile::semi_honest), 5);
  sum.advertise();
  const auto name = sum.clients[1].name;
  const auto given = *decode_sealed_shares(sum.sealed[1]);
  auto other = given;
  other.root[0] ^= std::byte{1};
  CHECK(sum.refused(server::shares_received{name, encode(other)}) == refusal::wrong_roster);
  other = given;
  other.boxes.pop_back();
  CHECK(sum.refused(server::shares_received{name, encode(other)}) == refusal::wrong_share);
  other = given;
  other.boxes.front().client = 1; // itself
  CHECK(sum.refused(server::shares_received{name, encode(other)}) == refusal::wrong_share);
  CHECK(sum.refused(server::shares_received{name, bytes(3)}) == refusal::malformed);
  CHECK(sum.refused(server::shares_received{{"stranger"}, sum.sealed[1]}) == refusal::not_invited);
  sum.share({1});
  CHECK(sum.done(server::shares_received{name, sum.sealed[1]}).empty());
  other = given;
  other.commitment[0] ^= std::byte{1};
  CHECK(sum.refused(server::shares_received{name, encode(other)}) == refusal::duplicate);
}

TEST_CASE("a masked vector counts once, from one who shared, and signed in profile malicious") {
  for (const auto against : {profile::semi_honest, profile::malicious}) {
    stepped_sum sum(flock_terms(3, 6, against, {0, 200}), 6);
    sum.advertise();
    CHECK(sum.refused(server::body_arrived{sum.clients[0].name, {}, {}}) == refusal::wrong_phase);
    sum.share({0, 1, 2, 3, 4});
    sum.done(server::shares_closed{});
    CHECK(sum.refused(server::body_arrived{sum.clients[5].name, {}, {}}) == refusal::wrong_phase);
    sum.make_bodies();
    const auto good = sum.bodies[0];
    if (against == profile::malicious) {
      CHECK(sum.refused(server::body_arrived{good.client, good.body, {}}) ==
            refusal::wrong_signature);
      CHECK(sum.refused(server::body_arrived{good.client, sha256({}), good.proof}) ==
            refusal::wrong_signature);
      CHECK(sum.refused(server::body_arrived{good.client, good.body, sum.bodies[1].proof}) ==
            refusal::wrong_signature);
    }
    const auto effects = sum.done(good);
    CHECK(all_of<server::add_body>(effects).size() == 1);
    CHECK(sum.done(good).empty()); // added once
    auto other = good;
    other.body[0] ^= std::byte{1};
    CHECK(sum.refused(other) == refusal::duplicate);
  }
}

TEST_CASE("one who comes behind the close of bodies is not in the sum") {
  stepped_sum sum(flock_terms(3, 6, profile::semi_honest, {0, 200}), 6);
  sum.advertise();
  sum.share();
  sum.mask({0, 1, 2, 3, 5});
  const auto closed = sum.done(server::bodies_closed{});
  REQUIRE(all_of<server::exclude>(closed).size() == 1);
  CHECK(all_of<server::exclude>(closed).front().client == sum.clients[4].name);
  CHECK(sum.refused(sum.bodies[4]) == refusal::wrong_phase);
  for (const auto& asked : all_of<server::ask_unmask>(closed)) {
    const auto request = *decode_unmask_request(asked.content);
    CHECK(request.dropped == std::vector<std::uint32_t>{4});
    CHECK(request.alive.size() == 4);
    CHECK(request.survivor_count == 5);
  }
  sum.unmask({0, 1, 2, 3, 5});
  CHECK(sum.is_plain_sum_of({0, 1, 2, 3, 5}));
}

TEST_CASE("nobody is asked for both shares of one client, whatever happens") {
  stepped_sum sum(flock_terms(3, 7, profile::semi_honest, {0, 280}), 7);
  sum.advertise();
  sum.share();
  sum.mask({0, 2, 3, 4, 6});
  std::set<std::uint32_t> dropped, alive;
  for (const auto& asked : all_of<server::ask_unmask>(sum.done(server::bodies_closed{}))) {
    const auto request = *decode_unmask_request(asked.content);
    dropped.insert(request.dropped.begin(), request.dropped.end());
    alive.insert(request.alive.begin(), request.alive.end());
  }
  CHECK(dropped == std::set<std::uint32_t>{1, 5});
  CHECK(alive == std::set<std::uint32_t>{0, 2, 3, 4, 6});
}

TEST_CASE("who gives wrong shares is named, and the sum is right all the same") {
  stepped_sum sum(flock_terms(3, 9, profile::semi_honest), 9); // t = 5, 8 shares of each secret
  sum.advertise();
  sum.share();
  sum.mask();
  auto lie = *decode_unmask_shares(sum.answers[0]);
  for (auto& share : lie.shares)
    share[0] = share[0] + field_element(1);
  sum.done(server::unmask_received{sum.clients[0].name, encode(lie)});
  sum.unmask({1, 2, 3, 4, 5, 6, 7, 8});
  REQUIRE(sum.opened);
  CHECK(sum.opened->liars == std::vector<client_id>{sum.clients[0].name});
  CHECK(sum.is_plain_sum_of({0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_CASE("more liars than can be found and nothing is opened") {
  stepped_sum sum(flock_terms(3, 9, profile::semi_honest), 9);
  sum.advertise();
  sum.share();
  sum.mask();
  for (const std::uint32_t i : {0U, 1U, 2U}) { // of 8 shares, one may be wrong where t = 5
    auto lie = *decode_unmask_shares(sum.answers[i]);
    for (auto& share : lie.shares)
      share[2] = share[2] + field_element(17 + i);
    sum.done(server::unmask_received{sum.clients[i].name, encode(lie)});
  }
  sum.unmask({3, 4, 5, 6, 7, 8});
  CHECK_FALSE(sum.opened);
  CHECK(name(sum.machine->current()) == "abandoned");
}

TEST_CASE("an answer of another root, count or client is refused") {
  stepped_sum sum(flock_terms(3, 5, profile::semi_honest), 5);
  sum.advertise();
  sum.share();
  sum.mask();
  const auto name = sum.clients[2].name;
  auto other = *decode_unmask_shares(sum.answers[2]);
  other.root[3] ^= std::byte{1};
  CHECK(sum.refused(server::unmask_received{name, encode(other)}) == refusal::wrong_roster);
  other = *decode_unmask_shares(sum.answers[2]);
  other.shares.pop_back();
  CHECK(sum.refused(server::unmask_received{name, encode(other)}) == refusal::wrong_share);
  CHECK(sum.refused(server::unmask_received{name, bytes(33)}) == refusal::malformed);
  sum.unmask({2});
  CHECK(sum.done(server::unmask_received{name, sum.answers[2]}).empty());
  other = *decode_unmask_shares(sum.answers[2]);
  other.shares[0][0] = other.shares[0][0] + field_element(1);
  CHECK(sum.refused(server::unmask_received{name, encode(other)}) == refusal::duplicate);
}

TEST_CASE("one who is gone is not waited for, and one who is back hears what it must") {
  stepped_sum sum(flock_terms(3, 6, profile::semi_honest, {0, 160}), 6);
  sum.advertise({0, 1, 2, 3, 4});
  const auto begun = sum.done(server::client_gone{sum.clients[5].name});
  CHECK(all_of<server::send_roster>(begun).size() == 5);
  CHECK(all_of<server::exclude>(sum.done(server::client_back{sum.clients[5].name})).size() == 1);
  const auto again = sum.done(server::client_back{sum.clients[0].name});
  REQUIRE(all_of<server::send_roster>(again).size() == 1);
  CHECK(all_of<server::send_roster>(again).front().content == sum.rosters[0]);
  sum.share();
  REQUIRE(
      all_of<server::deliver_shares>(sum.done(server::client_back{sum.clients[1].name})).size() ==
      1);
  sum.mask({0, 1, 2, 3});
  sum.done(server::client_gone{sum.clients[4].name}); // the last that was waited for
  CHECK(name(sum.machine->current()) == "unmasking");
  CHECK(all_of<server::ask_unmask>(sum.done(server::client_back{sum.clients[0].name})).size() == 1);
  CHECK(all_of<server::exclude>(sum.done(server::client_back{sum.clients[4].name})).size() == 1);
  CHECK(sum.refused(server::client_gone{{"stranger"}}) == refusal::not_invited);
}

TEST_CASE("statements of survivors: signed, counted, and late ones may still answer") {
  stepped_sum sum(flock_terms(3, 6, profile::malicious, {0, 160}), 6); // t = 4
  sum.advertise();
  sum.share();
  sum.mask();
  CHECK(sum.refused(server::consistency_received{sum.clients[0].name, {}}) ==
        refusal::wrong_signature);
  sum.agree({0, 1, 2, 3, 4});
  CHECK(sum.done(server::consistency_received{sum.clients[0].name, sum.statements[0]}).empty());
  CHECK(sum.refused(server::consistency_received{sum.clients[0].name, sum.statements[1]}) ==
        refusal::duplicate);
  const auto asked = all_of<server::ask_unmask>(sum.done(server::consistency_closed{}));
  CHECK(asked.size() == 5);
  CHECK(decode_unmask_request(asked.front().content)->signatures.size() == 5);
  const auto late = sum.done(server::consistency_received{sum.clients[5].name, sum.statements[5]});
  REQUIRE(all_of<server::ask_unmask>(late).size() == 1);
  CHECK(
      decode_unmask_request(all_of<server::ask_unmask>(late).front().content)->signatures.size() ==
      5); // the same for all

  stepped_sum few(flock_terms(3, 6, profile::malicious, {0, 160}), 6);
  few.advertise();
  few.share();
  few.mask();
  few.agree({0, 1, 2});
  CHECK(all_of<server::abandon>(few.done(server::consistency_closed{})).size() == 1);
}
