// Is every number and text in a message held to its range at the door?
#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <godwit/messages/limits.hpp>

#include "support/sample_messages.hpp"

using namespace godwit;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr float no_float = std::numeric_limits<float>::quiet_NaN();

template <class Message>
Message edge_sample() {
  for (const auto& x : samples::edge())
    if (auto* found = std::get_if<Message>(&x.message))
      return *found;
  FAIL("there is no such sample");
  return {};
}

template <class Message>
Message server_sample() {
  for (const auto& x : samples::server())
    if (auto* found = std::get_if<Message>(&x))
      return *found;
  FAIL("there is no such sample");
  return {};
}

/// Whether an edge's message is taken after `change`.
template <class Message, class Change>
bool edge_may_say(Change change) {
  auto message = edge_sample<Message>();
  change(message);
  const auto there = encode(edge_envelope{"tok", message});
  const auto back = decode_edge_envelope(there.kind, there.head);
  if (!back)
    CHECK(back.why() == refusal::malformed);
  return back.has_value();
}

template <class Message, class Change>
bool server_may_say(Change change) {
  auto message = server_sample<Message>();
  change(message);
  const auto there = encode(server_message{message});
  const auto back = decode_server_message(there.kind, there.head);
  if (!back)
    CHECK(back.why() == refusal::malformed);
  return back.has_value();
}

const std::string long_name(limits::name_length_max + 1, 'a');
const std::string long_text(limits::text_length_max + 1, 'a');

} // namespace

