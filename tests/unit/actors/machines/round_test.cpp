// Does a round go from its invitations to its end as it should, and is everybody told?
#include <chrono>

#include <doctest/doctest.h>

#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

TEST_CASE("a round's story: invited, accepted, offered, uploaded, added, released, closed") {
  driver d(driver::rules(2, 1));
  const auto begun = d.now;

  auto out = d.open("ab");
  CHECK(clients<invite>(out) == "a b");
  CHECK(all<invite>(out)[0].left == 100s);
  REQUIRE(count<wake_at>(out) == 1);
  CHECK(all<wake_at>(out)[0].when == begun + 100s);
  CHECK(d.phase() == "recruiting");

  d.now += 1s;
  CHECK(d.must(d.accepts("a")).empty());
  CHECK(d.phase() == "recruiting");
  d.must(d.accepts("b"));
  CHECK(d.phase() == "collecting");

  d.now += 1s;
  out = d.must(d.offers("b"));
  REQUIRE(clients<grant>(out) == "b");
  CHECK(all<grant>(out)[0].update.byte_count == driver::update_bytes);
  REQUIRE(count<watch>(out) == 1);
  CHECK(all<watch>(out)[0].when == d.now + 10s);

  out = d.must(d.arrives("b"));
  REQUIRE(clients<add>(out) == "b");
  CHECK(all<add>(out)[0].example_count == 7);
  CHECK(clients<acknowledge>(d.must(d.adds("b"))) == "b");

  d.now += 1s;
  d.must(d.offers("a"));
  d.must(d.arrives("a"));
  out = d.must(d.adds("a"));
  CHECK(clients<acknowledge>(out) == "a");
  CHECK(count<release>(out) == 1);
  CHECK(d.phase() == "releasing");

  d.now += 1s;
  out = d.must(released{d.id});
  CHECK(clients<tell>(out) == "a b");
  CHECK(all<tell>(out)[0].closed.committed == 1);
  REQUIRE(std::holds_alternative<finish>(out.back()));
  const auto end = std::get<finish>(out.back());
  CHECK(end.committed);
  CHECK(end.reason.empty());
  CHECK(end.opened_at == begun);
  CHECK(end.recruited_at == begun + 1s);
  CHECK(end.collected_at == begun + 3s);
  CHECK(end.released_at == begun + 4s);
  CHECK(end.closed_at == begun + 4s);
  CHECK(end.cohort.at({"a"}).at == progress::reported);
  CHECK(end.cohort.at({"a"}).loss == 0.5);
  CHECK(d.phase() == "idle");
  CHECK(d.m.open_round() == nullptr);
}

TEST_CASE("with over-selection the first updates close the round, and the others are told that "
          "they are not needed") {
  driver d(driver::rules(2, 1));
  d.open("abcd");
  for (auto* who : {"a", "b", "c", "d"})
    d.must(d.accepts(who));
  d.reports("c");
  d.must(d.offers("b"));
  CHECK(count<release>(d.reports("a")) == 1);
  const auto out = d.must(released{d.id});
  CHECK(clients<tell>(out) == "a b c d");
  CHECK(all<tell>(out)[3].closed.committed == 1);
  CHECK(all<tell>(out)[3].closed.reason == "the cohort was complete");
  CHECK(std::get<finish>(out.back()).cohort.at({"d"}).at == progress::dropped);
}

TEST_CASE("whoever is uploading when the cohort is complete has its place taken back at once") {
  driver d(driver::rules(1, 1));
  d.open("ab");
  d.must(d.offers("a"));
  d.must(d.offers("b"));
  d.must(d.arrives("a"));
  const auto out = d.must(d.adds("a"));
  CHECK(clients<round::revoke>(out) == "b");
  CHECK(count<release>(out) == 1);
  CHECK(d.m.open_round()->uploading == 0);
}

