// Runs against each other: runs of one case are one row and one curve, and names stay text.
#include <doctest/doctest.h>

#include <cmath>

#include "report/comparison.hpp"

using namespace godwit;

namespace {

round_record round_of(std::uint64_t number, double accuracy) {
  round_record round;
  round.round = number;
  round.outcome = "committed";
  round.test_accuracy = accuracy;
  round.reporters = round.cohort = 1;
  round.bytes_up = 1000, round.bytes_down = 1000;
  return round;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a case's runs are stated as their mean, and the least and the most of them") {
  const auto table = comparison_table({{"plain",
                                        {{round_of(1, 0.9), round_of(2, 0.8)},
                                         {round_of(1, 0.5), round_of(2, 0.6), round_of(3, 0.6)}}}});
  CHECK(has(table, "| plain | 2 | 2.5 (2 to 3) | 0.7000 (0.6000 to 0.8000) | "
                   "0.7500 (0.6000 to 0.9000) | – | 5.00 kB (4.00 kB to 6.00 kB) |\n"));
}

TEST_CASE("one run is stated by itself, with the epsilon of the last round that states one") {
  auto last = round_of(2, 0.75);
  last.epsilon = 7.996;
  auto abandoned = round_of(3, 0);
  abandoned.outcome = "abandoned: too few";
  abandoned.test_accuracy.reset();
  const auto table = comparison_table({{"private", {{round_of(1, 0.5), last, abandoned}}}});
  CHECK(has(table, "| private | 1 | 2 | 0.7500 | 0.7500 | 8.00 | 6.00 kB |\n"));
}

TEST_CASE(
    "without a central accuracy the federated one stands; what diverged is left out of curves") {
  auto round = round_of(1, 0);
  round.test_accuracy.reset();
  round.federated_accuracy = 0.25;
  round.train_loss = NAN;
  const std::vector<compared_case> cases{{"one", {{round}}}};
  CHECK(has(comparison_table(cases), "| 0.2500 |"));
  CHECK(has(html_comparison("t", cases), R"("loss":{"round":[],"mean":[],"least":[],"most":[]})"));
}

TEST_CASE("the page has a curve a case, over the rounds that its runs have") {
  const auto page = html_comparison(
      "seeds", {{"a", {{round_of(1, 0.5), round_of(2, 0.75)}, {round_of(1, 0.25)}}}});
  CHECK(has(page, R"("name":"a","runs":2,"accuracy":{"round":[1,2],"mean":[0.375,0.75],)"
                  R"("least":[0.25,0.75],"most":[0.5,0.75]})"));
  CHECK(has(page, R"("rounds":{"round":[1,2],)"));
}

TEST_CASE("a name cannot become a part of the page or another cell") {
  const std::vector<compared_case> cases{{"</script><b>|x", {{round_of(1, 0.5)}}}};
  const auto page = html_comparison("<i>", cases);
  CHECK_FALSE(has(page, "</script><b>"));
  CHECK_FALSE(has(page, "<i>"));
  CHECK(has(page, "&lt;/script&gt;&lt;b&gt;|x"));
  CHECK(has(comparison_table(cases), "| </script><b>\\|x | 1 |"));
}
