// Are uploads bounded, taken in turn, and survived when an edge vanishes in the middle of one?
#include <chrono>

#include <doctest/doctest.h>

#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

/// A round of four, of whom two may upload at once, with all accepted.
driver four() {
  driver d(driver::rules(4, 1));
  d.open("abcd");
  for (auto* who : {"a", "b", "c", "d"})
    d.must(d.accepts(who));
  return d;
}

} // namespace

TEST_CASE(
    "no more uploads than the limit at once; who waits is served in the order of the offers") {
  auto d = four();
  CHECK(clients<grant>(d.must(d.offers("d"))) == "d");
  CHECK(clients<grant>(d.must(d.offers("b"))) == "b");
  CHECK(count<grant>(d.must(d.offers("c"))) == 0);
  CHECK(count<grant>(d.must(d.offers("a"))) == 0);
  CHECK(d.who("c").at == progress::offered);

  // An update that is being added still takes memory, so its place is not free yet.
  CHECK(count<grant>(d.must(d.arrives("b"))) == 0);
  CHECK(clients<grant>(d.must(d.adds("b"))) == "c");
  CHECK(clients<grant>(d.must(d.loses("d"))) == "a");
  CHECK(d.m.open_round()->uploading == 2);
}

TEST_CASE("an offer that is repeated keeps its place in the line and is granted once") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(d.offers("b"));
  d.must(d.offers("c"));
  d.must(d.offers("d"));
  d.must(d.offers("c"));
  CHECK(d.m.open_round()->line.size() == 2);
  d.must(d.arrives("a"));
  CHECK(clients<grant>(d.must(d.adds("a"))) == "c");
}

TEST_CASE("a slow upload gives its place to the next in line and gets another turn behind it") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(d.offers("b"));
  d.must(d.offers("c"));
  d.now += 10s;
  auto out = d.must(d.overdue("a"));
  CHECK(clients<round::revoke>(out) == "a");
  CHECK(clients<grant>(out) == "c");
  CHECK(d.who("a").at == progress::offered);
  CHECK(d.refused(d.overdue("a")) == "wrong_phase");
  CHECK(d.refused(d.arrives("a")) == "not_invited");
  d.must(d.arrives("b"));
  CHECK(clients<grant>(d.must(d.adds("b"))) == "a");
}

TEST_CASE("a slow upload keeps its place while nobody waits") {
  auto d = four();
  d.must(d.offers("a"));
  d.now += 10s;
  const auto out = d.must(d.overdue("a"));
  REQUIRE(out.size() == 1);
  REQUIRE(count<watch>(out) == 1);
  CHECK(all<watch>(out)[0].when == d.now + 10s);
  CHECK(d.who("a").at == progress::uploading);
}

TEST_CASE(
    "an upload's alarm is never set past the deadline, and at the deadline it is not set again") {
  auto d = four();
  d.now += 95s;
  const auto out = d.must(d.offers("a"));
  CHECK(all<watch>(out)[0].when == d.now + 5s);
  d.now += 5s;
  CHECK(d.must(d.overdue("a")).empty());
}

TEST_CASE("the alarm of an upload that was lost does not end the one that came after it") {
  auto d = four();
  d.must(d.offers("a")); // its alarm: after 10 s
  d.must(d.offers("b"));
  d.now += 4s;
  d.must(d.loses("a"));
  d.must(d.offers("a")); // its alarm: after 14 s
  d.must(d.offers("c"));
  d.now += 6s;
  CHECK(d.must(d.overdue("a")).empty());
  CHECK(d.who("a").at == progress::uploading);
  d.now += 4s;
  CHECK(clients<round::revoke>(d.must(d.overdue("a"))) == "a");
}

TEST_CASE(
    "a spoiled upload costs its edge the round, is refused with its reason, and frees the place") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(d.offers("b"));
  d.must(d.offers("c"));
  const auto out = d.must(spoiled{{"a"}, d.id, refusal::wrong_checksum});
  REQUIRE(clients<refuse>(out) == "a");
  CHECK(all<refuse>(out)[0].why == refusal::wrong_checksum);
  CHECK(clients<grant>(out) == "c");
  CHECK(d.who("a").at == progress::dropped);
  CHECK(d.who("a").reason == "wrong_checksum");
  CHECK(d.refused(d.offers("a")) == "not_invited");
}

TEST_CASE("an update that the sum refuses is not counted, and the round goes on unharmed") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(d.arrives("a"));
  const auto out = d.must(d.adds("a", refusal::value_not_finite));
  REQUIRE(clients<refuse>(out) == "a");
  CHECK(all<refuse>(out)[0].why == refusal::value_not_finite);
  CHECK(count<acknowledge>(out) == 0);
  CHECK(d.m.open_round()->counted == 0);
  for (auto* who : {"b", "c"})
    d.reports(who);
  CHECK(count<release>(d.reports("d")) == 1);
  CHECK(d.m.open_round()->counted == 3);
}