TEST_CASE("an update that was complete before the cohort was counts too") {
  driver d(driver::rules(1, 1));
  d.open("ab");
  d.must(d.offers("a"));
  d.must(d.offers("b"));
  d.must(d.arrives("a"));
  d.must(d.arrives("b"));
  CHECK(count<release>(d.must(d.adds("a"))) == 0);
  const auto out = d.must(d.adds("b"));
  CHECK(clients<acknowledge>(out) == "b");
  CHECK(count<release>(out) == 1);
  CHECK(d.m.open_round()->counted == 2);
}

TEST_CASE("the reserve takes the place of one who declines, in order, and is asked only once") {
  driver d(driver::rules(2, 2));
  d.open("ab", "xy");
  d.now += 5s;
  auto out = d.must(d.declines("a"));
  REQUIRE(clients<invite>(out) == "x");
  CHECK(all<invite>(out)[0].left == 95s);
  CHECK(d.who("a").at == progress::declined);
  CHECK(d.who("a").reason == "low battery");
  CHECK(clients<invite>(d.must(d.declines("b"))) == "y");
  out = d.must(d.declines("x"));
  CHECK(count<invite>(out) == 0);
  CHECK(d.phase() == "idle");
}

TEST_CASE("the reserve is not asked in the second half of the round, when there is no time left to "
          "train") {
  driver d(driver::rules(2, 1));
  d.open("ab", "x");
  d.must(d.accepts("b"));
  d.now += 50s;
  CHECK(count<invite>(d.must(d.declines("a"))) == 0);
  CHECK(d.phase() == "collecting");
}

TEST_CASE("one of the reserve that is lost is not invited any more") {
  driver d(driver::rules(2, 2));
  d.open("ab", "xy");
  CHECK(d.must(d.loses("x")).empty());
  CHECK(clients<invite>(d.must(d.declines("a"))) == "y");
  CHECK(d.refused(d.loses("x")) == "not_invited");
}

TEST_CASE("a round that lives only by its reserve is abandoned when that is lost") {
  driver d(driver::rules(3, 3));
  d.open("ab", "x");
  const auto out = d.must(d.loses("x"));
  REQUIRE(std::holds_alternative<finish>(out.back()));
  CHECK_FALSE(std::get<finish>(out.back()).committed);
}

TEST_CASE("a client that accepted and then cannot after all is replaced; a second acceptance is a "
          "duplicate") {
  driver d(driver::rules(2, 2));
  d.open("ab", "x");
  d.must(d.accepts("a"));
  CHECK(d.refused(d.accepts("a")) == "duplicate");
  CHECK(clients<invite>(d.must(d.declines("a"))) == "x");
  CHECK(d.who("a").at == progress::declined);
  CHECK(d.refused(d.declines("a")) == "duplicate");
  CHECK(d.refused(d.accepts("a")) == "duplicate");
  CHECK(d.m.open_round()->undecided == 2);
}

TEST_CASE("when the last one that was awaited declines, the round goes on with what is there") {
  driver d(driver::rules(2, 1));
  d.open("ab");
  d.must(d.accepts("a"));
  d.must(d.accepts("b"));
  d.reports("a");
  CHECK(count<release>(d.must(d.declines("b"))) == 1);
}

TEST_CASE("below the minimum cohort the round is abandoned at once, with its reason, and everybody "
          "is told") {
  driver d(driver::rules(3, 3));
  d.open("abcd");
  d.must(d.accepts("b"));
  CHECK(d.must(d.declines("a")).empty());
  const auto out = d.must(d.loses("c"));
  REQUIRE(std::holds_alternative<finish>(out.back()));
  const auto end = std::get<finish>(out.back());
  CHECK_FALSE(end.committed);
  CHECK(end.reason == "too few updates: 0 of at least 3");
  CHECK(clients<tell>(out) == "a b c d");
  for (const auto& x : all<tell>(out)) {
    CHECK(x.closed.committed == 0);
    CHECK(x.closed.reason == end.reason);
  }
  CHECK(end.cohort.at({"b"}).at == progress::dropped);
  CHECK(end.cohort.at({"b"}).reason == "the round was abandoned");
  CHECK(d.phase() == "idle");
}

