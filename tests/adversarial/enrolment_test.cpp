// Is everybody turned away who has no business here, with a clear reason, while the flock trains
// on?
#include <random>
#include <string>
#include <vector>

#include "adversarial/bare_line.hpp"
#include "adversarial/flock.hpp"
#include "transport/rejection.hpp"

using namespace godwit;
using namespace godwit::adversarial;
namespace rejection = godwit::transport::rejection;

// -- no link

TEST_CASE_FIXTURE(flock_in_training, "a client that speaks plaintext is rejected") {
  bare_line client(port());
  client.write(as_bytes("GET / HTTP/1.1\r\nHost: hub\r\n\r\n"));
  check_rejected(rejection::not_tls);
  client.read_to_end(); // returns: the server has closed
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "garbage is rejected, however much of it comes") {
  std::mt19937 chance(11);
  for (std::size_t i = 1; i <= 8; ++i) {
    bytes garbage(std::size_t{16} << i);
    for (auto& b : garbage)
      b = static_cast<std::byte>(chance());
    garbage[0] = std::byte{0xF1}; // our own frames' first byte, without TLS
    bare_line client(port());
    client.write(garbage);
    CHECK(log().wait("link.rejected", {"reason=" + std::string(rejection::not_tls)}, i));
    client.read_to_end();
  }
  CHECK(refused_count() == 8);
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "a client without a certificate is rejected") {
  bare_line client(port());
  client.speak_tls(nullptr);
  check_rejected(rejection::no_certificate);
  CHECK(client.read_to_end().empty());
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training,
                  "an edge of another authority is rejected, though it has our edge's name") {
  hostile_edge stranger(port(), keys().foreign("ann"));
  CHECK(contains(stranger.hear_end(), "rejected our certificate: unknown authority"));
  check_rejected(rejection::other_authority);
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "an edge whose certificate has expired is rejected") {
  hostile_edge late(port(), keys().expired("late"));
  CHECK(contains(late.hear_end(), "rejected our certificate: expired"));
  check_rejected(rejection::expired);
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "a certificate that names nobody is rejected") {
  for (const auto* uri : {"", "https://example.org/", "godwit:edge:UPPER", "godwit:king:mallory"}) {
    const auto files = keys().with_uri(uri);
    bare_line client(port());
    client.speak_tls(&files);
    CHECK(contains(as_text(client.read_to_end()), rejection::no_role)); // told in the goodbye
  }
  check_rejected(rejection::no_role);
  CHECK(refused_count() == 4);
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "a server's certificate opens no link to a server") {
  SUBCASE("as it is made for servers") {
    hostile_edge other_server(port(), keys().second(role::server, "hub"));
    CHECK(contains(other_server.hear_end(), "not for this purpose"));
    check_rejected(rejection::wrong_purpose);
  }
  SUBCASE("even where it may be a client's") {
    const auto files = keys().with_uri("godwit:server:hub");
    bare_line client(port());
    client.speak_tls(&files);
    CHECK(contains(as_text(client.read_to_end()), rejection::wrong_role));
    check_rejected(rejection::wrong_role);
  }
  check_untouched();
}

// -- a link, and a hello that is refused

namespace {

struct refused_hello : flock_in_training {
  hostile_edge mallory{port(), keys().edge("mallory")};

  void check_hello_refused(hostile_edge& who, const hello& greeting, std::string_view why) {
    const auto before = refused_count();
    who.say(greeting);
    const auto answer = who.hear<refused>();
    CHECK(name(answer.why) == why);
    CHECK(answer.closes == 1);
    CHECK(answer.detail == sentence(answer.why));
    CHECK(contains(who.hear_end(), why));
    CHECK(refused_count() > before);
    CHECK(server().status().edges_known == 2);
    check_untouched();
  }
};

} // namespace

TEST_CASE_FIXTURE(refused_hello, "an edge of another protocol number is refused") {
  auto greeting = mallory.greeting();
  greeting.protocol = protocol_number + 1;
  check_hello_refused(mallory, greeting, "protocol_mismatch");
}

TEST_CASE_FIXTURE(refused_hello, "an edge of another model is refused") {
  auto greeting = mallory.greeting();
  greeting.model = "mlp-2nn";
  check_hello_refused(mallory, greeting, "wrong_job");
}

TEST_CASE_FIXTURE(refused_hello, "an edge whose model has another parameter count is refused") {
  auto greeting = mallory.greeting();
  ++greeting.parameter_count;
  check_hello_refused(mallory, greeting, "wrong_job");
}

TEST_CASE_FIXTURE(refused_hello, "an edge that takes another's name is refused") {
  auto greeting = mallory.greeting();
  greeting.client.name = "ann";
  check_hello_refused(mallory, greeting, "identity_mismatch");
}

TEST_CASE_FIXTURE(refused_hello,
                  "a second edge of the same name is refused where its certificate is another") {
  hostile_edge twin(port(), keys().second(role::edge, "ann"));
  check_hello_refused(twin, twin.greeting(), "identity_mismatch");
}

TEST_CASE_FIXTURE(refused_hello, "a hello that states what cannot be is refused") {
  auto greeting = mallory.greeting();
  SUBCASE("more examples than there may be") {
    greeting.example_count = ~std::uint64_t{0};
  }
  SUBCASE("a name that is none") {
    greeting.client.name = "../../ann";
  }
  SUBCASE("features without end") {
    greeting.features.assign(10'000, "x");
  }
  SUBCASE("a model name of a hundred kilobytes") {
    greeting.model.assign(100'000, 'm');
  }
  check_hello_refused(mallory, greeting, "malformed");
}

TEST_CASE_FIXTURE(refused_hello,
                  "an edge that was refused is welcome when it says the right thing") {
  auto greeting = mallory.greeting();
  greeting.protocol = 0;
  mallory.say(greeting);
  CHECK(mallory.hear_refusal() == "protocol_mismatch");
  mallory.hear_end();
  hostile_edge again(port(), keys().edge("mallory"));
  const auto answer = again.enrol();
  CHECK(answer.server == "hub");
  CHECK(!answer.token.empty());
  CHECK(server().status().edges_present == 3);
}

// -- those that do not even try

TEST_CASE("connections that stay half open block nobody, and end") {
  flock here;
  bare_line mute(here.port());
  bare_line half(here.port());
  half.write(as_bytes("\x16\x03\x01")); // a handshake begins, and does not go on
  const auto files = keys().edge("mallory");
  bare_line silent(here.port());
  silent.speak_tls(&files); // and not a word more
  here.check_untouched();
  CHECK(here.log().wait("link.rejected", {"reason=" + std::string(rejection::timed_out)}, 2));
  CHECK(here.log().wait("link.closed", {"peer=mallory", "reason=silent"}));
  CHECK(mute.read_to_end().empty());
  CHECK(here.refused_count() == 2);
}
