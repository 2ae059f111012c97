// Does an edge lose nothing and do nothing twice, whatever its link, its disk and its life do?
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/edge_journal.hpp>

#include "edge_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

/// Everything that is on its way is heard, and what it says does not matter.
void hear_all(edge_stage& e) {
  while (auto frame = e.links->next(e.current)) {
  }
}

bool has_task(const std::vector<journal_record>& records) {
  bool found = false;
  for (const auto& record : records) {
    const auto line = decode_edge_line(record.head);
    REQUIRE(line);
    found = found || std::holds_alternative<noted::task_taken>(line->what);
    if (std::holds_alternative<noted::task_over>(line->what))
      found = false;
  }
  return found;
}

bool has_update(const std::vector<journal_record>& records) {
  bool found = false;
  for (const auto& record : records)
    found = found || !record.body.empty();
  return found && has_task(records);
}

} // namespace

TEST_CASE("an edge that is killed at any record of its journal goes on: a trained update is sent "
          "from its disk, an untrained task is trained, and a round that is over is over") {
  auto journal = std::make_shared<fake_journal>();
  auto models = std::make_shared<fake_models>();
  const bytes model = [] {
    edge_stage other;
    return other.model_of(2.0F);
  }();
  {
    edge_stage e({.journal = journal, .models = models});
    e.enrols(1);
    e.trains(1, model);
    e.server_says(update_grant{{1}});
    e.server_says(receipt{{1}, {1, 0}});
    CHECK(e.says<letters_heard>().number == 1);
  }
  const auto whole = journal->records;
  REQUIRE(whole.size() >= 7);
  for (std::size_t count = 0; count <= whole.size(); ++count) {
    CAPTURE(count);
    auto left = std::make_shared<fake_journal>();
    left->records.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count));
    const bool is_trained = has_update(left->records), is_taken = has_task(left->records);
    edge_stage e({.journal = left, .models = models});
    e.does_acknowledge = false;
    CHECK(e.engine->train_count == (is_taken && !is_trained ? 1 : 0)); // offline, from its disk
    e.enrols(1);
    hear_all(e);
    e.server_says(e.invitation_to(1, model)); // said again, by a server that knows of no answer
    const bool is_fresh = !is_taken;
    CHECK(e.engine->train_count == (is_trained ? 0 : 1));
    CHECK(e.log->count("update.restored") == (is_trained ? 1 : 0));
    CHECK(e.log->count("task.restored") == (is_taken && !is_trained ? 1 : 0));
    if (is_fresh)
      CHECK(e.says<update_offer>().update == edge_stage::id_of(e.model_of(1.0F)));
    hear_all(e);
    e.server_says(update_grant{{1}});
    shared_bytes body;
    e.says<update_chunk>("tok", &body);
    CHECK(std::ranges::equal(body.view(), e.model_of(1.0F)));
    CHECK(e.log->error_count == 0);
  }
}

TEST_CASE("a receipt that comes twice counts once, and is acknowledged twice") {
  edge_stage e;
  e.enrols(1);
  e.trains(1, e.model_of(0.0F));
  e.server_says(receipt{{1}, {1, 0}});
  CHECK(e.says<letters_heard>().number == 1);
  e.link_closes(1);
  const auto greeting = e.enrols(2);
  CHECK(greeting.heard == 1);
  CHECK(greeting.server_mailbox == e.mailbox);
  e.server_says(receipt{{1}, {1, 0}});
  CHECK(e.says<letters_heard>().number == 1);
  CHECK(e.log->count("update.counted") == 1);
  e.server_says(round_closed{{1}, 1, {}, {3, 2}}); // the second is missing
  CHECK(e.says_nothing());
}

TEST_CASE(
    "with a full disk an edge begins nothing new and says so; with room it goes on by itself") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.journal->is_full = true;
  e.server_says(e.invitation_to(1, model));
  e.server_serves(model, e.says<model_request>());
  e.pass(10s);
  CHECK(e.log->count("journal.suspended") == 1);
  CHECK(e.engine->train_count == 0);
  const auto status = e.says<edge_status>();
  CHECK(status.eligible == 0);
  CHECK(status.reason == "its disk takes nothing");
  CHECK(e.says_nothing()); // no answer either
  e.journal->is_full = false;
  e.pass(1s);
  CHECK(e.says<invitation_answer>().accepts == 1);
  CHECK(e.says<edge_status>().eligible == 1);
  CHECK(e.says<update_offer>().round == round_id{1});
  CHECK(e.engine->train_count == 1);
}

