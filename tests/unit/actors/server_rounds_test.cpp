// Does a server take edges from their hello to the end of a job, frame by frame?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "server_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

const stage_setup with_evaluation{
    .evaluate_every = 1, .federated_evaluate_every = 1, .has_evaluator = true};

} // namespace

TEST_CASE("three edges fly two rounds, and the model is the weighted mean of what they trained") {
  flight f;
  const round_id first{1}, second{2};
  CHECK(f.task[1].round == first);
  CHECK(f.task[1].plan.epochs == 2);
  CHECK(f.task[1].milliseconds_left == 60'000);
  CHECK(f.task[1].plan.seed != f.task[2].plan.seed);
  CHECK(f.task[1].model == f.task[3].model);

  // Each fetches the model: four zeros.
  f.says(1, f.token[1], model_request{f.task[1].model, 0, 8});
  shared_bytes body;
  CHECK(f.hears<model_chunk>(1, &body).model == f.task[1].model.sha256);
  CHECK(body.size() == 16);
  CHECK(sha256(body.view()) == f.task[1].model.sha256);

  f.reports(1, f.token[1], first, 1.0F, 10);
  f.reports(2, f.token[2], first, 2.0F, 10);
  CHECK(f.hears_nothing(3));
  f.says(3, f.token[3], invitation_answer{first, 1, {}});
  const auto update = f.update_of(4.0F);
  f.says(3, f.token[3], f.offer_of(first, update, 20));
  f.hears<update_grant>(3);
  f.uploads(3, f.token[3], first, update);
  CHECK(f.hears_receipt(3).round == first);

  // The mean (10 x 1 + 10 x 2 + 20 x 4) / 40, and the next round begins with it.
  for (std::uint64_t link = 1; link <= 3; ++link) {
    CHECK(f.hears<round_closed>(link).committed == 1);
    f.task[link] = f.hears<invitation>(link);
    CHECK(f.task[link].round == second);
  }
  REQUIRE(f.store->saved.size() == 1);
  CHECK(f.store->saved[0].round == first);
  CHECK(f.store->saved[0].committed_count == 1);
  CHECK(f.store->saved[0].parameters == std::vector<float>(4, 2.75F));
  CHECK(f.store->saved[0].members.size() == 3);
  CHECK(f.store->saved[0].bytes_up == 48);
  CHECK(f.store->saved[0].bytes_down == 16);
  CHECK(f.task[1].model.sha256 == sha256(f.update_of(2.75F)));

  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], second, -1.0F);
  for (std::uint64_t link = 1; link <= 3; ++link)
    CHECK(f.hears<round_closed>(link).committed == 1);
  REQUIRE(f.observer->ended_because);
  CHECK(*f.observer->ended_because == "all rounds are done");
  CHECK(f.observer->final_model == std::vector<float>(4, 1.75F));
  REQUIRE(f.observer->rounds.size() == 2);
  CHECK(f.observer->rounds[1].during.bytes_up == 48);
  CHECK(f.observer->rounds[1].during.bytes_down == 0);
  for (std::uint64_t link = 1; link <= 3; ++link)
    CHECK(f.hears_nothing(link));
  CHECK(f.log->error_count == 0);
  CHECK(f.log->count("message.refused") == 0);
}

TEST_CASE("an update is counted once: a receipt first, then a refusal for the same") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  f.says(1, f.token[1], f.offer_of({1}, f.update_of(1.0F)));
  const auto no = f.hears<refused>(1);
  CHECK(no.why == refusal::duplicate);
  CHECK(no.round == 1);
  f.uploads(1, f.token[1], {1}, f.update_of(1.0F)); // nobody listens
  CHECK(f.hears_nothing(1));
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 1.0F));
}

TEST_CASE("the same updates give the same bits whatever their order") {
  std::vector<std::vector<float>> models;
  for (const auto& order : {std::vector<std::uint64_t>{1, 2, 3}, {3, 1, 2}, {2, 3, 1}}) {
    flight f({.round_count = 1});
    for (auto link : order)
      f.reports(link, f.token[link], {1}, 0.1F * static_cast<float>(link), 7 * link);
    models.push_back(f.observer->final_model);
  }
  CHECK(models[0] == models[1]);
  CHECK(models[0] == models[2]);
}

TEST_CASE("a held-out set that fails costs the round its figures, and the run goes on") {
  flight f({.round_count = 2, .evaluate_every = 1, .has_evaluator = true});
  f.held_out->throws = true;
  for (const round_id round : {round_id{1}, round_id{2}}) {
    for (std::uint64_t link = 1; link <= 3; ++link)
      f.reports(link, f.token[link], round, 0.25F);
    for (std::uint64_t link = 1; link <= 3; ++link) {
      CHECK(f.hears<round_closed>(link).committed == 1);
      if (round.value < 2)
        f.hears<invitation>(link);
    }
  }
  REQUIRE(f.observer->rounds.size() == 2);
  CHECK_FALSE(f.observer->rounds[0].central);
  CHECK(f.log->count("evaluation.failed") == 2);
  CHECK(f.observer->ended_because == "all rounds are done");
}

