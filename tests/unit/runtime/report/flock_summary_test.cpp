// What the whole flock did: is it counted rightly, and does the page show it?
#include <doctest/doctest.h>

#include "report/flock_summary.hpp"
#include "report/report.hpp"
#include "report/report_tables.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

round_record round_of(std::uint64_t number, std::vector<client_record> clients) {
  round_record round;
  round.round = number;
  round.outcome = "committed";
  round.cohort = static_cast<std::uint32_t>(clients.size());
  round.clients = std::move(clients);
  round.collecting_seconds = 60.0 * static_cast<double>(number);
  round.finished_seconds = 3600.0 * static_cast<double>(number);
  round.bytes_up = 1000;
  round.bytes_down = 2000;
  return round;
}

client_record who(std::string name, std::string outcome) {
  return {std::move(name), std::move(outcome), 1, 0.5, 1, {}};
}

/// Of four clients a reports twice, b once, c never, d was never invited.
std::vector<round_record> two_rounds() {
  return {round_of(1, {who("a", "reported"), who("b", "reported"),
                       who("c", "declined: battery_below_minimum")}),
          round_of(2, {who("a", "reported"), who("b", "the cohort was complete"),
                       who("c", "left: no longer idle and connected")}),
          round_of(3, {who("c", "declined: battery_below_minimum")})};
}

std::vector<presence_count> day() {
  return {{0, 90, 40}, {43'200, 200, 160}, {86'400, 100, 70}};
}

} // namespace

TEST_CASE("each invitation is counted under what became of it, the reasons by how often") {
  const auto sum = sum_up_flock(two_rounds(), 4);
  CHECK(sum.invited == 7);
  CHECK(sum.reported == 3);
  CHECK(sum.declined == 2);
  CHECK(sum.let_go == 1);
  CHECK(sum.dropped == 1);
  REQUIRE(sum.reasons.size() == 2);
  CHECK(sum.reasons[0].first == "declined: battery_below_minimum");
  CHECK(sum.reasons[0].second == 2);
  CHECK(sum.reasons[1].second == 1);
  CHECK(sum.bytes_up == 3000);
  CHECK(sum.bytes_down == 6000);
  CHECK(sum.seconds == 3 * 3600);
  CHECK(sum.round_median == 120);
  CHECK(sum.round_longest == 180);
}

TEST_CASE("fairness is Jain's index over all clients, also those that were never invited") {
  const auto sum = sum_up_flock(two_rounds(), 4);
  CHECK(sum.fairness == doctest::Approx(9.0 / (4 * 5)));
  CHECK(sum.never_share == doctest::Approx(0.5));
  const auto even = sum_up_flock({round_of(1, {who("a", "reported"), who("b", "reported")})}, 2);
  CHECK(even.fairness == doctest::Approx(1));
  CHECK(even.never_share == 0);
  const auto none = sum_up_flock({round_of(1, {who("a", "lost")})}, 2);
  CHECK(none.fairness == 0);
  CHECK(none.never_share == 1);
  CHECK(sum_up_flock({}, 0).fairness == 0);
}

TEST_CASE("who was there is told by its least, its most and its mean") {
  const auto there = sum_up_presence(day());
  CHECK(there.least.able == 40);
  CHECK(there.most.seconds == 43'200);
  CHECK(there.able_mean == doctest::Approx(90));
  CHECK(there.connected_mean == doctest::Approx(130));
}

TEST_CASE("the text says time, who was able, who took part, why not, fairness and traffic") {
  const auto text = flock_text(two_rounds(), 4, day());
  for (const auto* part :
       {"24 h 00 min", "2 min 00 s (median)", "90 of 4 on average", "most 160 after 12 h 00 min",
        "42.9 % reported", "2 declined: battery_below_minimum", "0.45 (Jain's index)",
        "50.0 % of the clients never reported", "3.00 kB up, 6.00 kB down"}) {
    INFO(text);
    CHECK(contains(text, part));
  }
  const auto always = flock_text(two_rounds(), 4, {});
  CHECK_FALSE(contains(always, "able to work"));
  CHECK(contains(flock_text({}, 4, {}), "0 s"));
}

TEST_CASE("the page shows presence where there is any, and reasons where edges had some") {
  run_facts facts;
  facts.client_count = 4;
  facts.has_virtual_time = true;
  facts.presence = day();
  const auto page = html_report(facts, two_rounds());
  for (const auto* part : {"<dt>Virtual time", "40 to 160", "3 of 7", "Jain", "28.6 %",
                           "\"presence\":{\"seconds\":[0.0,43200.0,86400.0]"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
  facts.presence.clear();
  facts.has_virtual_time = false;
  const auto plain = html_report(facts, {round_of(1, {who("a", "reported")})});
  CHECK(contains(plain, "\"presence\":null"));
  CHECK_FALSE(contains(plain, "<dt>Virtual time"));
  CHECK_FALSE(contains(plain, "Why edges did not report</th>"));
}

TEST_CASE("no reason becomes part of the page") {
  const auto sum = sum_up_flock({round_of(1, {who("a", "declined: <script>x")})}, 1);
  CHECK(contains(reasons_table(sum), "declined: &lt;script&gt;x"));
  CHECK_FALSE(contains(reasons_table(sum), "<script"));
}
