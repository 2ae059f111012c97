// Does a server refuse what no edge of this job may say, with the reason, and go on unharmed?
#include <chrono>
#include <limits>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "server_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

/// The round is as good as before: all three report, and it is committed with their mean.
void check_unharmed(flight& f) {
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 1.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 1.0F));
}

} // namespace

TEST_CASE("before its hello is answered an edge is heard by nobody, and its link is closed") {
  server_stage s;
  s.connects(1, "a");
  s.says(1, "token-1-a", edge_status{});
  CHECK(s.hears_refusal(1) == "not_enrolled closes");
}

TEST_CASE("a hello that does not fit is refused with its reason, and the link is closed") {
  server_stage s;
  auto greeting = s.greeting("a");
  std::string expected;
  SUBCASE("protocol") {
    greeting.protocol = 99;
    expected = "protocol_mismatch closes";
  }
  SUBCASE("another's name") {
    greeting.client = {"b"};
    expected = "identity_mismatch closes";
  }
  SUBCASE("another model") {
    greeting.model = "cnn";
    expected = "wrong_job closes";
  }
  SUBCASE("another number of parameters") {
    greeting.parameter_count = 5;
    expected = "wrong_job closes";
  }
  s.connects(1, "a");
  s.says(1, "", greeting);
  CHECK(s.hears_refusal(1) == expected);
  CHECK(s.log->count("edge.enrolled") == 0);
  CHECK(s.log->count("edge.left") == 0);
}

TEST_CASE("a certificate of another role is no edge's") {
  server_stage s;
  s.connects(1, "server-2", role::server);
  CHECK(s.hears_refusal(1) == "wrong_role closes");
  s.says(1, "", s.greeting("server-2")); // and is not heard after that
  CHECK(s.hears_nothing(1));
}

TEST_CASE("a person may ask how things stand, and may say nothing else") {
  flight f;
  f.connects(9, "someone", role::person);
  const auto question = encode(person_message{status_request{}});
  f.tell(f.roles->gateway, link_frame{9, question.kind, question.head, {}});
  const auto status = f.hears<status_reply>(9);
  CHECK(status.job == "first flight");
  CHECK(status.phase == "recruiting");
  CHECK(status.round == 1);
  CHECK(status.invited == 3);
  CHECK(status.edges_present == 3);
  CHECK(status.milliseconds_to_deadline == 60'000);
  f.says(9, "", f.greeting("someone"));
  CHECK(f.hears_refusal(9) == "wrong_role closes");
  check_unharmed(f);
}

TEST_CASE("an edge may not ask what a person may") {
  flight f;
  const auto question = encode(person_message{status_request{}});
  f.tell(f.roles->gateway, link_frame{1, question.kind, question.head, {}});
  CHECK(f.hears_refusal(1) == "wrong_role closes");
}

TEST_CASE("the status tells the phase truly, also between two rounds and at the end") {
  flight f({.round_count = 1});
  f.connects(9, "someone", role::person);
  const auto asked = [&f] {
    const auto question = encode(person_message{status_request{}});
    f.tell(f.roles->gateway, link_frame{9, question.kind, question.head, {}});
    return f.hears<status_reply>(9);
  };
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.says(link, f.token[link], invitation_answer{{1}, 1, {}});
  CHECK(asked().phase == "collecting");
  CHECK(asked().accepted == 3);
  f.pass(60s); // abandoned
  CHECK(asked().phase == "waiting");
  f.pass(1s);
  for (std::uint64_t link = 1; link <= 3; ++link) {
    f.hears<round_closed>(link);
    f.hears<invitation>(link);
    f.reports(link, f.token[link], {2}, 1.0F);
  }
  const auto over = asked();
  CHECK(over.phase == "finished");
  CHECK(over.note == "all rounds are done");
  CHECK(over.committed_count == 1);
  CHECK(over.has_loss == 1);
  CHECK(over.loss == 0.5);
}

TEST_CASE("at every moment of a round's end the status names a phase that there is") {
  std::set<std::string> phases;
  for (std::size_t lead = 0; lead < 60; ++lead) {
    flight f({.round_count = 2, .evaluate_every = 1, .has_evaluator = true});
    f.connects(9, "someone", role::person);
    for (std::uint64_t link = 1; link <= 2; ++link)
      f.reports(link, f.token[link], {1}, 0.5F);
    const auto update = f.update_of(0.5F);
    f.says(3, f.token[3], f.offer_of({1}, update));
    auto there = encode(edge_envelope{f.token[3], update_chunk{{1}, 0}});
    caf::anon_send(f.roles->gateway, link_frame{3, there.kind, there.head, shared_bytes(update)});
    f.deliver(lead);
    caf::anon_send(f.roles->gateway, link_frame{9, person_kind_first, bytes(1), {}});
    f.deliver();
    const auto status = f.hears<status_reply>(9);
    phases.insert(status.phase);
    CHECK(status.round <= 2);
  }
  for (const auto& phase : phases)
    CHECK_MESSAGE((phase == "recruiting" || phase == "collecting" || phase == "releasing" ||
                   phase == "evaluating"),
                  phase);
  CHECK(phases.contains("evaluating"));
  CHECK(phases.contains("recruiting"));
}

TEST_CASE("a round that is opened while another one is open leaves that one as it is") {
  flight f;
  f.reports(1, f.token[1], {1}, 4.0F);
  f.tell(f.roles->scheduler, start_round{{5}, {{"a"}}, {}, false, {}});
  CHECK(f.hears_nothing(1));
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 2.0F));
}

