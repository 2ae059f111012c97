// Does every round end once, by its deadline, and does evaluation keep to it?
#include <chrono>

#include <doctest/doctest.h>

#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

/// A round of two reporters that is being evaluated by both.
driver evaluating_two() {
  driver d(driver::rules(2, 1));
  d.open("ab", "", true);
  d.reports("a");
  d.reports("b");
  const auto out = d.must(released{d.id});
  REQUIRE(clients<ask_to_evaluate>(out) == "a b");
  REQUIRE(count<wake_at>(out) == 1);
  REQUIRE(d.phase() == "evaluating");
  return d;
}

} // namespace

TEST_CASE("at the deadline the round ends with what was counted") {
  driver d(driver::rules(4, 2));
  d.open("abcdef", "x");
  d.reports("a");
  d.reports("b");
  d.must(d.accepts("c"));
  d.must(d.offers("d"));
  d.now += 100s;
  const auto out = d.must(d.deadline());
  CHECK(clients<round::revoke>(out) == "d");
  CHECK(count<release>(out) == 1);
  const auto end = std::get<finish>(d.must(released{d.id}).back());
  CHECK(end.committed);
  for (auto* who : {"c", "d", "e", "f"}) {
    CHECK(end.cohort.at({who}).at == progress::dropped);
    CHECK(end.cohort.at({who}).reason == "deadline passed");
  }
  CHECK_FALSE(end.cohort.contains({"x"}));
}

TEST_CASE("at the deadline with too few counted the round is abandoned, whatever phase it is in") {
  driver d(driver::rules(4, 2));
  d.open("abcd", "xy");
  SUBCASE("nobody answered") {}
  SUBCASE("all accepted") {
    for (auto* who : {"a", "b", "c", "d"})
      d.must(d.accepts(who));
  }
  SUBCASE("one counted, one uploads") {
    d.reports("a");
    d.must(d.offers("b"));
  }
  d.now += 100s;
  const auto out = d.must(d.deadline());
  CHECK(count<finish>(out) == 1);
  REQUIRE(std::holds_alternative<finish>(out.back()));
  CHECK_FALSE(std::get<finish>(out.back()).committed);
  CHECK(count<tell>(out) == 4);
  CHECK(d.phase() == "idle");
  CHECK(d.refused(d.deadline()) == "wrong_phase");
}

TEST_CASE("an update that is being added at the deadline counts") {
  driver d(driver::rules(4, 2));
  d.open("abcd");
  d.reports("a");
  d.must(d.offers("b"));
  d.must(d.offers("c"));
  d.must(d.arrives("b"));
  d.now += 100s;
  const auto out = d.must(d.deadline());
  CHECK(clients<round::revoke>(out) == "c");
  CHECK(count<finish>(out) == 0);
  CHECK(d.refused(d.offers("d")) == "wrong_round");
  CHECK(d.must(d.deadline()).empty());
  SUBCASE("and makes the minimum") {
    const auto added = d.must(d.adds("b"));
    CHECK(clients<acknowledge>(added) == "b");
    CHECK(count<release>(added) == 1);
  }
  SUBCASE("unless the sum refuses it: then the round is abandoned there") {
    const auto added = d.must(d.adds("b", refusal::value_not_finite));
    CHECK(clients<refuse>(added) == "b");
    CHECK(std::holds_alternative<finish>(added.back()));
    CHECK_FALSE(std::get<finish>(added.back()).committed);
  }
  SUBCASE("even if its edge is lost in that moment") {
    CHECK(d.must(d.loses("b")).empty());
    CHECK(count<release>(d.must(d.adds("b"))) == 1);
  }
}

TEST_CASE("an alarm that rings early is set again for the deadline") {
  driver d(driver::rules(2, 1));
  d.open("ab");
  const auto deadline = d.now + 100s;
  d.now += 99s;
  auto out = d.must(d.deadline());
  REQUIRE(out.size() == 1);
  CHECK(all<wake_at>(out).at(0).when == deadline);
  CHECK(d.phase() == "recruiting");

  auto e = evaluating_two();
  out = e.must(e.deadline());
  REQUIRE(out.size() == 1);
  CHECK(count<wake_at>(out) == 1);
  CHECK(e.phase() == "evaluating");
}

