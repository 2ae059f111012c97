// Does a client of a secure sum keep its secrets from a server that does not keep to the rules, and
// say the same again when it is asked the same again?
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/canonical.hpp>

#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

/// Five of six are told who the sixth is; t = 4 in profile malicious with one drop-out.
stepped_sum at_rosters(profile against = profile::semi_honest) {
  stepped_sum sum(flock_terms(3, 6, against, {0, 160}), 6);
  sum.advertise();
  return sum;
}
stepped_sum at_shares(profile against = profile::semi_honest) {
  auto sum = at_rosters(against);
  sum.share();
  return sum;
}
stepped_sum at_survivors() {
  auto sum = at_shares(profile::malicious);
  sum.mask();
  return sum;
}

/// A client like number `i` that has heard nothing yet.
client::machine fresh(const stepped_sum& sum, std::uint32_t i, graph_rule rule = choose_graph) {
  auto opened = client::machine::open(opening_of(sum.clients[i], sum.rules, rule));
  REQUIRE(opened);
  return std::move(*opened);
}

refusal refused(client::machine& machine, const client::input& in) {
  const auto before = name(machine.current());
  const auto effects = machine.apply(in);
  REQUIRE_FALSE(effects);
  CHECK(name(machine.current()) == before);
  return effects.why();
}

std::vector<client::effect> applied(client::machine& machine, const client::input& in) {
  auto effects = machine.apply(in);
  REQUIRE(effects);
  return std::move(*effects);
}

client::roster_told told(const roster& what) {
  client::roster_told in{encode(what), {}};
  for (const auto& near : what.neighbours)
    in.proven.push_back(near.index);
  return in;
}

/// What client `own` is told if these are all.
roster roster_of(const std::vector<advert>& all, std::uint32_t own) {
  std::vector<sha256_digest> leaves;
  for (const auto& x : all)
    leaves.push_back(leaf_of(encode(x)));
  const roster_tree tree(leaves);
  roster made{tree.root(), static_cast<std::uint32_t>(all.size()), own, tree.path(own), {}};
  for (std::uint32_t v = 0; v < made.size; ++v)
    if (v != own)
      made.neighbours.push_back({v, all[v], tree.path(v)});
  return made;
}

std::vector<advert> adverts_of(const stepped_sum& sum) {
  std::vector<advert> all;
  for (const auto& x : sum.clients)
    all.push_back(*decode_advert(x.machine->advert()));
  return all;
}

std::optional<graph_choice> two_neighbours(std::uint32_t, client_fractions, profile) {
  return graph_choice{.degree = 2, .threshold = 2};
}

} // namespace

TEST_CASE("terms of another round or model, or that are none, are refused") {
  const auto rules = flock_terms(3, 6, profile::semi_honest);
  const auto who = make_client(rules, 0);
  const auto why = [&](auto change) {
    auto opening = opening_of(who, rules, choose_graph);
    change(opening);
    const auto opened = client::machine::open(std::move(opening));
    REQUIRE_FALSE(opened);
    return opened.why();
  };
  CHECK(why([](auto& x) { x.round.value += 1; }) == refusal::wrong_terms);
  CHECK(why([](auto& x) { x.model[0] ^= std::byte{1}; }) == refusal::wrong_terms);
  CHECK(why([](auto& x) { x.terms.pop_back(); }) == refusal::malformed);
  CHECK(why([](auto& x) { x.terms[5] = std::byte{9}; }) == refusal::wrong_terms); // no such suite
}

TEST_CASE("the shares leave only behind what must be durable first, and again the same") {
  auto sum = at_rosters();
  auto machine = fresh(sum, 2);
  const auto in = told(*decode_roster(sum.rosters[2]));
  const auto effects = applied(machine, in);
  REQUIRE(effects.size() == 2);
  CHECK(std::holds_alternative<client::keep>(effects[0]));
  CHECK(std::get<client::send_shares>(effects[1]).content == sum.sealed[2]);
  const auto again = applied(machine, in);
  REQUIRE(again.size() == 2);
  CHECK(std::holds_alternative<client::keep>(again[0]));
  CHECK(std::get<client::send_shares>(again[1]).content == sum.sealed[2]);
}

TEST_CASE("a client takes one roster: a second root gets no shares") {
  auto sum = at_rosters();
  auto all = adverts_of(sum);
  all.pop_back();
  CHECK(refused(*sum.clients[0].machine, told(roster_of(all, 0))) == refusal::duplicate);
}

