// Does FedAvg take the step of McMahan et al. 2017, algorithm 1, and is it found by its name only?
#include <godwit/aggregation/fed_avg.hpp>
#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/aggregation/parameters.hpp>
#include <godwit/aggregation/strategy.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace godwit;

TEST_CASE("FedAvg's next model is the mean of the clients' models by their example counts") {
  const std::vector<float> start{1.0F, -2.0F, 0.25F};
  const std::vector<std::vector<float>> trained{
      {2.0F, -2.0F, 0.5F}, {1.0F, -1.0F, 0.0F}, {0.5F, -4.0F, 0.25F}};
  const std::vector<std::uint64_t> examples{1, 5, 2};
  fixed_point_sum sum{3};
  for (std::size_t i = 0; i < trained.size(); ++i) {
    std::vector<float> delta(3);
    subtract(trained[i], start, delta);
    REQUIRE(sum.add(delta, examples[i]));
  }
  std::vector<float> next(3);
  sum.mean(next);
  auto strategy = make_strategy("fed_avg");
  REQUIRE(strategy);
  (*strategy)->apply(start, next);
  // (1 x 2 + 5 x 1 + 2 x 0.5) / 8, and so on
  CHECK(next == std::vector<float>{1.0F, -1.875F, 0.125F});
}

TEST_CASE("a difference may replace one of its two models") {
  std::vector<float> trained{3.0F, 1.0F};
  const std::vector<float> start{1.0F, 4.0F};
  subtract(trained, start, trained);
  CHECK(trained == std::vector<float>{2.0F, -3.0F});
}

TEST_CASE("every listed strategy can be made and knows its name") {
  REQUIRE_FALSE(strategy_names().empty());
  for (auto name : strategy_names()) {
    auto made = make_strategy(name);
    REQUIRE(made);
    CHECK((*made)->name() == name);
  }
}

TEST_CASE("an unknown strategy fails and the failure lists those that exist") {
  for (auto name : {"", "FedAvg", "fed_avg ", "median"}) {
    auto made = make_strategy(name);
    REQUIRE_FALSE(made);
    CHECK(made.why().code == failure_code::unsupported);
    CHECK_FALSE(made.why().retry);
    CHECK(made.why().detail.find("fed_avg") != std::string::npos);
    CHECK(made.why().detail.find('"' + std::string(name) + '"') != std::string::npos);
  }
}

TEST_CASE("FedAvg has no memory: it takes up nothing, and refuses another rule's state") {
  fed_avg rule;
  CHECK(rule.state().empty());
  CHECK(rule.restore(rule.state()));
  auto foreign = rule.restore(as_bytes("momentum"));
  REQUIRE_FALSE(foreign);
  CHECK(foreign.why().code == failure_code::corrupt);
}
