// What becomes of a round whose edges come back, and of one whose server was down?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

effects back(driver& d, const std::string& who, bool is_fresh = false) {
  return d.must(edge_back{{who}, is_fresh});
}

} // namespace

TEST_CASE("an edge that comes back is invited again, and stands where it stood") {
  driver d(driver::rules(3, 2));
  d.open("abc");
  d.must(d.accepts("a"));
  d.must(d.loses("a"));
  CHECK(d.who("a").at == progress::dropped);
  CHECK(clients<invite>(back(d, "a")) == "a");
  CHECK(d.who("a").at == progress::accepted);
  CHECK(clients<acknowledge>(d.reports("a")) == "a");
}

TEST_CASE("an edge that had offered and comes back is granted, without a second offer") {
  driver d(driver::rules(3, 2));
  d.open("abc");
  CHECK(clients<grant>(d.must(d.offers("a"))) == "a");
  CHECK(count<round::revoke>(d.must(d.loses("a"))) == 1);
  const auto out = back(d, "a");
  CHECK(clients<grant>(out) == "a");
  CHECK(count<invite>(out) == 0);
  d.must(d.arrives("a"));
  CHECK(clients<acknowledge>(d.must(d.adds("a"))) == "a");
}

TEST_CASE("an edge that has lost its store begins anew") {
  driver d(driver::rules(3, 2));
  d.open("abc");
  d.must(d.offers("a"));
  d.must(d.loses("a"));
  const auto out = back(d, "a", true);
  CHECK(clients<invite>(out) == "a");
  CHECK(count<grant>(out) == 0);
  CHECK(d.who("a").at == progress::invited);
}

TEST_CASE("one that was dropped for what it did is not taken back, nor one that is counted") {
  driver d(driver::rules(3, 2));
  d.open("abc");
  d.must(d.offers("a"));
  d.must(spoiled{{"a"}, d.id});
  d.must(d.loses("a"));
  CHECK(back(d, "a").empty());
  CHECK(d.who("a").at == progress::dropped);
  d.reports("b");
  d.must(d.loses("b"));
  CHECK(back(d, "b").empty());
  CHECK(d.who("b").at == progress::reported);
  CHECK(d.refused(edge_back{{"z"}, false}) == "not_invited");
}

TEST_CASE("behind the deadline nobody is taken back") {
  driver d(driver::rules(2, 1));
  d.open("ab");
  d.must(d.offers("b"));
  d.must(d.arrives("b"));
  d.must(d.loses("a"));
  d.now += 100s;
  d.must(d.deadline()); // b is being added
  CHECK(back(d, "a").empty());
  CHECK(d.who("a").at == progress::dropped);
}

TEST_CASE("a restart drops nobody: places are given again to those who come back") {
  driver d(driver::rules(3, 2));
  d.open("abc");
  d.must(d.accepts("a"));
  d.must(d.offers("b"));
  d.must(d.offers("c"));
  d.must(d.arrives("c")); // complete, and not yet counted
  const auto out = d.must(restarted{});
  CHECK(all<wake_at>(out).at(0).when == d.m.open_round()->deadline);
  CHECK(d.who("c").at == progress::offered);
  CHECK(d.m.open_round()->undecided == 3);
  CHECK(d.refused(d.arrives("b")) == "not_invited"); // nothing of it is here any more
  CHECK(clients<grant>(back(d, "c")) == "c");
  CHECK(clients<invite>(back(d, "a")) == "a");
  d.must(d.arrives("c"));
  d.must(d.adds("c"));
  CHECK(clients<grant>(back(d, "b")) == "b");
}

TEST_CASE("those who do not come back after a restart are waited for until the deadline") {
  driver d(driver::rules(3, 1));
  d.open("abc");
  d.reports("a");
  d.must(d.offers("b"));
  d.must(restarted{});
  CHECK(d.phase() == "recruiting");
  d.now += 100s;
  CHECK(count<release>(d.must(d.deadline())) == 1);
  CHECK(d.who("b").at == progress::dropped);
}

TEST_CASE("a restart while the model is made makes it once more") {
  driver d(driver::rules(1, 1));
  d.open("a");
  CHECK(count<release>(d.reports("a")) == 1);
  CHECK(count<release>(d.must(restarted{})) == 1);
  CHECK(count<finish>(d.must(released{d.id})) == 1);
}

TEST_CASE("a restart while edges evaluate asks those who have not yet, once the model is there") {
  driver d(driver::rules(2, 2));
  d.open("ab", {}, true);
  d.reports("a");
  d.reports("b");
  d.must(released{d.id});
  d.must(d.evaluates("a"));
  CHECK(count<release>(d.must(restarted{})) == 1);
  CHECK(d.phase() == "releasing");
  CHECK(clients<ask_to_evaluate>(d.must(released{d.id})) == "b");
  CHECK(clients<ask_to_evaluate>(back(d, "b")) == "b"); // it was not there to hear it
  CHECK(back(d, "a").empty());
  const auto end = all<finish>(d.must(d.evaluates("b")));
  REQUIRE(end.size() == 1);
  CHECK(end[0].cohort.at({"a"}).evaluated);
}