TEST_CASE("a word without its own, valid token is refused with the reason, and does nothing") {
  flight f;
  const invitation_answer no{{1}, 0, "forged"};
  f.says(1, "", no);
  CHECK(f.hears_refusal(1) == "token_forged");
  f.says(1, "token-99-a", no);
  CHECK(f.hears_refusal(1) == "token_forged");
  f.says(1, f.token[2], no);
  CHECK(f.hears_refusal(1) == "token_subject");
  CHECK_FALSE(f.links->closed.contains(1));
  check_unharmed(f);
}

TEST_CASE("an expired token is refused, and renewed in time it goes on") {
  flight f;
  f.tokens->time += 599s;
  f.says(1, f.token[1], token_renewal{});
  const auto fresh = f.hears<token_grant>(1);
  CHECK(fresh.token != f.token[1]);
  CHECK(fresh.token_seconds == 600);
  f.tokens->time += 1s;
  f.says(1, f.token[1], token_renewal{});
  CHECK(f.hears_refusal(1) == "token_expired");
  f.says(1, fresh.token, invitation_answer{{1}, 1, {}});
  CHECK(f.hears_nothing(1));
}

TEST_CASE("a token is verified once, not with every word") {
  flight f;
  const auto before = f.tokens->verify_count;
  for (int i = 0; i < 10; ++i)
    f.says(1, f.token[1], edge_status{});
  CHECK(f.tokens->verify_count == before + 1);
}

TEST_CASE("bytes that are no message close the link, and the round loses only that edge") {
  flight f;
  const bytes garbage(50, std::byte{0xEE});
  f.tell(f.roles->gateway, link_frame{1, edge_kind_first + 3, garbage, {}});
  CHECK(f.hears_refusal(1) == "malformed closes");
  f.disconnects(1);
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.observer->rounds.at(0).end.committed);
}

TEST_CASE("a second hello on one link is refused") {
  flight f;
  f.says(1, "", f.greeting("a"));
  CHECK(f.hears_refusal(1) == "duplicate");
  check_unharmed(f);
}

TEST_CASE("a model that is not held here is not sent") {
  flight f;
  auto other = f.task[1].model;
  other.sha256[0] ^= std::byte{1};
  f.says(1, f.token[1], model_request{other, 0, 1});
  CHECK(f.hears_refusal(1) == "unknown_model");
  other = f.task[1].model;
  other.byte_count += 4;
  f.says(1, f.token[1], model_request{other, 0, 1});
  CHECK(f.hears_refusal(1) == "unknown_model");
  check_unharmed(f);
}

TEST_CASE("an update that holds no numbers, or numbers out of range, is refused and not counted") {
  flight f;
  auto bad = f.update_of(1.0F);
  std::string expected;
  SUBCASE("NaN") {
    bad = f.update_of(std::numeric_limits<float>::quiet_NaN());
    expected = "value_not_finite";
  }
  SUBCASE("infinity") {
    bad = f.update_of(std::numeric_limits<float>::infinity());
    expected = "value_not_finite";
  }
  SUBCASE("too large") {
    bad = f.update_of(1000.0F);
    expected = "value_out_of_range";
  }
  f.says(1, f.token[1], f.offer_of({1}, bad));
  f.hears<update_grant>(1);
  f.uploads(1, f.token[1], {1}, bad);
  CHECK(f.hears_refusal(1) == expected);
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  REQUIRE(f.observer->rounds.size() == 1);
  CHECK(f.observer->rounds[0].end.cohort.at({"a"}).reason == expected);
  CHECK(f.observer->rounds[0].during.refused_count == 1);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 1.0F));
}

TEST_CASE("an update of another length is refused at its offer; no byte of it is taken") {
  flight f;
  const bytes longer(20);
  f.says(1, f.token[1], f.offer_of({1}, longer));
  CHECK(f.hears_refusal(1) == "wrong_shape");
  f.uploads(1, f.token[1], {1}, longer);
  CHECK(f.hears_refusal(1) == "not_invited");
  check_unharmed(f);
}

TEST_CASE("bytes that do not match the offer's digest, or are more than was offered, cost the edge "
          "the round") {
  flight f;
  const auto promised = f.update_of(1.0F);
  f.says(1, f.token[1], f.offer_of({1}, promised));
  f.hears<update_grant>(1);
  SUBCASE("other bytes") {
    f.uploads(1, f.token[1], {1}, f.update_of(2.0F));
    CHECK(f.hears_refusal(1) == "wrong_checksum");
  }
  SUBCASE("more bytes") {
    auto more = promised;
    more.push_back(std::byte{0});
    f.uploads(1, f.token[1], {1}, more);
    CHECK(f.hears_refusal(1) == "too_large");
  }
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  CHECK(f.store->saved.at(0).parameters == std::vector<float>(4, 1.0F));
}

TEST_CASE("a word for a round that is over, or not begun, is refused with wrong_round") {
  flight f;
  check_unharmed(f);
  f.hears<round_closed>(1);
  f.hears<invitation>(1);
  f.says(1, f.token[1], f.offer_of({1}, f.update_of(1.0F)));
  auto no = f.hears<refused>(1);
  CHECK(no.why == refusal::wrong_round);
  CHECK(no.round == 1);
  f.says(1, f.token[1], invitation_answer{{7}, 1, {}});
  CHECK(f.hears<refused>(1).why == refusal::wrong_round);
  f.reports(1, f.token[1], {2}, 1.0F);
}

TEST_CASE("an edge outside the cohort is not listened to") {
  flight f;
  const auto d = f.enrols(4, "d");
  CHECK(f.hears_nothing(4));
  f.says(4, d, f.offer_of({1}, f.update_of(100.0F)));
  CHECK(f.hears_refusal(4) == "not_invited");
  f.says(4, d, evaluation_report{{1}, 1, 1, 0});
  CHECK(f.hears_refusal(4) == "wrong_phase");
  check_unharmed(f);
}
