// Does a peer with a good certificate get any further with frames that break the rules, or are
// another's to send?
#include <algorithm>
#include <string>
#include <vector>

#include "adversarial/bare_line.hpp"
#include "adversarial/flock.hpp"
#include "transport/rejection.hpp"

using namespace godwit;
using namespace godwit::adversarial;
using transport::frame_header;

namespace {

/// An enrolled edge that is not asked to work, so that the rounds go on without it.
struct idle_intruder : flock_in_training {
  hostile_edge mallory{port(), keys().edge("mallory")};

  idle_intruder() {
    mallory.enrol();
    mallory.sit_out();
  }
  void check_closed(std::string_view why) {
    const auto answer = mallory.hear<refused>();
    CHECK(name(answer.why) == why);
    CHECK(answer.closes == 1);
    CHECK(contains(mallory.hear_end(), why));
    CHECK(log().wait("message.refused", {"peer=mallory", "why=" + std::string(why)}));
    CHECK(refused_count() > 0);
    check_untouched();
  }
};

bytes random_head(std::size_t size) {
  bytes made(size);
  std::uint32_t x = 12345;
  for (auto& b : made)
    b = static_cast<std::byte>((x = x * 1664525 + 1013904223) >> 24);
  return made;
}

struct bare_intruder : flock_in_training {
  bare_line line{port()};
  bare_intruder() {
    const auto files = keys().edge("mallory");
    line.speak_tls(&files);
  }
  void check_closed(const std::string& reason) {
    CHECK(contains(as_text(line.read_to_end()), reason)); // told in the goodbye
    CHECK(log().wait("link.closed", {"peer=mallory", "reason=" + reason}));
    CHECK(refused_count() == 1);
    check_untouched();
  }
};

} // namespace

// -- frames that no transport sends

TEST_CASE_FIXTURE(bare_intruder,
                  "a frame that announces 4 GiB closes the link before memory is taken") {
  SUBCASE("of body") {
    line.write(frame_header{.kind = 32, .head_bytes = 0, .body_bytes = 0xFFFFFFFF, .sequence = 0});
    check_closed("frame body too long");
  }
  SUBCASE("of head") {
    line.write(frame_header{.kind = 32, .head_bytes = 0xFFFFFFFF, .body_bytes = 0, .sequence = 0});
    check_closed("frame head too long");
  }
}

TEST_CASE_FIXTURE(bare_intruder, "garbage inside TLS closes the link") {
  line.write(random_head(5000));
  check_closed("frame of another protocol");
}

TEST_CASE_FIXTURE(bare_intruder, "a frame of a kind that is the transport's own closes the link") {
  line.write(frame_header{.kind = 9, .head_bytes = 0, .body_bytes = 0, .sequence = 0});
  check_closed("frame kind reserved");
}

TEST_CASE_FIXTURE(bare_intruder, "a frame out of sequence closes the link") {
  line.write(
      frame_header{.kind = transport::kind_pong, .head_bytes = 0, .body_bytes = 0, .sequence = 7});
  check_closed("frame out of sequence");
}

// -- messages that are none, or not the sender's

TEST_CASE_FIXTURE(idle_intruder, "a frame of an unknown kind is refused") {
  std::uint16_t kind = 0;
  SUBCASE("the first of all") {
    kind = 16;
  }
  SUBCASE("behind the edges' last") {
    kind = edge_kind_first + std::variant_size_v<edge_message>;
  }
  SUBCASE("behind the persons' last") {
    kind = person_kind_first + std::variant_size_v<person_message>;
  }
  SUBCASE("behind the server's last") {
    kind = server_kind_first + std::variant_size_v<server_message>;
  }
  SUBCASE("the last of all") {
    kind = 65535;
  }
  mallory.say_frame(kind, random_head(40));
  check_closed("malformed");
}

TEST_CASE_FIXTURE(idle_intruder, "a message that does not decode is refused") {
  auto coded = encode(edge_envelope{mallory.token(), update_offer{}});
  SUBCASE("random bytes") {
    coded.head = random_head(2000);
  }
  SUBCASE("nothing at all") {
    coded.head.clear();
  }
  SUBCASE("cut off") {
    coded.head.pop_back();
  }
  SUBCASE("one byte too many") {
    coded.head.push_back(std::byte{0});
  }
  SUBCASE("a token that states a length of 2^64 - 1") {
    coded.head.assign(coded.head.size(), std::byte{0xFF});
  }
  mallory.say_frame(coded.kind, coded.head);
  check_closed("malformed");
}