TEST_CASE("at the deadline the round ends without the one that never reported, and it is told") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 3.0F);
  f.pass(59s);
  CHECK(f.observer->rounds.empty());
  f.pass(1s);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.observer->rounds[0].end.committed);
  CHECK(f.observer->rounds[0].end.cohort.at({"c"}).reason == "deadline passed");
  CHECK(f.hears<round_closed>(3).reason == "deadline passed");
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 2.0F));
}

TEST_CASE("a round with too few updates is abandoned, everybody is told, and after a pause the "
          "next one begins") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  f.pass(60s);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK_FALSE(f.observer->rounds[0].end.committed);
  for (std::uint64_t link = 1; link <= 3; ++link) {
    const auto closed = f.hears<round_closed>(link);
    CHECK(closed.committed == 0);
    CHECK(closed.reason == "too few updates: 1 of at least 2");
    CHECK(f.hears_nothing(link));
  }
  CHECK(f.store->saved.at(0).round == round_id{1});
  CHECK(f.store->saved.at(0).committed_count == 0);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 0.0F));
  f.pass(1s);
  for (std::uint64_t link = 1; link <= 3; ++link)
    CHECK(f.hears<invitation>(link).round == round_id{2});
}

TEST_CASE("one who declines is not waited for") {
  flight f;
  f.says(3, f.token[3], invitation_answer{{1}, 0, "low battery"});
  f.reports(1, f.token[1], {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 1.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.observer->rounds[0].end.cohort.at({"c"}).reason == "low battery");
}

TEST_CASE("an edge lost in the middle of its upload costs the round only itself") {
  const std::size_t count = 100'000; // four chunks
  flight f({.parameter_count = count, .round_count = 1});
  const auto update = f.update_of(2.0F);
  f.says(3, f.token[3], f.offer_of({1}, update));
  f.hears<update_grant>(3);
  f.uploads(3, f.token[3], {1}, update, 0, 2);
  f.disconnects(3);
  f.reports(1, f.token[1], {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 3.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.observer->rounds[0].end.cohort.at({"c"}).reason == "connection lost");
  CHECK(f.observer->final_model == std::vector<float>(count, 2.0F));
}

TEST_CASE("an edge that comes back in time has its turn again and is counted") {
  flight f({.parameter_count = 100'000, .round_count = 1});
  const auto update = f.update_of(2.0F);
  f.says(3, f.token[3], f.offer_of({1}, update));
  f.hears<update_grant>(3);
  f.uploads(3, f.token[3], {1}, update, 0, 2);
  f.disconnects(3);
  f.token[3] = f.enrols(33, "c");
  f.hears<update_grant>(33); // its offer stands
  f.uploads(33, f.token[3], {1}, update);
  CHECK(f.hears_receipt(33).round == round_id{1});
  f.reports(1, f.token[1], {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 3.0F);
  CHECK(f.observer->rounds.at(0).end.cohort.at({"c"}).at == round::progress::reported);
}

TEST_CASE(
    "a slow upload gives way and gets another turn; what it had sent before does it no harm") {
  flight f({.parameter_count = 100'000, .upload_count_max = 1, .round_count = 1});
  const auto update = f.update_of(2.0F);
  f.says(1, f.token[1], f.offer_of({1}, update));
  f.hears<update_grant>(1);
  f.uploads(1, f.token[1], {1}, update, 0, 2);
  f.says(2, f.token[2], f.offer_of({1}, update));
  CHECK(f.hears_nothing(2));
  f.pass(15s);
  f.hears<update_grant>(2);
  f.uploads(2, f.token[2], {1}, update);
  f.hears_receipt(2);
  f.hears<update_grant>(1);                                          // its turn again
  f.uploads(1, f.token[1], {1}, update, 2 * limits::chunk_bytes, 1); // was on its way still
  f.uploads(1, f.token[1], {1}, update);
  CHECK(f.hears_receipt(1).round == round_id{1});
}

TEST_CASE("with evaluation the round waits for the reporters and for the held-out set") {
  flight f(with_evaluation);
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 0.5F);
  CHECK(f.held_out->count == 1);
  CHECK(f.observer->rounds.empty());
  for (std::uint64_t link = 1; link <= 3; ++link) {
    const auto request = f.hears<evaluation_request>(link);
    CHECK(request.round == round_id{1});
    CHECK(request.model.sha256 == sha256(f.update_of(0.5F)));
    f.says(link, f.token[link], model_request{request.model, 0, 1});
    f.hears<model_chunk>(link);
    f.says(link, f.token[link], evaluation_report{{1}, 10, 5, 7.0});
  }
  REQUIRE(f.observer->rounds.size() == 1);
  const auto& round = f.observer->rounds[0];
  REQUIRE(round.central);
  CHECK(round.central->accuracy() == 0.5);
  REQUIRE(round.end.cohort.at({"a"}).evaluated);
  CHECK(round.end.cohort.at({"a"}).evaluated->loss_sum == 7.0);
}

TEST_CASE("an edge that may not work is not invited, and is again when it may") {
  server_stage s({.cohort_min = 1, .wait_for = 2});
  const auto a = s.enrols(1, "a");
  s.says(1, a, edge_status{.eligible = 0, .reason = "hot", .power_mode = "critical"});
  const auto b = s.enrols(2, "b");
  CHECK(s.hears_nothing(2));
  s.says(1, a, edge_status{.eligible = 1, .reason = {}, .power_mode = "balanced"});
  CHECK(s.hears<invitation>(1).round == round_id{1});
  CHECK(s.hears<invitation>(2).round == round_id{1});
}

TEST_CASE("while the disk is full a round is suspended, says so, and nobody is told it is over") {
  flight f;
  f.store->is_full = true;
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 1.0F);
  CHECK(f.hears_nothing(1));
  REQUIRE(f.observer->failures.size() == 1);
  CHECK(f.observer->failures[0].code == failure_code::no_space);
  CHECK(f.log->count("journal.suspended") == 1);
  f.pass(10s);
  CHECK(f.log->count("journal.suspended") == 1);
  f.store->is_full = false;
  f.pass(1s);
  CHECK(f.hears<round_closed>(1).committed == 1);
  CHECK(f.hears<invitation>(1).round == round_id{2});
  CHECK(f.log->count("journal.resumed") == 1);
}

TEST_CASE("an update that cannot be written down gets no receipt before it can") {
  flight f;
  f.says(1, f.token[1], invitation_answer{{1}, 1, {}});
  const auto update = f.update_of(1.0F);
  f.says(1, f.token[1], server_stage::offer_of({1}, update));
  f.hears<update_grant>(1);
  f.journal->is_full = true;
  f.uploads(1, f.token[1], {1}, update);
  CHECK(f.hears_nothing(1));
  f.journal->is_full = false;
  f.pass(1s);
  CHECK(f.hears_receipt(1).round == round_id{1});
}

TEST_CASE(
    "a server that is started again goes on behind its last round once its patience is over") {
  server_stage s({.wait_for = 3, .round_count = 9, .last = {4}, .committed_count = 4});
  s.enrols(1, "a");
  s.enrols(2, "b");
  CHECK(s.hears_nothing(1));
  s.pass(5s);
  CHECK(s.hears<invitation>(1).round == round_id{5});
}

TEST_CASE(
    "a job that is over says so at once when its server is started again, and invites nobody") {
  server_stage s({.round_count = 4, .last = {4}, .committed_count = 4});
  CHECK(s.observer->ended_because == "all rounds are done");
  for (std::uint64_t link = 1; link <= 3; ++link)
    s.enrols(link, std::string(1, static_cast<char>('a' + link)));
  CHECK(s.hears_nothing(1));
}

TEST_CASE(
    "an edge that leaves while the cohort is chosen is known to be gone, and not waited for") {
  // The third hello and the loss of the first edge race each other: try every lead that one can
  // have.
  int raced = 0;
  for (int lead = 0; lead < 12; ++lead) {
    server_stage s({.cohort_min = 2, .round_count = 1});
    s.enrols(1, "a");
    const auto b = s.enrols(2, "b");
    s.connects(3, "c");
    auto there = encode(edge_envelope{"", s.greeting("c")});
    caf::anon_send(s.roles->gateway, link_frame{3, there.kind, there.head, {}});
    s.deliver(static_cast<std::size_t>(lead));
    caf::anon_send(s.roles->gateway, link_closed{1, "reset"});
    s.deliver();
    const auto c = s.hears<welcome>(3).token;
    if (s.hears_nothing(3))
      continue; // it left before the round could begin
    ++raced;
    s.hears<invitation>(2);
    s.hears<invitation>(3);
    s.delivers(2, b, {1}, 1.0F);
    s.delivers(3, c, {1}, 1.0F);
    CHECK(s.observer->rounds.size() == 1); // and no deadline had to pass
  }
  CHECK(raced > 3);
}