TEST_CASE("a round that is opened with too few edges ends as it begins") {
  driver d(driver::rules(3, 3));
  const auto out = d.open("ab");
  REQUIRE(std::holds_alternative<finish>(out.back()));
  CHECK(std::get<finish>(out.back()).reason == "too few edges: 2");
  CHECK(clients<tell>(out) == "a b");
  CHECK(d.phase() == "idle");
  driver nobody(driver::rules(1, 0));
  CHECK(std::holds_alternative<finish>(nobody.open("").back()));
}

TEST_CASE("a round is opened once, and never again under a number that was used") {
  driver d(driver::rules(1, 1));
  d.open("a");
  CHECK(d.refused(round::open{{2}, driver::named("b"), {}, false}) == "wrong_phase");
  d.must(d.loses("a"));
  CHECK(d.phase() == "idle");
  CHECK(d.refused(round::open{{1}, driver::named("a"), {}, false}) == "wrong_round");
  CHECK(d.must(round::open{{2}, driver::named("a"), {}, false}).size() == 2);
  machine later(driver::rules(1, 1), round_id{7});
  CHECK(later.apply(round::open{{7}, driver::named("a"), {}, false}, 0s).why() ==
        refusal::wrong_round);
  CHECK(later.apply(round::open{{8}, driver::named("a"), {}, false}, 0s));
}

TEST_CASE("a client that is named twice is invited once") {
  driver d(driver::rules(2, 1));
  CHECK(clients<invite>(d.open("aab", "b")) == "a b");
  CHECK(d.m.open_round()->undecided == 2);
  CHECK(count<invite>(d.must(d.declines("a"))) == 0);
  CHECK(d.m.open_round()->undecided == 1);
}

TEST_CASE("words about another round, or from outside the cohort, are refused and change nothing") {
  driver d(driver::rules(2, 1));
  d.open("ab");
  d.must(d.accepts("a"));
  d.must(d.offers("a"));
  const auto before = d.who("a");

  CHECK(d.refused(answered{{"b"}, {{2}, 1, {}}}) == "wrong_round");
  CHECK(d.refused(offered{{"b"}, driver::offer_of({2})}) == "wrong_round");
  CHECK(d.refused(arrived{{"a"}, {9}}) == "wrong_round");
  CHECK(d.refused(spoiled{{"a"}, {9}}) == "wrong_round");
  CHECK(d.refused(summed{{"a"}, {9}, {}}) == "wrong_round");
  CHECK(d.refused(upload_due{{9}, {"a"}}) == "wrong_round");
  CHECK(d.refused(deadline_passed{{9}}) == "wrong_round");
  CHECK(d.refused(d.accepts("z")) == "not_invited");
  CHECK(d.refused(d.offers("z")) == "not_invited");
  CHECK(d.refused(d.arrives("z")) == "not_invited");
  CHECK(d.refused(d.loses("z")) == "not_invited");
  CHECK(d.refused(d.arrives("b")) == "not_invited");
  CHECK(d.refused(spoiled{{"b"}, d.id}) == "not_invited");
  CHECK(d.refused(d.adds("a")) == "wrong_phase");
  CHECK(d.refused(d.accepts("a")) == "duplicate");

  CHECK(d.who("a").at == before.at);
  CHECK(d.who("b").at == progress::invited);
  CHECK(d.m.open_round()->undecided == 2);
  CHECK(d.m.open_round()->uploading == 1);
  CHECK(d.m.open_round()->cohort.size() == 2);
}

TEST_CASE("an update of another length is refused before it is uploaded") {
  driver d(driver::rules(1, 1));
  d.open("a");
  auto wrong = d.offers("a");
  wrong.offer.update.byte_count += 4;
  CHECK(d.refused(wrong) == "wrong_shape");
  CHECK(d.who("a").at == progress::invited);
  CHECK(clients<grant>(d.must(d.offers("a"))) == "a");
}