TEST_CASE("rosters that do not fit the terms or the graph are refused") {
  auto sum = at_rosters();
  auto machine = fresh(sum, 0);
  const auto good = *decode_roster(sum.rosters[0]);
  auto other = good;
  other.neighbours.pop_back();
  CHECK(refused(machine, told(other)) == refusal::wrong_roster); // one neighbour is kept from it
  auto all = adverts_of(sum);
  all.resize(2);
  CHECK(refused(machine, told(roster_of(all, 0))) == refusal::too_few);
  auto sparse = fresh(sum, 0, two_neighbours);
  CHECK(refused(sparse, told(good)) == refusal::wrong_roster); // more than the graph gives it
  auto none = fresh(sum, 0, [](std::uint32_t, client_fractions, profile) {
    return std::optional<graph_choice>{};
  });
  CHECK(refused(none, told(good)) == refusal::too_few);
  CHECK(refused(machine, client::roster_told{bytes(40), {}}) == refusal::malformed);
  const stepped_sum seven(flock_terms(3, 7, profile::semi_honest), 7);
  CHECK(refused(machine, told(roster_of(adverts_of(seven), 0))) == refusal::wrong_roster);
  applied(machine, told(good)); // and none of that was in the way
}

TEST_CASE("a neighbour whose key nothing proves, or that agrees upon zero, is refused") {
  auto sum = at_rosters();
  auto machine = fresh(sum, 0);
  auto in = told(*decode_roster(sum.rosters[0]));
  in.proven.erase(in.proven.begin() + 2);
  CHECK(refused(machine, in) == refusal::unproven_key);

  for (const bool is_channel : {true, false}) {
    auto all = adverts_of(sum);
    auto drawn = draw(sum.clients[3].seed, hash_of_terms(encode(sum.rules)));
    (is_channel ? drawn.channel_public : drawn.pairwise_public) = {};
    all[3] = make_advert(all[3].client, *sum.clients[3].identity, all[3].evidence, drawn,
                         hash_of_terms(encode(sum.rules)));
    CHECK(refused(machine, told(roster_of(all, 0))) == refusal::weak_key);
  }
}

TEST_CASE("delivered shares: enough, of this root, from neighbours, each in its own box") {
  auto sum = at_shares(); // delivered to all by now: a machine with the roster only stands beside
  const auto at_sharing = [&] {
    auto machine = fresh(sum, 1);
    applied(machine, told(*decode_roster(sum.rosters[1])));
    return machine;
  };
  auto machine = at_sharing();
  const auto good = *decode_delivered_shares(sum.delivered[1]);
  const auto refused_as = [&](auto change) {
    auto other = good;
    change(other);
    return refused(machine, client::shares_delivered{encode(other)});
  };
  CHECK(refused_as([](auto& x) { x.root[0] ^= std::byte{1}; }) == refusal::wrong_roster);
  CHECK(refused_as([](auto& x) { x.boxes.resize(3); }) == refusal::too_few); // t = 4
  CHECK(refused_as([](auto& x) { x.boxes.back().client = 77; }) == refusal::wrong_share);
  CHECK(refused_as([](auto& x) { std::swap(x.boxes[0].box, x.boxes[1].box); }) ==
        refusal::wrong_share);
  CHECK(refused_as([](auto& x) { x.boxes[2].box[50] ^= std::byte{1}; }) == refusal::wrong_share);
  CHECK(refused(machine, client::shares_delivered{bytes(31)}) == refusal::malformed);
  CHECK(machine.masks().empty());
  const auto effects = applied(machine, client::shares_delivered{sum.delivered[1]});
  CHECK(std::holds_alternative<client::keep>(effects.front()));
  CHECK(std::holds_alternative<client::make_body>(effects.back()));
  CHECK(machine.masks().size() == 6); // its own, and one a neighbour

  auto fewer = good; // as the second set under one root: the difference would be a pairwise mask
  fewer.boxes.pop_back();
  CHECK(refused(machine, client::shares_delivered{encode(fewer)}) == refusal::duplicate);
  CHECK(all_of<client::make_body>(applied(machine, client::shares_delivered{sum.delivered[1]}))
            .size() == 1);
}