TEST_CASE("reporters evaluate the new model, and the last report closes the round") {
  auto d = evaluating_two();
  CHECK(d.must(d.evaluates("b")).empty());
  CHECK(d.refused(d.evaluates("b")) == "duplicate");
  CHECK(d.refused(d.evaluates("z")) == "not_invited");
  CHECK(d.refused(evaluated{{"a"}, {{2}, 1, 1, 0}}) == "wrong_round");
  d.now += 3s;
  const auto out = d.must(d.evaluates("a"));
  REQUIRE(std::holds_alternative<finish>(out.back()));
  const auto end = std::get<finish>(out.back());
  CHECK(end.committed);
  CHECK(end.closed_at == end.released_at + 3s);
  REQUIRE(end.cohort.at({"b"}).evaluated);
  CHECK(end.cohort.at({"b"}).evaluated->correct_count == 9);
  CHECK(count<tell>(out) == 2);
}

TEST_CASE("only those who reported and are there are asked to evaluate") {
  driver d(driver::rules(3, 1));
  d.open("abcd", "", true);
  d.must(d.declines("d"));
  d.reports("a");
  d.reports("b");
  d.must(d.loses("b"));
  d.reports("c");
  REQUIRE(d.phase() == "releasing");
  d.must(d.loses("c"));
  CHECK(d.refused(d.loses("z")) == "not_invited");
  CHECK(clients<ask_to_evaluate>(d.must(released{d.id})) == "a");
  CHECK(d.refused(d.evaluates("d")) == "not_invited");
  CHECK(std::holds_alternative<finish>(d.must(d.evaluates("a")).back()));
}

TEST_CASE("a round that nobody can evaluate is closed at once") {
  driver d(driver::rules(1, 1));
  d.open("a", "", true);
  d.reports("a");
  SUBCASE("all reporters are away") {
    d.must(d.loses("a"));
  }
  SUBCASE("the deadline is over") {
    d.now += 100s;
  }
  const auto out = d.must(released{d.id});
  CHECK(count<ask_to_evaluate>(out) == 0);
  CHECK(std::get<finish>(out.back()).committed);
}

TEST_CASE("an edge that is lost while it evaluates is not waited for, and what it says later is no "
          "one else's") {
  auto d = evaluating_two();
  CHECK(d.must(d.loses("a")).empty());
  CHECK(d.must(d.loses("a")).empty());
  SUBCASE("it stays away") {}
  SUBCASE("it comes back and reports: the other one is still awaited") {
    CHECK(d.must(d.evaluates("a")).empty());
    CHECK(d.phase() == "evaluating");
  }
  CHECK(std::holds_alternative<finish>(d.must(d.evaluates("b")).back()));
}

TEST_CASE("when the last one that evaluates is lost, the round closes committed") {
  auto d = evaluating_two();
  d.must(d.evaluates("a"));
  CHECK(d.must(d.loses("a")).empty());
  const auto out = d.must(d.loses("b"));
  REQUIRE(std::holds_alternative<finish>(out.back()));
  CHECK(std::get<finish>(out.back()).committed);
}

TEST_CASE("the deadline ends an evaluation, and the round counts") {
  auto d = evaluating_two();
  d.must(d.evaluates("a"));
  CHECK(d.refused(deadline_passed{{9}}) == "wrong_round");
  d.now += 100s;
  const auto out = d.must(d.deadline());
  const auto end = std::get<finish>(out.back());
  CHECK(end.committed);
  CHECK(end.cohort.at({"a"}).evaluated);
  CHECK_FALSE(end.cohort.at({"b"}).evaluated);
  CHECK(d.phase() == "idle");
}

TEST_CASE("while the model is being made, a late word is refused and the deadline waits") {
  driver d(driver::rules(1, 1));
  d.open("ab");
  d.reports("a");
  REQUIRE(d.phase() == "releasing");
  d.now += 100s;
  CHECK(d.refused(d.deadline()) == "wrong_phase");
  CHECK(d.refused(d.offers("b")) == "wrong_round");
  CHECK(d.refused(d.accepts("b")) == "wrong_phase");
  CHECK(d.refused(released{{2}}) == "wrong_round");
  CHECK(std::get<finish>(d.must(released{d.id}).back()).committed);
  CHECK(d.refused(d.offers("b")) == "wrong_round");
}
