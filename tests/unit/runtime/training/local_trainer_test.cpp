// Does the built-in trainer keep what the port promises?
#include <stop_token>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"
#include "training/local_trainer.hpp"

using namespace godwit;

TEST_CASE("a trainer learns from its own examples and is judged on those held out") {
  const auto all = made_up::bands({6, 6}, 3, 60, 1);
  const examples train{all.data, {all.rows.begin(), all.rows.begin() + 45}};
  const examples held_out{all.data, {all.rows.begin() + 45, all.rows.end()}};
  auto made = make_trainer("softmax", train, held_out);
  REQUIRE(made);
  trainer& edge = **made;
  CHECK(edge.example_count() == 45);
  CHECK(parameter_count(edge.layout()) == 36 * 3 + 3);
  std::vector<float> parameters(36 * 3 + 3, 0.0F);
  auto outcome = edge.train(parameters, {.epochs = 10, .batch_size = 10}, {});
  REQUIRE(outcome);
  CHECK(outcome->example_count == 45);
  CHECK(outcome->step_count == 50);
  auto judged = edge.evaluate(parameters);
  REQUIRE(judged);
  CHECK(judged->example_count == 15);
  CHECK(judged->accuracy() > 0.9);
  std::stop_source source;
  source.request_stop();
  auto stopped = edge.train(parameters, {}, source.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.why().code == failure_code::cancelled);
}

TEST_CASE("a trainer without held-out examples evaluates nothing") {
  const auto all = made_up::bands({6, 6}, 3, 60, 1);
  auto made = make_trainer("softmax", all, {});
  REQUIRE(made);
  auto judged = (*made)->evaluate(std::vector<float>(36 * 3 + 3, 0.0F));
  REQUIRE(judged);
  CHECK(judged->example_count == 0);
}

TEST_CASE("a trainer is refused when its data cannot be learned from") {
  const auto all = made_up::bands({6, 6}, 3, 60, 1);
  const auto code = [](auto made) {
    REQUIRE_FALSE(made);
    CHECK_FALSE(made.why().detail.empty());
    return made.why().code;
  };
  CHECK(code(make_trainer("softmax", {}, {})) == failure_code::bad_config);
  CHECK(code(make_trainer("softmax", {all.data, {}}, {})) == failure_code::bad_config);
  CHECK(code(make_trainer("softmax", all, made_up::bands({6, 7}, 3, 6, 1))) ==
        failure_code::bad_config);
  CHECK(code(make_trainer("oracle", all, {})) == failure_code::unsupported);
}