TEST_CASE("a client makes one body a root, and it is durable before it leaves") {
  auto sum = at_shares();
  auto& machine = *sum.clients[4].machine;
  const client::body_made in{sha256(body_of(machine, sum.clients[4].entries))};
  const auto effects = applied(machine, in);
  REQUIRE(effects.size() == 2);
  CHECK(std::holds_alternative<client::keep>(effects[0]));
  CHECK(std::get<client::send_body>(effects[1]).body == in.body);
  CHECK_FALSE(std::get<client::send_body>(effects[1]).proof); // in profile malicious only
  CHECK(all_of<client::send_body>(applied(machine, in)).size() == 1);
  CHECK(refused(machine, client::body_made{sha256({})}) == refusal::duplicate);
  const auto again = applied(machine, client::shares_delivered{sum.delivered[4]});
  CHECK(all_of<client::send_body>(again).front().body == in.body);
}

TEST_CASE("an unmask request is refused unless every box is named once and enough are alive") {
  auto sum = at_shares();
  auto& machine = *sum.clients[0].machine;
  unmask_request good;
  good.root = decode_roster(sum.rosters[0])->root;
  good.survivor_count = 5;
  good.dropped = {3};
  good.alive = {1, 2, 4, 5};
  CHECK(refused(machine, client::unmask_asked{encode(good)}) == refusal::wrong_phase); // no body
  applied(machine, client::body_made{sha256(body_of(machine, sum.clients[0].entries))});
  const auto refused_as = [&](auto change) {
    auto other = good;
    change(other);
    return refused(machine, client::unmask_asked{encode(other)});
  };
  CHECK(refused_as([](auto& x) { x.root[9] ^= std::byte{1}; }) == refusal::wrong_roster);
  CHECK(refused_as([](auto& x) { x.dropped = {2, 3}; }) == refusal::wrong_survivors); // both lists
  CHECK(refused_as([](auto& x) { x.dropped = {}; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) { x.dropped = {0, 3}; }) == refusal::wrong_survivors); // itself
  CHECK(refused_as([](auto& x) { x.alive = {1, 2, 4, 5, 6}; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) {
          x.dropped = {2, 3};
          x.alive = {1, 4, 5};
        }) == refusal::too_few); // t = 4
  CHECK(refused_as([](auto& x) { x.survivor_count = 2; }) == refusal::too_few);
  CHECK(refused_as([](auto& x) { x.signatures = {{1, {}}}; }) == refusal::malformed);
  CHECK(refused(machine, client::unmask_asked{bytes(50)}) == refusal::malformed);
  applied(machine, client::unmask_asked{encode(good)}); // and none of that was in the way
}

TEST_CASE("one request is answered, word for word the same again, and no other") {
  auto sum = at_shares();
  auto& machine = *sum.clients[0].machine;
  applied(machine, client::body_made{sha256(body_of(machine, sum.clients[0].entries))});
  unmask_request request;
  request.root = decode_roster(sum.rosters[0])->root;
  request.survivor_count = 6;
  request.alive = {1, 2, 3, 4, 5};
  const client::unmask_asked in{encode(request)};
  const auto effects = applied(machine, in);
  REQUIRE(effects.size() == 3);
  const auto& kept = std::get<client::keep_answer>(effects[0]);
  CHECK(kept.request == in.content);
  CHECK(std::get<client::send_unmask_shares>(effects[1]).content == kept.answer);
  CHECK(std::holds_alternative<client::wipe_round>(effects[2]));
  CHECK(decode_unmask_shares(kept.answer)->shares.size() == 5);
  CHECK(machine.masks().empty());
  CHECK(machine.rounding_key().empty());

  request.alive = {1, 2, 3, 4};
  request.dropped = {5};
  auto after_crash = client::machine::answered_before(kept.request, kept.answer);
  for (auto* it : {&machine, &after_crash}) {
    CHECK(all_of<client::send_unmask_shares>(applied(*it, in)).front().content == kept.answer);
    CHECK(refused(*it, client::unmask_asked{encode(request)}) == refusal::duplicate);
    CHECK(refused(*it, client::roster_told{sum.rosters[0], {}}) == refusal::wrong_phase);
    CHECK(refused(*it, client::shares_delivered{sum.delivered[0]}) == refusal::wrong_phase);
    CHECK(refused(*it, client::body_made{}) == refusal::wrong_phase);
  }
  CHECK(all_of<client::wipe_round>(applied(machine, client::closed{})).size() == 1);
  CHECK(refused(machine, in) == refusal::wrong_phase);
}

