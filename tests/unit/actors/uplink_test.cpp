// Does the edge's one link survive everything: lost connections, stale tokens, lying servers?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "edge_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

TEST_CASE("nothing but a hello is said before the welcome") {
  edge_stage e;
  e.link_opens(1);
  e.says<hello>("");
  e.pass(1h);
  e.tell(e.roles->uplink, edge_status{});
  CHECK(e.says_nothing());
}

TEST_CASE(
    "the token is renewed when two thirds of its life are over, once, and goes with every word") {
  edge_stage e;
  e.enrols(1);
  e.pass(399s);
  CHECK(e.says_nothing());
  e.pass(2s);
  e.says<token_renewal>("tok");
  e.server_says(token_grant{.token = "fresh", .token_seconds = 600});
  e.server_says(e.invitation_to(1, e.model_of(0.0F)));
  e.says<invitation_answer>("fresh");
  e.says<model_request>("fresh");
  e.pass(399s);
  CHECK(e.says_nothing());
  e.pass(2s);
  e.says<token_renewal>("fresh");
  CHECK(e.says_nothing());
}

TEST_CASE("reconnects do not make it renew more often") {
  edge_stage e;
  for (std::uint64_t link = 1; link <= 5; ++link) {
    e.enrols(link);
    e.pass(10s);
    e.link_closes(link);
  }
  e.enrols(6);
  int renewals = 0;
  for (int i = 0; i < 4000; ++i) {
    e.pass(1s);
    while (!e.says_nothing()) {
      e.says<token_renewal>();
      ++renewals;
      e.server_says(token_grant{.token = "tok", .token_seconds = 600});
    }
  }
  CHECK(renewals == 9); // every 400.2 s
}

TEST_CASE("a lost connection costs an update nothing: its offer is said until it is acknowledged, "
          "and its bytes are sent whenever they are granted") {
  edge_stage e(100'000);
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.does_acknowledge = false;
  const auto offer = e.trains(1, model);
  SUBCASE("lost before the grant") {}
  SUBCASE("lost while it uploads") {
    e.server_says(update_grant{{1}});
    e.says<update_chunk>();
  }
  e.link_closes(1);
  e.does_acknowledge = true;
  e.enrols(2);
  CHECK(e.says<invitation_answer>().letter.number == 1);
  const auto again = e.says<update_offer>();
  CHECK(again.update == offer.update);
  CHECK(again.letter == offer.letter);
  e.link_closes(2);
  e.enrols(3);
  CHECK(e.says_nothing()); // it is acknowledged
  e.server_says(update_grant{{1}});
  std::uint64_t next = 0;
  while (next < offer.update.byte_count) {
    if (e.says_nothing())
      e.tell(e.roles->uplink, link_drained{3});
    shared_bytes body;
    CHECK(e.says<update_chunk>("tok", &body).offset == next);
    next += body.size();
  }
  CHECK(e.says_nothing());
  e.server_says(receipt{{1}, {}});
  e.server_says(update_grant{{1}});
  CHECK(e.says_nothing());
}

TEST_CASE("training goes on while there is no connection, and is offered on the next one") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.server_says(e.invitation_to(1, model));
  e.says<invitation_answer>();
  const auto request = e.says<model_request>();
  e.server_says_later(model_chunk{sha256(model), request.offset}, model);
  caf::anon_send(e.roles->uplink, link_closed{1, "reset"});
  e.deliver();
  CHECK(e.says_nothing());
  e.enrols(2);
  CHECK(e.says<update_offer>().round == round_id{1});
}