TEST_CASE("what a client was dropped for is not made good by a new connection") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(spoiled{{"a"}, d.id, refusal::too_large});
  d.must(d.declines("b"));
  for (auto* who : {"a", "b"}) {
    CHECK(d.must(d.loses(who)).empty());
    CHECK(d.refused(d.offers(who)) == "not_invited");
  }
}

TEST_CASE("one update counts once, however often it is offered") {
  auto d = four();
  d.must(d.offers("a"));
  d.must(d.arrives("a"));
  CHECK(d.refused(d.offers("a")) == "duplicate");
  CHECK(d.refused(d.arrives("a")) == "not_invited");
  d.must(d.adds("a"));
  CHECK(d.refused(d.offers("a")) == "duplicate");
  CHECK(d.refused(d.adds("a")) == "wrong_phase");
  CHECK(d.refused(d.declines("a")) == "duplicate");
  CHECK(d.m.open_round()->counted == 1);
}

TEST_CASE("an edge may be lost at any moment; the round loses no more than that edge") {
  auto d = four();
  const auto& round = *d.m.open_round();
  SUBCASE("before it answers or while it trains") {
    CHECK(d.must(d.loses("a")).empty());
    CHECK(d.who("a").at == progress::dropped);
    CHECK(round.undecided == 3);
    CHECK(d.must(d.loses("a")).empty());
    CHECK(round.undecided == 3);
  }
  SUBCASE("while it waits to upload") {
    d.must(d.offers("b"));
    d.must(d.offers("c"));
    d.must(d.offers("a"));
    CHECK(d.must(d.loses("a")).empty());
    CHECK(round.line.empty());
    d.must(d.arrives("b"));
    CHECK(count<grant>(d.must(d.adds("b"))) == 0);
  }
  SUBCASE("while it uploads") {
    d.must(d.offers("a"));
    CHECK(clients<round::revoke>(d.must(d.loses("a"))) == "a");
    CHECK(round.uploading == 0);
    CHECK(d.refused(d.arrives("a")) == "not_invited");
  }
  SUBCASE("while its update is being added, which then counts") {
    d.must(d.offers("a"));
    d.must(d.arrives("a"));
    CHECK(d.must(d.loses("a")).empty());
    CHECK(clients<acknowledge>(d.must(d.adds("a"))) == "a");
    CHECK(round.counted == 1);
  }
  SUBCASE("after it was counted") {
    d.reports("a");
    CHECK(d.must(d.loses("a")).empty());
    CHECK(round.counted == 1);
  }
  const auto counted = round.counted;
  for (auto* who : {"b", "c", "d"})
    if (d.who(who).at < progress::uploading)
      d.must(d.offers(who));
  for (auto* who : {"b", "c", "d", "b", "c", "d"})
    if (d.who(who).at == progress::uploading) {
      d.must(d.arrives(who));
      d.must(d.adds(who));
    }
  CHECK(d.phase() == "releasing");
  CHECK(round.counted >= counted);
}

TEST_CASE("an edge that comes back in time offers again and counts") {
  auto d = four();
  SUBCASE("lost while it trained") {
    d.must(d.loses("a"));
  }
  SUBCASE("lost while it waited") {
    d.must(d.offers("b"));
    d.must(d.offers("c"));
    d.must(d.offers("a"));
    d.must(d.loses("a"));
    d.must(d.offers("a"));
    CHECK(d.m.open_round()->line.size() == 1);
    d.must(d.loses("b"));
    d.must(d.loses("a"));
  }
  SUBCASE("lost while it uploaded, twice") {
    d.must(d.offers("a"));
    d.must(d.loses("a"));
    CHECK(clients<grant>(d.must(d.offers("a"))) == "a");
    d.must(d.loses("a"));
  }
  SUBCASE("back before anybody noticed that it was gone") {
    d.must(d.offers("a"));
    const auto out = d.must(d.offers("a"));
    CHECK(clients<round::revoke>(out) == "a");
    CHECK(clients<grant>(out) == "a");
    d.must(d.loses("a"));
  }
  CHECK(d.who("a").at == progress::dropped);
  CHECK(clients<grant>(d.must(d.offers("a"))) == "a");
  CHECK_FALSE(d.who("a").is_away);
  CHECK(d.who("a").reason.empty());
  d.must(d.arrives("a"));
  CHECK(clients<acknowledge>(d.must(d.adds("a"))) == "a");
  CHECK(d.m.open_round()->counted == 1);
}

TEST_CASE("a client that was lost is replaced, and when it comes back both may count") {
  driver d(driver::rules(2, 2));
  d.open("ab", "x");
  CHECK(clients<invite>(d.must(d.loses("a"))) == "x");
  d.must(d.accepts("x"));
  d.must(d.offers("a"));
  CHECK(d.m.open_round()->undecided == 3);
  d.must(d.arrives("a"));
  d.must(d.adds("a"));
  CHECK(count<release>(d.reports("x")) == 1);
}