TEST_CASE("a round that is closed leaves no secret, in whatever phase") {
  auto sum = at_shares();
  auto& machine = *sum.clients[3].machine;
  REQUIRE_FALSE(machine.masks().empty());
  CHECK(all_of<client::wipe_round>(applied(machine, client::closed{})).size() == 1);
  CHECK(machine.masks().empty());
  CHECK(machine.rounding_key().empty());
  CHECK(name(machine.current()) == "over");
  CHECK(refused(machine, client::shares_delivered{sum.delivered[3]}) == refusal::wrong_phase);
}

TEST_CASE("in profile malicious a client signs one set of survivors, and only one that can be") {
  auto sum = at_shares(profile::malicious);
  auto& machine = *sum.clients[1].machine;
  survivors good{decode_roster(sum.rosters[1])->root, {0, 1, 2, 3, 4}};
  CHECK(refused(machine, client::survivors_told{encode(good)}) == refusal::wrong_phase);
  const auto made =
      applied(machine, client::body_made{sha256(body_of(machine, sum.clients[1].entries))});
  CHECK(all_of<client::send_body>(made).front().proof);
  const auto refused_as = [&](auto change) {
    auto other = good;
    change(other);
    return refused(machine, client::survivors_told{encode(other)});
  };
  CHECK(refused_as([](auto& x) { x.root[1] ^= std::byte{1}; }) == refusal::wrong_roster);
  CHECK(refused_as([](auto& x) { x.indices = {0, 2, 3, 4, 5}; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) { x.indices = {0, 1, 2, 3, 6}; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) { x.indices = {0, 1, 2, 3}; }) == refusal::too_few); // t = 4
  const auto effects = applied(machine, client::survivors_told{encode(good)});
  CHECK(std::holds_alternative<client::keep>(effects.front()));
  const auto statement = all_of<client::send_consistency>(effects).front().statement;
  CHECK(is_signed_by(sum.clients[1].identity->public_key(),
                     consistency_statement(hash_of_survivors(encode(good))), statement));
  CHECK(all_of<client::send_consistency>(applied(machine, client::survivors_told{encode(good)}))
            .front()
            .statement == statement);
  CHECK(refused_as([](auto& x) { x.indices = {0, 1, 2, 3, 4, 5}; }) == refusal::duplicate);
}

TEST_CASE("in profile semi_honest nobody is asked who survived") {
  auto sum = at_shares();
  auto& machine = *sum.clients[1].machine;
  applied(machine, client::body_made{sha256(body_of(machine, sum.clients[1].entries))});
  const survivors some{decode_roster(sum.rosters[1])->root, {0, 1, 2, 3, 4, 5}};
  CHECK(refused(machine, client::survivors_told{encode(some)}) == refusal::wrong_phase);
}

TEST_CASE("in profile malicious an answer takes t statements over the survivors that it signed") {
  auto sum = at_survivors(); // all have made their statement; nobody was asked yet
  auto& machine = *sum.clients[0].machine;
  unmask_request good;
  good.root = decode_roster(sum.rosters[0])->root;
  good.survivor_count = 6;
  good.alive = {1, 2, 3, 4, 5};
  for (const std::uint32_t i : {1U, 2U, 3U, 4U})
    good.signatures.emplace_back(i, sum.statements.at(i));
  const auto refused_as = [&](auto change) {
    auto other = good;
    change(other);
    return refused(machine, client::unmask_asked{encode(other)});
  };
  CHECK(refused_as([](auto& x) { x.signatures.pop_back(); }) == refusal::too_few);
  CHECK(refused_as([](auto& x) { x.signatures[2].second[7] ^= std::byte{1}; }) ==
        refusal::wrong_signature);
  CHECK(refused_as([](auto& x) { x.signatures[2].second = x.signatures[1].second; }) ==
        refusal::wrong_signature); // one client's twice
  CHECK(refused_as([](auto& x) { x.signatures.back().first = 9; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) { x.survivor_count = 5; }) == refusal::wrong_survivors);
  CHECK(refused_as([](auto& x) {
          x.dropped = {5};
          x.alive.pop_back();
        }) == refusal::wrong_survivors); // not what it signed
  applied(machine, client::unmask_asked{encode(good)});

  auto unsworn = fresh(sum, 5); // masked, but was never told who survived
  applied(unsworn, told(*decode_roster(sum.rosters[5])));
  applied(unsworn, client::shares_delivered{sum.delivered[5]});
  applied(unsworn, client::body_made{sum.bodies.at(5).body});
  auto theirs = good;
  theirs.alive = {0, 1, 2, 3, 4};
  CHECK(refused(unsworn, client::unmask_asked{encode(theirs)}) == refusal::wrong_phase);
}
