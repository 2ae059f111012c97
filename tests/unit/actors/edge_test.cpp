// Does an edge do its part of a round, frame by frame, whatever its trainer, its battery and its
// server do?
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "edge_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

TEST_CASE("an edge's round: invited, fetches the model, trains, offers, uploads, has its receipt") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(2.0F);
  e.server_says(e.invitation_to(1, model));
  const auto answer = e.says<invitation_answer>();
  CHECK(answer.accepts == 1);
  CHECK(answer.round == round_id{1});
  const auto request = e.says<model_request>();
  CHECK(request.model == edge_stage::id_of(model));
  CHECK(request.offset == 0);
  e.server_serves(model, request);
  CHECK(e.engine->last_plan.seed == 7);

  const auto offer = e.says<update_offer>();
  const auto update = e.model_of(1.0F); // trained minus received
  CHECK(offer.round == round_id{1});
  CHECK(offer.example_count == 10);
  CHECK(offer.step_count == 3);
  CHECK(offer.loss == 0.25);
  CHECK(offer.update == edge_stage::id_of(update));
  CHECK(e.says_nothing());

  e.server_says(update_grant{{1}});
  shared_bytes body;
  const auto chunk = e.says<update_chunk>("tok", &body);
  CHECK(chunk.round == round_id{1});
  CHECK(chunk.offset == 0);
  CHECK(std::ranges::equal(body.view(), update));
  e.server_says(receipt{{1}});
  e.server_says(round_closed{{1}, 1, {}});
  CHECK(e.says_nothing());
  CHECK(e.log->count("update.counted") == 1);
  CHECK(e.log->count("training.failed") == 0);

  // The next round, with another model.
  CHECK(e.trains(2, e.model_of(5.0F)).round == round_id{2});
}

TEST_CASE(
    "a trainer that fails, throws or reports nonsense costs the edge the round, and no more") {
  edge_stage e;
  e.enrols(1);
  SUBCASE("fails") {
    e.engine->instead = [](auto&) {
      return failure{.code = failure_code::training, .detail = "no data"};
    };
  }
  SUBCASE("throws") {
    e.engine->instead = [](auto&) -> attempt<training_outcome> {
      throw std::runtime_error("out of luck");
    };
  }
  SUBCASE("throws what is no exception") {
    e.engine->instead = [](auto&) -> attempt<training_outcome> { throw 42; };
  }
  SUBCASE("reports a loss that is no number") {
    e.engine->instead = [](auto&) {
      return training_outcome{
          .example_count = 10, .step_count = 1, .loss = std::numeric_limits<double>::quiet_NaN()};
    };
  }
  SUBCASE("trains on nothing") {
    e.engine->instead = [](auto&) { return training_outcome{}; };
  }
  const auto model = e.model_of(0.0F);
  e.server_says(e.invitation_to(1, model));
  CHECK(e.says<invitation_answer>().accepts == 1);
  e.server_serves(model, e.says<model_request>());
  const auto answer = e.says<invitation_answer>();
  CHECK(answer.accepts == 0);
  CHECK(answer.reason == "the trainer failed");
  CHECK(e.log->count("training.failed") == 1);

  e.engine->instead = nullptr;
  e.server_says(e.invitation_to(2, model)); // the model is here already
  CHECK(e.says<invitation_answer>().accepts == 1);
  CHECK(e.says<update_offer>().round == round_id{2});
}

TEST_CASE(
    "an evaluation is done and reported, and a failed one is reported as one without examples") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(1.0F);
  SUBCASE("done") {
    e.server_says(evaluation_request{{1}, edge_stage::id_of(model)});
    e.server_serves(model, e.says<model_request>());
    const auto report = e.says<evaluation_report>();
    CHECK(report.example_count == 4);
    CHECK(report.loss_sum == 2.0);
  }
  SUBCASE("failed") {
    e.engine->evaluate_instead = []() -> attempt<evaluation> {
      throw std::runtime_error("broken");
    };
    e.server_says(evaluation_request{{1}, edge_stage::id_of(model)});
    e.server_serves(model, e.says<model_request>());
    CHECK(e.says<evaluation_report>().example_count == 0);
  }
  CHECK(e.says_nothing());
}

TEST_CASE("a task that is given up while it still waits behind another one is not begun any more") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  std::vector<bool> was_stopped;
  e.engine->instead = [&](const std::stop_token& stop) {
    was_stopped.push_back(stop.stop_requested());
    if (was_stopped.size() ==
        1) { // round 2 comes and goes while the worker is busy with round 1 and more
      for (int i = 0; i < 10; ++i)
        caf::anon_send(e.roles->worker,
                       evaluate_task{99, {{99}, edge_stage::id_of(model)}, shared_bytes(model)});
      caf::anon_send(e.roles->trainer, round_closed{{1}, 0, "over"});
      caf::anon_send(e.roles->trainer, e.invitation_to(2, model));
      caf::anon_send(e.roles->trainer,
                     model_fetched{edge_stage::id_of(model), shared_bytes(model)});
      caf::anon_send(e.roles->trainer, round_closed{{2}, 0, "over"});
      caf::anon_send(e.roles->trainer, e.invitation_to(3, model));
      caf::anon_send(e.roles->trainer,
                     model_fetched{edge_stage::id_of(model), shared_bytes(model)});
    }
    return failure{.code = failure_code::cancelled, .detail = "asked to stop"};
  };
  e.server_says(e.invitation_to(1, model));
  CHECK(e.says<invitation_answer>().accepts == 1);
  e.server_serves(model, e.says<model_request>());
  CHECK(was_stopped == std::vector<bool>{false, false}); // rounds 1 and 3

  e.engine->instead = nullptr;
  e.does_acknowledge = false;
  while (e.links->next(1)) {
  }
  e.server_says(e.invitation_to(4, model));
  CHECK(e.says<invitation_answer>().accepts == 1);
  CHECK(e.says<update_offer>().round == round_id{4});
}

TEST_CASE("an edge that may not work says so, declines, and works again when it may") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.power->reading = {.battery_percent = 3, .charging = 0};
  e.pass(5s);
  const auto status = e.says<edge_status>();
  CHECK(status.eligible == 0);
  CHECK_FALSE(status.reason.empty());
  CHECK(status.power_mode == "critical");
  e.server_says(e.invitation_to(1, model));
  const auto answer = e.says<invitation_answer>();
  CHECK(answer.accepts == 0);
  CHECK(answer.reason == status.reason);

  // What it may do is said again on each connection.
  e.link_closes(1);
  e.link_opens(2);
  e.says<hello>("");
  e.server_says(welcome{.server = "server", .job = "job", .token = "tok", .token_seconds = 600});
  CHECK(e.says<edge_status>().eligible == 0);

  e.power->reading = {.battery_percent = 95, .charging = 1};
  e.pass(10min);
  edge_status last{.eligible = 0, .reason = {}, .power_mode = {}};
  while (auto frame = e.links->next(2)) {
    auto said = decode_edge_envelope(frame->message.kind, frame->message.head);
    REQUIRE(said);
    if (auto* news = std::get_if<edge_status>(&said->message))
      last = *news;
  }
  CHECK(last.eligible == 1);
  e.server_says(e.invitation_to(2, model));
  CHECK(e.says<invitation_answer>().accepts == 1);
}
