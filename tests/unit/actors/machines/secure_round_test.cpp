// Does a round with a secure sum end with the masks of those whose vectors came, whoever drops out
// when, and never with fewer than it may?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "support/masked_flock.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

std::string survivors(const effects& from) {
  const auto found = all<release>(from);
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].opening);
  std::string names;
  for (const auto& client : found[0].opening->survivors)
    names += client.name;
  return names;
}

} // namespace

TEST_CASE("a secure round goes from keys to shares, vectors, unmasking and the new model") {
  masked_flock flock("abcde", 5, 3);
  CHECK(all<invite>(flock.open()).at(0).terms.starts_with("FLSA1"));
  const auto rosters = flock.all_accept();
  CHECK(count<call>(rosters) == 5);
  const auto delivered = flock.all_hear(rosters);
  CHECK(count<call>(delivered) == 5);
  flock.all_hear(delivered);
  for (const auto* who : {"a", "b", "c", "d"})
    CHECK(count<call>(flock.report(who)) == 0);
  const auto requests = flock.report("e");
  CHECK(flock.d.phase() == "unmasking");
  CHECK(clients<call>(requests) == "a b c d e");
  CHECK(count<release>(requests) == 0);
  const auto opened = flock.all_hear(requests);
  CHECK(flock.d.phase() == "releasing");
  CHECK(flock.d.must(released{flock.d.id}).size() >= 1);
  CHECK(flock.d.phase() == "idle");
}

TEST_CASE("an update that comes before the secrets are shared is refused") {
  masked_flock flock("abcde", 5, 3);
  flock.open();
  flock.d.must(flock.d.accepts("a"));
  CHECK(flock.d.refused(flock.d.offers("a")) == "wrong_phase");
}

TEST_CASE("the roster is closed after a quarter of the time without those who said nothing") {
  masked_flock flock("abcde", 5, 3);
  flock.open();
  effects last;
  for (const auto* who : {"a", "b", "c", "d"}) {
    flock.d.must(flock.d.accepts(who));
    last = flock.d.must(flock.advert(who));
  }
  CHECK(count<call>(last) == 0);
  flock.d.now += 25s;
  const auto rosters = flock.d.must(flock.d.deadline());
  CHECK(clients<call>(rosters) == "a b c d");
  CHECK(clients<tell>(rosters) == "e");
  CHECK(flock.d.refused(flock.advert("e")) == "not_invited");
}

TEST_CASE("one that declines is not waited for, and the others go on") {
  masked_flock flock("abcde", 5, 3);
  flock.open();
  effects last;
  for (const auto* who : {"a", "b", "c", "d"}) {
    flock.d.must(flock.d.accepts(who));
    last = flock.d.must(flock.advert(who));
  }
  CHECK(clients<call>(flock.d.must(flock.d.declines("e"))) == "a b c d");
}

TEST_CASE("edges that vanish after sharing are taken out of the sum by their neighbours' shares") {
  masked_flock flock("abcdefgh", 8, 3);
  flock.all_hear(flock.join());
  for (const auto* who : {"a", "b", "c", "d", "e"})
    flock.report(who);
  flock.d.must(flock.d.loses("f"));
  flock.d.must(flock.d.loses("g"));
  const auto requests = flock.report("h");
  CHECK(clients<call>(requests) == "a b c d e h");
  effects last;
  for (const auto& each : all<call>(requests)) {
    last = flock.d.must(*flock.hear(each));
    if (flock.d.phase() == "releasing")
      break;
  }
  CHECK(survivors(last) == "abcdeh");
}

TEST_CASE("too few vectors at three quarters of the time end the round, and nothing is opened") {
  masked_flock flock("abcdefgh", 8, 3);
  flock.all_hear(flock.join());
  flock.report("a");
  flock.report("b");
  flock.d.now += 75s;
  const auto end = flock.d.must(flock.d.deadline());
  CHECK(count<release>(end) == 0);
  CHECK(count<call>(end) == 0);
  CHECK_FALSE(all<finish>(end).at(0).committed);
}

TEST_CASE("a survivor that comes back is asked again, and one that never does costs the round only "
          "where its shares are needed") {
  masked_flock flock("abc", 3, 3);
  flock.all_hear(flock.join());
  flock.report("a");
  flock.report("b");
  const auto requests = all<call>(flock.report("c"));
  flock.d.must(flock.d.loses("c"));
  flock.d.must(*flock.hear(requests.at(0)));
  CHECK(flock.d.phase() == "unmasking");
  const auto again = all<call>(flock.d.must(edge_back{{"c"}, false}));
  REQUIRE(again.size() == 1);
  CHECK(as_text(again[0].what.content.view()) == as_text(requests.at(2).what.content.view()));
  flock.d.must(*flock.hear(requests.at(1)));
  CHECK(flock.d.phase() == "unmasking");
  flock.d.now += 100s;
  const auto end = flock.d.must(flock.d.deadline());
  CHECK(count<release>(end) == 0);
  CHECK_FALSE(all<finish>(end).at(0).committed);
}

TEST_CASE("wrong words cost the one who said them, and nobody else") {
  masked_flock flock("abcde", 5, 3);
  flock.open();
  flock.d.must(flock.d.accepts("a"));
  auto bad = flock.advert("a");
  bad.word.content[40] ^= 1;
  const auto out = flock.d.must(bad);
  CHECK(all<refuse>(out).at(0).why == refusal::wrong_signature);
  CHECK(flock.d.who("a").at == progress::dropped);
  effects last;
  for (const auto* who : {"b", "c", "d", "e"}) {
    flock.d.must(flock.d.accepts(who));
    last = flock.d.must(flock.advert(who));
  }
  CHECK(clients<call>(last) == "b c d e");
}

TEST_CASE("an opened sum that is none of these updates ends the round, and the model stays") {
  masked_flock flock("abcde", 5, 3);
  flock.all_hear(flock.join());
  effects requests;
  for (const auto* who : {"a", "b", "c", "d", "e"})
    requests = flock.report(who);
  flock.all_hear(requests);
  REQUIRE(flock.d.phase() == "releasing");
  const auto end = flock.d.must(spoiled_sum{flock.d.id});
  CHECK_FALSE(all<finish>(end).at(0).committed);
  CHECK(flock.d.phase() == "idle");
}

TEST_CASE("the same inputs in the same order lead to the same secure round, as after a crash") {
  masked_flock one("abcde", 5, 3), two("abcde", 5, 3);
  std::string first, second;
  for (auto* flock : {&one, &two}) {
    flock->all_hear(flock->join());
    effects requests;
    for (const auto* who : {"a", "b", "c", "d", "e"})
      requests = flock->report(who);
    for (const auto& each : all<call>(requests))
      (flock == &one ? first : second) += as_text(each.what.content.view());
  }
  CHECK_FALSE(first.empty());
  CHECK(first == second);
}