TEST_CASE("a model whose transfer was cut off is asked for again from where it stopped") {
  edge_stage e(400'000); // 13 chunks
  e.enrols(1);
  const auto model = e.model_of(1.0F);
  e.server_says(e.invitation_to(1, model));
  e.says<invitation_answer>();
  e.server_serves(model, e.says<model_request>(), 3);
  CHECK(e.says_nothing());
  e.link_closes(1);
  e.enrols(2);
  auto request = e.says<model_request>();
  CHECK(request.offset == 3 * limits::chunk_bytes);
  CHECK(e.says_nothing());
  e.server_serves(model, request);
  while (true) {
    auto frame = e.links->next(2);
    REQUIRE(frame);
    auto said = decode_edge_envelope(frame->message.kind, frame->message.head);
    REQUIRE(said);
    if (auto* more = std::get_if<model_request>(&said->message)) {
      e.server_serves(model, *more);
    } else {
      CHECK(std::holds_alternative<update_offer>(said->message));
      break;
    }
  }
}

TEST_CASE("a model of the wrong bytes, or of another length than promised, is not taken") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(1.0F);
  SUBCASE("wrong bytes") {
    e.server_says(e.invitation_to(1, model));
    CHECK(e.says<invitation_answer>().accepts == 1);
    e.says<model_request>();
    e.server_says(model_chunk{sha256(model), 0}, e.model_of(2.0F));
  }
  SUBCASE("too many bytes") {
    e.server_says(e.invitation_to(1, model));
    CHECK(e.says<invitation_answer>().accepts == 1);
    e.says<model_request>();
    e.server_says(model_chunk{sha256(model), 0}, bytes(17));
  }
  SUBCASE("a length that is not its model's") {
    e.server_says(e.invitation_to(1, bytes(4'000'000'000 / 1'000'000)));
    CHECK(e.says<invitation_answer>().accepts == 1);
  }
  SUBCASE("unknown to the server itself") {
    e.server_says(e.invitation_to(1, model));
    CHECK(e.says<invitation_answer>().accepts == 1);
    e.says<model_request>();
    e.server_says(refused{.round = 0, .why = refusal::unknown_model, .detail = {}});
  }
  const auto answer = e.says<invitation_answer>();
  CHECK(answer.accepts == 0);
  CHECK(answer.reason == "the model could not be fetched");
  CHECK(e.engine->train_count == 0);
}

TEST_CASE("a token that is not good any more is replaced by enrolling again") {
  edge_stage e;
  e.enrols(1);
  e.server_says(refused{.round = 0, .why = refusal::token_expired, .detail = {}});
  CHECK(e.links->closed.contains(1));
  e.link_closes(1);
  e.enrols(2, "another");
  e.server_says(e.invitation_to(1, e.model_of(0.0F)));
  e.says<invitation_answer>("another");
}

TEST_CASE("frames of a link that is over, and bytes that are no message, are not listened to") {
  edge_stage e;
  e.enrols(1);
  e.link_closes(1);
  e.server_says(e.invitation_to(1, e.model_of(0.0F))); // over link 1
  CHECK(e.says_nothing());
  e.enrols(2);
  e.tell(e.roles->uplink, link_frame{2, server_kind_first + 3, bytes(7), {}});
  e.tell(e.roles->uplink, link_frame{2, edge_kind_first, bytes(7), {}});
  CHECK(e.says_nothing());
  CHECK(e.log->count("message.refused") == 2);
  e.link_closes(1); // late news
  e.server_says(e.invitation_to(1, e.model_of(0.0F)));
  CHECK(e.says<invitation_answer>().accepts == 1);
}

TEST_CASE("what the server refuses for the round ends it for the edge; the next invitation finds "
          "it ready") {
  edge_stage e;
  e.enrols(1);
  const auto model = e.model_of(0.0F);
  e.trains(1, model);
  e.server_says(refused{.round = 1, .why = refusal::value_out_of_range, .detail = {}});
  e.server_says(update_grant{{1}});
  CHECK(e.says_nothing());
  e.server_says(e.invitation_to(2, model));
  CHECK(e.says<invitation_answer>().accepts == 1);
  CHECK(e.says<update_offer>().round == round_id{2});
}