TEST_CASE("an update that is trained while the disk is full is offered when there is room") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.server_says(e.invitation_to(1, model));
  e.says<invitation_answer>();
  e.journal->is_full = true;
  e.server_serves(model, e.says<model_request>());
  CHECK(e.engine->train_count == 1);
  e.pass(5s);
  e.says<edge_status>();
  CHECK(e.says_nothing());
  e.journal->is_full = false;
  e.pass(1s);
  CHECK(e.says<update_offer>().round == round_id{1});
}

TEST_CASE("a task whose model never came is given up when its lease is over, and that is said on "
          "the next connection") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.server_says(e.invitation_to(1, model));
  e.says<invitation_answer>();
  e.says<model_request>();
  e.pass(1h); // a connection is a word of the server
  e.link_closes(1);
  e.pass(119s);
  SUBCASE("the lease still lasts") {
    e.enrols(2);
    e.server_serves(model, e.says<model_request>());
    CHECK(e.says<update_offer>().round == round_id{1});
  }
  SUBCASE("the lease is over") {
    e.pass(2s);
    e.enrols(2);
    const auto answer = e.says<invitation_answer>();
    CHECK(answer.accepts == 0);
    CHECK(answer.reason.find("lease") != std::string::npos);
  }
  CHECK(e.says_nothing());
}

TEST_CASE("in mode online training stops with the connection and begins anew with it") {
  edge_stage e({.sync = {.mode = sync_mode::online}});
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.engine->instead = [&](const std::stop_token&) -> attempt<training_outcome> {
    caf::anon_send(e.roles->trainer, uplink_down{}); // while it trains
    return training_outcome{.example_count = 10, .step_count = 1, .loss = 0.5};
  };
  e.server_says(e.invitation_to(1, model));
  e.says<invitation_answer>();
  e.server_serves(model, e.says<model_request>());
  CHECK(e.engine->train_count == 1);
  CHECK(e.says_nothing());
  e.engine->instead = nullptr;
  e.link_closes(1);
  e.enrols(2);
  CHECK(e.engine->train_count == 2);
  CHECK(e.says<update_offer>().round == round_id{1});
}

TEST_CASE(
    "by schedule an edge is told to dial at the beginning of a window and to rest at its end") {
  edge_stage e({.sync = {.mode = sync_mode::scheduled, .every = 6h, .lasts = 10min}});
  CHECK(e.dials->dial_count == 1);
  e.pass(9min);
  CHECK(e.dials->rest_count == 0);
  e.pass(1min);
  CHECK(e.dials->rest_count == 1);
  e.pass(5h + 49min);
  CHECK(e.dials->dial_count == 1);
  e.pass(1min);
  CHECK(e.dials->dial_count == 2);
  edge_stage always;
  always.pass(24h);
  CHECK(always.dials->dial_count + always.dials->rest_count == 0);
}

TEST_CASE("letters that waited for too long are given up, and the log says so") {
  edge_stage e({.mail = {.age_max = 1h}});
  e.enrols(1);
  e.does_acknowledge = false;
  e.trains(1, e.model_of(0.0F));
  e.link_closes(1);
  e.pass(59min);
  CHECK(e.log->count("letter.dropped") == 0);
  e.pass(2min);
  CHECK(e.log->count("letter.dropped") == 2);
  e.enrols(2);
  CHECK(e.says_nothing());
  e.server_says(update_grant{{1}});
  CHECK(e.says_nothing()); // the update is gone, too
}

TEST_CASE("a server that has lost its memory is offered the update that is held") {
  edge_stage e;
  e.enrols(1);
  const auto offer = e.trains(1, e.model_of(0.0F));
  e.server_says(round_closed{{9}, 0, {}, {5, 0}});
  e.link_closes(1);
  e.mailbox = 901;
  e.heard = 0;
  e.enrols(2);
  CHECK(e.says<update_offer>().update == offer.update);
}

TEST_CASE("a journal of another edge, and a mailbox that no update fits into, are refused") {
  auto journal = std::make_shared<fake_journal>();
  { edge_stage e({.journal = journal}); }
  edge_stage e;
  edge_setup setup;
  setup.log = e.log;
  setup.journal = journal;
  setup.found = journal->found();
  setup.greeting = {.client = {"b"}, .model = "toy", .parameter_count = 4, .features = {}};
  auto why = spawn_edge(e.system(), setup);
  REQUIRE_FALSE(why);
  CHECK(why.why().code == failure_code::bad_config);
  CHECK(why.why().detail.find("is that of the edge a") != std::string::npos);
  setup.found.clear();
  setup.greeting.parameter_count = 1'000'000;
  setup.mail.bytes_max = 4'000'000;
  why = spawn_edge(e.system(), setup);
  REQUIRE_FALSE(why);
  CHECK(why.why().detail.find("mailbox.bytes is 4000000") != std::string::npos);
}