TEST_CASE("a hello's name is one that a certificate may state") {
  for (const std::string& good :
       {std::string("a"), std::string("edge-7.site_2"), std::string(64, 'z')})
    CHECK(edge_may_say<hello>([&](hello& x) { x.client.name = good; }));
  for (const std::string& bad :
       {std::string(), std::string("Edge"), std::string("a b"), std::string("a/b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("\xC3\xA9"), long_name})
    CHECK_FALSE(edge_may_say<hello>([&](hello& x) { x.client.name = bad; }));
}

TEST_CASE("a hello's counts and features keep to their limits") {
  CHECK_FALSE(edge_may_say<hello>([](hello& x) { x.model = long_name; }));
  CHECK(edge_may_say<hello>([](hello& x) { x.parameter_count = limits::parameter_count_max; }));
  CHECK_FALSE(
      edge_may_say<hello>([](hello& x) { x.parameter_count = limits::parameter_count_max + 1; }));
  CHECK(edge_may_say<hello>([](hello& x) { x.example_count = limits::example_count_max; }));
  CHECK_FALSE(
      edge_may_say<hello>([](hello& x) { x.example_count = limits::example_count_max + 1; }));
  CHECK(edge_may_say<hello>([](hello& x) { x.features.assign(limits::feature_count_max, "f"); }));
  CHECK_FALSE(
      edge_may_say<hello>([](hello& x) { x.features.assign(limits::feature_count_max + 1, "f"); }));
  CHECK_FALSE(edge_may_say<hello>([](hello& x) { x.features.assign(1, long_name); }));
  // Another protocol number is decoded, so that it can be answered with protocol_mismatch.
  CHECK(edge_may_say<hello>([](hello& x) { x.protocol = 99; }));
}

TEST_CASE("a flag is 0 or 1") {
  CHECK_FALSE(edge_may_say<edge_status>([](edge_status& x) { x.eligible = 2; }));
  CHECK_FALSE(edge_may_say<invitation_answer>([](invitation_answer& x) { x.accepts = 255; }));
  CHECK_FALSE(server_may_say<refused>([](refused& x) { x.closes = 2; }));
  CHECK_FALSE(server_may_say<round_closed>([](round_closed& x) { x.committed = 2; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.has_loss = 2; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.has_accuracy = 2; }));
}

TEST_CASE("texts keep to their length") {
  CHECK(edge_may_say<edge_status>(
      [](edge_status& x) { x.reason.assign(limits::text_length_max, 'x'); }));
  CHECK_FALSE(edge_may_say<edge_status>([](edge_status& x) { x.reason = long_text; }));
  CHECK_FALSE(edge_may_say<edge_status>([](edge_status& x) { x.power_mode = long_name; }));
  CHECK_FALSE(edge_may_say<invitation_answer>([](invitation_answer& x) { x.reason = long_text; }));
  CHECK_FALSE(server_may_say<welcome>([](welcome& x) { x.server = long_name; }));
  CHECK_FALSE(server_may_say<welcome>([](welcome& x) { x.job = long_name; }));
  CHECK_FALSE(server_may_say<welcome>(
      [](welcome& x) { x.token.assign(limits::token_length_max + 1, 't'); }));
  CHECK_FALSE(server_may_say<token_grant>(
      [](token_grant& x) { x.token.assign(limits::token_length_max + 1, 't'); }));
  CHECK_FALSE(server_may_say<refused>([](refused& x) { x.detail = long_text; }));
  CHECK_FALSE(server_may_say<round_closed>([](round_closed& x) { x.reason = long_text; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.note = long_text; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.job = long_name; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.phase = long_name; }));
}

TEST_CASE("a model's length is whole floats, and no longer than a model may be") {
  const std::uint64_t too_long = 4 * (limits::parameter_count_max + 1);
  for (auto length : {std::uint64_t{401}, std::uint64_t{402}, too_long, ~std::uint64_t{0}}) {
    CHECK_FALSE(
        edge_may_say<model_request>([=](model_request& x) { x.model.byte_count = length; }));
    CHECK_FALSE(server_may_say<invitation>([=](invitation& x) { x.model.byte_count = length; }));
    CHECK_FALSE(server_may_say<evaluation_request>(
        [=](evaluation_request& x) { x.model.byte_count = length; }));
  }
  CHECK(edge_may_say<model_request>([](model_request& x) { x.offset = 400; }));
  CHECK_FALSE(edge_may_say<model_request>([](model_request& x) { x.offset = 401; }));
}

TEST_CASE("an update is no longer than its values packed at 64 bits could be") {
  CHECK(edge_may_say<update_offer>([](update_offer& x) { x.update.byte_count = 401; }));
  for (auto length : {8 * (limits::parameter_count_max + 1), ~std::uint64_t{0}})
    CHECK_FALSE(edge_may_say<update_offer>([=](update_offer& x) { x.update.byte_count = length; }));
}

TEST_CASE("a step of the secure sum is one that its sender may take") {
  for (std::uint8_t step = 0; step <= 11; ++step) {
    const bool edges = step == 1 || step == 3 || step == 6 || step == 8 || step == 10;
    const bool servers = step == 2 || step == 4 || step == 5 || step == 7 || step == 9;
    CHECK(edge_may_say<secure_word>([=](secure_word& x) { x.step = step; }) == edges);
    CHECK(server_may_say<secure_piece>([=](secure_piece& x) { x.step = step; }) == servers);
  }
  const std::string long_evidence(limits::evidence_bytes_max + 1, 'e');
  CHECK_FALSE(edge_may_say<secure_word>([&](secure_word& x) { x.evidence = long_evidence; }));
  CHECK_FALSE(server_may_say<secure_piece>(
      [](secure_piece& x) { x.byte_count = limits::secure_call_bytes_max + 1; }));
  CHECK_FALSE(server_may_say<secure_piece>([](secure_piece& x) { x.offset = x.byte_count + 1; }));
  CHECK_FALSE(server_may_say<secure_invitation>(
      [](secure_invitation& x) { x.terms.assign(limits::secure_terms_bytes_max + 1, 't'); }));
}

TEST_CASE("an offer states at least one example and a loss that is a number") {
  CHECK_FALSE(edge_may_say<update_offer>([](update_offer& x) { x.example_count = 0; }));
  CHECK(edge_may_say<update_offer>(
      [](update_offer& x) { x.example_count = limits::example_count_max; }));
  CHECK_FALSE(edge_may_say<update_offer>(
      [](update_offer& x) { x.example_count = limits::example_count_max + 1; }));
  for (double bad : {not_a_number, infinite, -infinite})
    CHECK_FALSE(edge_may_say<update_offer>([=](update_offer& x) { x.loss = bad; }));
}

TEST_CASE("an evaluation counts no more correct ones than examples, and its loss is a number") {
  CHECK(edge_may_say<evaluation_report>([](evaluation_report& x) { x.correct_count = 100; }));
  CHECK_FALSE(edge_may_say<evaluation_report>([](evaluation_report& x) { x.correct_count = 101; }));
  CHECK_FALSE(edge_may_say<evaluation_report>(
      [](evaluation_report& x) { x.example_count = limits::example_count_max + 1; }));
  for (double bad : {not_a_number, infinite, -infinite})
    CHECK_FALSE(edge_may_say<evaluation_report>([=](evaluation_report& x) { x.loss_sum = bad; }));
  // An edge that could not evaluate says so with no examples.
  CHECK(edge_may_say<evaluation_report>([](evaluation_report& x) { x = {.round = x.round}; }));
}

TEST_CASE("a training plan that no trainer could follow is refused") {
  for (float training_plan::*number :
       {&training_plan::learning_rate, &training_plan::momentum, &training_plan::weight_decay})
    CHECK_FALSE(server_may_say<invitation>([=](invitation& x) { x.plan.*number = no_float; }));
  for (float example_noise::*number : {&example_noise::clip_norm, &example_noise::noise_multiplier})
    CHECK_FALSE(
        server_may_say<invitation>([=](invitation& x) { x.plan.noise.*number = no_float; }));
  for (float update_noise::*number : {&update_noise::clip_norm, &update_noise::noise_multiplier})
    CHECK_FALSE(
        server_may_say<invitation>([=](invitation& x) { x.plan.local.*number = no_float; }));
  CHECK(server_may_say<invitation>([](invitation& x) { x.plan.local.law = 1; }));
  CHECK_FALSE(server_may_say<invitation>([](invitation& x) { x.plan.local.law = 3; }));
  CHECK_FALSE(server_may_say<invitation>([](invitation& x) { x.plan.epochs = 0; }));
  CHECK(server_may_say<invitation>([](invitation& x) { x.plan.epochs = 1000; }));
  CHECK_FALSE(server_may_say<invitation>([](invitation& x) { x.plan.epochs = 1001; }));
  CHECK(server_may_say<invitation>(
      [](invitation& x) { x.plan.batch_size = 0; })); // all examples at once
}

TEST_CASE("a status shows numbers only") {
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.loss = not_a_number; }));
  CHECK_FALSE(server_may_say<status_reply>([](status_reply& x) { x.accuracy = infinite; }));
}

TEST_CASE(
    "a piece of a word is of a step and of a server that there are, and lies inside the word") {
  CHECK(server_may_say<sum_piece>([](sum_piece& x) { x.step = 7; }));
  CHECK_FALSE(server_may_say<sum_piece>([](sum_piece& x) { x.step = 8; }));
  CHECK_FALSE(server_may_say<sum_piece>([](sum_piece& x) { x.step = 0; }));
  CHECK(server_may_say<sum_piece>([](sum_piece& x) { x.server = 3; }));
  CHECK_FALSE(server_may_say<sum_piece>([](sum_piece& x) { x.server = 4; }));
  CHECK(server_may_say<sum_piece>([](sum_piece& x) { x.offset = x.byte_count; }));
  CHECK_FALSE(server_may_say<sum_piece>([](sum_piece& x) { x.offset = x.byte_count + 1; }));
}

TEST_CASE("a refusal with a number of a later version is taken, under a name that says so") {
  auto message = server_sample<refused>();
  message.why = static_cast<refusal>(200);
  const auto there = encode(server_message{message});
  const auto back = decode_server_message(there.kind, there.head);
  REQUIRE(back);
  CHECK(name(std::get<refused>(*back).why) == "unknown_refusal");
}
