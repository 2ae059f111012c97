// Does the gateway keep the edges apart from their links, when links come, go and overlap?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "server_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

/// What a person would see: how many edges are there.
std::uint32_t present(server_stage& s) {
  s.connects(99, "someone", role::person);
  const auto question = encode(person_message{status_request{}});
  s.tell(s.roles->gateway, link_frame{99, question.kind, question.head, {}});
  return s.hears<status_reply>(99).edges_present;
}

/// Puts a hello into the gateway's mailbox without letting anything happen.
void greet_later(server_stage& s, std::uint64_t link, const std::string& name) {
  caf::anon_send(s.roles->gateway, link_opened{link, role::edge, name,
                                               server_stage::certificate_of(name), "10.0.0.1:1"});
  auto there = encode(edge_envelope{"", s.greeting(name)});
  caf::anon_send(s.roles->gateway, link_frame{link, there.kind, there.head, {}});
}
void close_later(server_stage& s, std::uint64_t link) {
  caf::anon_send(s.roles->gateway, link_closed{link, "reset"});
}

} // namespace

TEST_CASE("a second connection of an edge takes the place of the first, which is closed") {
  flight f;
  const auto token = f.enrols(11, "a");
  CHECK(f.links->closed.contains(1));
  CHECK(present(f) == 3);
  f.says(1, f.token[1], edge_status{}); // nobody is there any more
  CHECK(f.hears_nothing(1));
  f.disconnects(1); // and its end is no news
  CHECK(present(f) == 3);
  CHECK(f.hears<invitation>(11).round == round_id{1}); // in case that it does not know any more
  f.delivers(11, token, {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.observer->rounds.at(0).end.cohort.at({"a"}).at == round::progress::reported);
}

TEST_CASE("an upload over the first connection is lost with it and begins anew over the second") {
  flight f({.parameter_count = 100'000});
  const auto update = f.update_of(1.0F);
  f.says(1, f.token[1], f.offer_of({1}, update));
  f.hears<update_grant>(1);
  f.uploads(1, f.token[1], {1}, update, 0, 2);
  const auto token = f.enrols(11, "a");
  f.hears<update_grant>(11);
  f.uploads(11, token, {1}, update, 2 * limits::chunk_bytes, 1); // sent for the first connection
  CHECK(f.hears_nothing(11));
  f.uploads(11, token, {1}, update);
  CHECK(f.hears_receipt(11).round == round_id{1});
}

TEST_CASE("a link that dies while its hello is looked at leaves nobody behind") {
  server_stage s;
  greet_later(s, 1, "a");
  close_later(s, 1);
  s.deliver();
  CHECK(present(s) == 0);
  CHECK(s.log->count("edge.left") == 1);
  CHECK(s.hears_nothing(1));
}

TEST_CASE("an edge that reconnects while its first hello is looked at is there") {
  server_stage s;
  greet_later(s, 1, "a");
  close_later(s, 1);
  greet_later(s, 2, "a");
  s.deliver();
  CHECK(s.hears_nothing(1));
  s.hears<welcome>(2);
  CHECK(present(s) == 1);
  s.disconnects(2);
  CHECK(present(s) == 0);
}

TEST_CASE(
    "an old link that ends while the new one's hello is looked at does not take the edge away") {
  flight f;
  greet_later(f, 11, "a");
  close_later(f, 1);
  f.deliver();
  const auto token = f.hears<welcome>(11).token;
  CHECK(present(f) == 3);
  // The round knows that the connection was lost, and takes the edge up again.
  f.hears<invitation>(11);
  f.delivers(11, token, {1}, 1.0F);
  f.disconnects(11);
  CHECK(present(f) == 2);
}

TEST_CASE("a process that was started again over an overlapping link is invited to the round that "
          "it knows nothing of") {
  flight f;
  greet_later(f, 11, "a");
  close_later(f, 1);
  f.deliver();
  const auto token = f.hears<welcome>(11).token;
  CHECK(f.hears<invitation>(11).round == round_id{1});
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.observer->rounds.empty());
  f.reports(11, token, {1}, 1.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  f.hears<round_closed>(11);
  CHECK(f.hears<invitation>(11).round == round_id{2});
}

TEST_CASE("an impostor's refused hello does not take the real edge away") {
  flight f;
  f.tell(f.roles->gateway,
         link_opened{66, role::edge, "a", server_stage::certificate_of("another"), "10.6.6.6:1"});
  f.says(66, "", f.greeting("a"));
  CHECK(f.hears_refusal(66) == "identity_mismatch closes");
  f.disconnects(66);
  CHECK(present(f) == 3);
  f.reports(1, f.token[1], {1}, 1.0F);
}

TEST_CASE("an answer for a link that died meanwhile goes nowhere, and the server lives") {
  flight f;
  auto there = encode(edge_envelope{f.token[1], token_renewal{}});
  caf::anon_send(f.roles->gateway, link_frame{1, there.kind, there.head, {}});
  there = encode(edge_envelope{f.token[1], server_stage::offer_of({9}, f.update_of(1.0F))});
  caf::anon_send(f.roles->gateway, link_frame{1, there.kind, there.head, {}});
  close_later(f, 1);
  f.deliver();
  CHECK(present(f) == 2);
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.observer->rounds.at(0).end.committed);
}

TEST_CASE("a large model goes out in bursts, as fast as the link takes them") {
  const std::size_t count = 400'000; // 1.6 MB: 13 chunks
  flight f({.parameter_count = count});
  f.says(1, f.token[1], model_request{f.task[1].model, 0, 100});
  bytes got;
  int bursts = 0;
  while (got.size() < 4 * count) {
    std::size_t chunks = 0;
    while (!f.hears_nothing(1)) {
      shared_bytes body;
      CHECK(f.hears<model_chunk>(1, &body).offset == got.size());
      got.insert(got.end(), body.view().begin(), body.view().end());
      ++chunks;
    }
    REQUIRE(chunks > 0);
    CHECK(chunks <= 4);
    ++bursts;
    f.tell(f.roles->gateway, link_drained{1});
  }
  CHECK(bursts == 4);
  CHECK(sha256(got) == f.task[1].model.sha256);
  f.tell(f.roles->gateway, link_drained{1});
  CHECK(f.hears_nothing(1));
}

TEST_CASE("an edge that asks and does not read cannot pile up more than its bound") {
  flight f({.parameter_count = 400'000});
  for (int i = 0; i < 40; ++i)
    f.says(1, f.token[1], model_request{f.task[1].model, 0, 1});
  std::size_t chunks = 0, refusals = 0;
  while (auto frame = f.links->next(1)) {
    const auto message = decode_server_message(frame->message.kind, frame->message.head);
    REQUIRE(message);
    chunks += std::holds_alternative<model_chunk>(*message);
    refusals += std::holds_alternative<refused>(*message);
  }
  CHECK(chunks <= 4);
  CHECK(refusals >= 20);
}

TEST_CASE("the model of the round before is still served to those who are late") {
  flight f;
  const auto old = f.task[1].model;
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 1.0F);
  f.hears<round_closed>(1);
  const auto newer = f.hears<invitation>(1).model;
  REQUIRE_FALSE(newer == old);
  for (const auto& model : {old, newer}) {
    f.says(1, f.token[1], model_request{model, 0, 1});
    CHECK(f.hears<model_chunk>(1).model == model.sha256);
    f.tell(f.roles->gateway, link_drained{1});
  }
}