TEST_CASE_FIXTURE(idle_intruder, "what is the server's to say is refused from an edge") {
  const auto coded =
      encode(server_message{round_closed{.round = {1}, .committed = 1, .reason = {}}});
  mallory.say_frame(coded.kind, coded.head);
  check_closed("wrong_role");
}

TEST_CASE_FIXTURE(idle_intruder, "an edge may not ask for the status") {
  mallory.say(person_message{status_request{}});
  check_closed("wrong_role");
}

TEST_CASE_FIXTURE(flock_in_training,
                  "a person may ask for the status and say nothing that is an edge's") {
  hostile_edge person(port(), keys().of(role::person, "pat"));
  person.say(person_message{status_request{}});
  CHECK(person.hear<status_reply>().edges_present == 2);
  SUBCASE("not even hello") {
    person.say(person.greeting());
  }
  SUBCASE("nor an update") {
    person.say(update_chunk{.round = {1}, .offset = 0}, update_of(1.0F));
  }
  CHECK(person.hear_refusal() == "wrong_role");
  CHECK(contains(person.hear_end(), "wrong_role"));
  CHECK(refused_count() == 1);
  CHECK(server().status().edges_known == 2);
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "ask_status answers a person and refuses an edge") {
  const auto answer = ask_status(address(), keys().of(role::person, "pat"), patience);
  REQUIRE(answer.has_value());
  CHECK(answer->edges_present == 2);
  CHECK(answer->round == 1);
  CHECK(answer->refused_count == 0);
  const auto refused = ask_status(address(), keys().edge("mallory"), patience);
  REQUIRE(!refused.has_value());
  CHECK(refused.why().detail == sentence(refusal::wrong_role));
  const auto stranger = ask_status(address(), keys().foreign("pat"), patience);
  REQUIRE(!stranger.has_value());
  CHECK(contains(stranger.why().detail, "unknown authority"));
  check_rejected(transport::rejection::other_authority);
  CHECK(refused_count() == 2);
  check_untouched();
}

// -- messages out of turn

TEST_CASE_FIXTURE(flock_in_training, "nothing is heard of an edge before its hello") {
  hostile_edge mallory(port(), keys().edge("mallory"));
  SUBCASE("no update") {
    mallory.say(offer_of({1}, update_of(1.0F)));
  }
  SUBCASE("no wish for a token") {
    mallory.say(token_renewal{});
  }
  SUBCASE("no status") {
    mallory.say(edge_status{});
  }
  CHECK(mallory.hear_refusal() == "not_enrolled");
  CHECK(contains(mallory.hear_end(), "not_enrolled"));
  CHECK(refused_count() == 1);
  check_untouched();
}

TEST_CASE_FIXTURE(idle_intruder, "a second hello is refused") {
  mallory.say(mallory.greeting());
  CHECK(mallory.hear_refusal() == "duplicate");
  CHECK(refused_count() == 1);
  check_untouched();
}

TEST_CASE_FIXTURE(idle_intruder,
                  "an edge that connects twice keeps its newer link, and counts once") {
  hostile_edge again(port(), keys().edge("mallory"));
  again.enrol();
  CHECK(contains(mallory.hear_end(), "the same edge has connected again"));
  CHECK(server().status().edges_present == 3);
  again.sit_out();
  check_untouched();
}

TEST_CASE_FIXTURE(infiltrated_flock,
                  "of ten thousand requests for a model all are answered, most with a refusal") {
  sit_out();
  model_request wish{.model = task.model, .offset = 0, .chunk_count = 1};
  std::string why = "full";
  SUBCASE("the model that is served") {}
  SUBCASE("one that nobody knows") {
    wish.model.sha256 = {};
    why = "unknown_model";
  }
  constexpr std::size_t count = 10'000;
  for (std::size_t i = 0; i < count; ++i)
    mallory.say(wish);
  CHECK(mallory.hear_refusal() == why);
  const auto is_answer = [](const server_message& x) {
    return std::holds_alternative<refused>(x) || std::holds_alternative<model_chunk>(x);
  };
  CHECK(mallory.wait_until([&](auto& heard) { // the round's own words may come in between
    return 1 + std::count_if(heard.begin(), heard.end(), is_answer) ==
           static_cast<std::ptrdiff_t>(count);
  }));
  CHECK(mallory.count<refused>() > count / 2);
  CHECK(refused_count() == 1 + mallory.count<refused>());
  CHECK(mallory.renews_token()); // the link is still up
  check_untouched();
}
