// Does an edge find its server again, and does it say clearly why it does not?
#include <fstream>

#include "observed.hpp"
#include "raw_peer.hpp"

using namespace godwit;
using namespace godwit::transport;
using namespace godwit::transport::testing;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A port on which nobody listens: taken and given back.
std::uint16_t free_port() {
  asio::io_context io;
  asio::ip::tcp::acceptor taken(io, {asio::ip::make_address("127.0.0.1"), 0});
  return taken.local_endpoint().port();
}

} // namespace

TEST_CASE_FIXTURE(rig, "a dialler comes back to a server that was restarted on the same port") {
  observed at_edge, first, second;
  auto listening = must(listener::open(this->listening(), first.for_listener()));
  const auto port = listening->port();
  auto dialling = must(dialler::start(this->dialling(port), at_edge.for_dialler()));
  const auto before = at_edge.wait("opened").link;
  listening.reset();
  CHECK(at_edge.wait("disconnected").link == before);
  CHECK(at_edge.wait("disconnected", 2).link == 0);
  CHECK(contains(at_edge.wait("disconnected", 2).text, "is the server running?"));
  auto options = this->listening();
  options.port = port;
  listening = must(listener::open(options, second.for_listener()));
  const auto after = at_edge.wait("opened", 2).link;
  CHECK(after != before);
  dialling->send(after, {.kind = 16, .head = pattern(3, 3), .body = {}});
  CHECK(second.wait("received").frame.head == pattern(3, 3));
}

TEST_CASE_FIXTURE(rig,
                  "a lost link is resumed with a ticket, and the server still knows who it is") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto full = at_server.wait("opened");
  for (std::size_t i = 1; i <= 3; ++i) {
    listening->close(at_server.wait("opened", i).link, "once more");
    at_edge.wait("opened", i + 1);
    const auto resumed = at_server.wait("opened", i + 1);
    CHECK(resumed.who.name == full.who.name);
    CHECK(resumed.who.fingerprint == full.who.fingerprint);
    CHECK(at_edge.wait("opened", i + 1).who.name == "hub");
  }
  CHECK(listening->counters().resumed == 3);
}

TEST_CASE_FIXTURE(rig, "pauses grow while nobody answers, and reconnect_now ends one") {
  observed at_edge;
  auto options = dialling(free_port());
  options.backoff_min = 1ms;
  options.backoff_max = 3600s;
  auto dialling = must(dialler::start(options, at_edge.for_dialler()));
  auto last = at_edge.wait("disconnected").next_try;
  CHECK(last <= 1ms);
  for (std::size_t i = 2; i < 24; ++i) { // an hour's pauses, ended at once
    last = at_edge.wait("disconnected", i).next_try;
    dialling->reconnect_now();
  }
  CHECK(last >= 30min);
}

TEST_CASE_FIXTURE(rig,
                  "a server whose certificate is for another host is refused, with what to do") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto options = dialling(listening->port());
  SUBCASE("by address") {
    options.server_name = "10.0.0.5";
    auto dialling = must(dialler::start(options, at_edge.for_dialler()));
    CHECK(at_edge.wait("disconnected").text ==
          "the server's certificate is for localhost, 127.0.0.1, not for 10.0.0.5: "
          "make it with `godwit keys server --host 10.0.0.5`");
  }
  SUBCASE("by name") {
    options.server_name = "hub.example.org";
    auto dialling = must(dialler::start(options, at_edge.for_dialler()));
    CHECK(contains(at_edge.wait("disconnected").text, "not for hub.example.org"));
  }
  CHECK(at_edge.count("opened") == 0);
  CHECK(at_server.wait("rejected").text == "the peer does not accept our certificate");
}

TEST_CASE_FIXTURE(rig, "a server is found by name") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto options = dialling(listening->port());
  options.host = "localhost";
  auto dialling = must(dialler::start(options, at_edge.for_dialler()));
  CHECK(at_edge.wait("opened").text == "hub");
}

TEST_CASE_FIXTURE(rig, "an edge's certificate makes no server") {
  observed at_edge;
  auto options = listening();
  const auto liar = authority.make(
      "liar",
      {.uri = "godwit:edge:liar", .hosts = {"IP:127.0.0.1"}, .purpose = "serverAuth,clientAuth"});
  options.certificate = liar.certificate;
  options.key = liar.key;
  observed at_server;
  auto listening = must(listener::open(options, at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  CHECK(contains(at_edge.wait("disconnected").text, "liar's, who is no server"));
  CHECK(at_edge.count("opened") == 0);
}

TEST_CASE_FIXTURE(
    rig,
    "a server of another authority, an expired one and a plain one are refused in clear words") {
  observed at_server, at_edge;
  auto options = listening();
  std::string expected;
  SUBCASE("another authority") {
    test_authority foreign(folder.path(), "foreign");
    const auto files = foreign.server();
    options.certificate = files.certificate;
    options.key = files.key;
    expected = "of another authority than ours";
  }
  SUBCASE("expired") {
    const auto files = authority.make("old", {.uri = "godwit:server:hub",
                                              .hosts = {"IP:127.0.0.1"},
                                              .purpose = "serverAuth",
                                              .from_seconds = -7200,
                                              .until_seconds = -60});
    options.certificate = files.certificate;
    options.key = files.key;
    expected = "the server's certificate has expired";
  }
  auto listening = must(listener::open(options, at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  CHECK(contains(at_edge.wait("disconnected").text, expected));
  CHECK(at_edge.count("opened") == 0);
}

TEST_CASE_FIXTURE(rig, "a service that speaks no TLS is refused in clear words") {
  asio::io_context io;
  asio::ip::tcp::acceptor plain(io, {asio::ip::make_address("127.0.0.1"), 0});
  observed at_edge;
  auto dialling =
      must(dialler::start(this->dialling(plain.local_endpoint().port()), at_edge.for_dialler()));
  auto socket = plain.accept();
  asio::write(socket, asio::buffer(std::string_view("220 mail.example.org ESMTP ready\r\n")));
  CHECK(contains(at_edge.wait("disconnected").text, "does not speak TLS"));
}

TEST_CASE_FIXTURE(rig, "a server that accepts and says nothing is given up in time") {
  asio::io_context io;
  asio::ip::tcp::acceptor mute(io, {asio::ip::make_address("127.0.0.1"), 0});
  observed at_edge;
  auto options = dialling(mute.local_endpoint().port());
  options.limits.handshake_timeout = 100ms;
  auto dialling = must(dialler::start(options, at_edge.for_dialler()));
  CHECK(contains(at_edge.wait("disconnected").text, "did not finish the handshake in time"));
}

TEST_CASE_FIXTURE(rig, "a server that falls silent is given up and dialled again") {
  observed at_server, at_edge;
  auto quiet = this->listening();
  quiet.limits.heartbeat_every = 3600s; // never pings, and the edge never pings either
  auto listening = must(listener::open(quiet, at_server.for_listener()));
  auto options = dialling(listening->port());
  options.limits.heartbeat_every = 3600s;
  options.limits.silent_after = 100ms;
  auto dialling = must(dialler::start(options, at_edge.for_dialler()));
  CHECK(at_edge.wait("disconnected").text == "silent");
  at_edge.wait("opened", 2);
}

TEST_CASE_FIXTURE(rig, "a file that cannot be used is named, with what is wrong with it") {
  const auto detail = [&](listen_options options) {
    auto opened = listener::open(std::move(options), {});
    REQUIRE_FALSE(opened);
    CHECK(opened.why().code == failure_code::bad_key);
    CHECK_FALSE(opened.why().retry);
    return opened.why().detail;
  };
  const auto garbage = folder.path() / "garbage.pem";
  std::ofstream(garbage) << "this is no key\n";
  auto options = listening();
  SUBCASE("missing") {
    options.certificate = folder.path() / "nowhere.pem";
    CHECK(contains(detail(options), "nowhere.pem: the certificate is missing"));
  }
  SUBCASE("not given") {
    options.key.clear();
    CHECK(contains(detail(options), "no file is given for the private key"));
  }
  SUBCASE("a folder") {
    options.authority = folder.path();
    CHECK(contains(detail(options), "a folder"));
  }
  SUBCASE("certificate not PEM") {
    options.certificate = garbage;
    CHECK(contains(detail(options), "garbage.pem: not a PEM certificate"));
  }
  SUBCASE("key not PEM") {
    options.key = garbage;
    CHECK(contains(detail(options), "garbage.pem: not a PEM private key"));
  }
  SUBCASE("another's key") {
    options.key = edge.key;
    CHECK(contains(detail(options), "does not belong to the certificate"));
  }
  SUBCASE("a dialler says the same") {
    auto dial = dialling(1);
    dial.key = server.key;
    auto started = dialler::start(dial, {});
    REQUIRE_FALSE(started);
    CHECK(started.why().code == failure_code::bad_key);
    CHECK(contains(started.why().detail, "does not belong to the certificate"));
  }
}

TEST_CASE_FIXTURE(rig, "a port that is taken is a failure that says so") {
  auto first = must(listener::open(listening(), {}));
  auto options = listening();
  options.port = first->port();
  auto second = listener::open(options, {});
  REQUIRE_FALSE(second);
  CHECK(second.why().code == failure_code::io);
  CHECK(second.why().retry);
  CHECK(contains(second.why().detail, "another process has this port"));
  options.host = "no.such.host.invalid";
  auto third = listener::open(options, {});
  REQUIRE_FALSE(third);
  CHECK(third.why().code == failure_code::not_found);
}

TEST_CASE_FIXTURE(rig,
                  "a resting dialler dials only when it is told to, and hangs up when it rests "
                  "again") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto options = dialling(listening->port());
  options.rests_at_first = true;
  auto dialling = must(dialler::start(options, at_edge.for_dialler()));
  CHECK(at_edge.count("opened") == 0);
  dialling->rest(); // it does already
  for (std::size_t i = 1; i <= 3; ++i) {
    dialling->reconnect_now();
    at_edge.wait("opened", i);
    dialling->rest();
    CHECK(contains(at_edge.wait("disconnected", i).text, "resting"));
    CHECK(at_edge.count("opened") == i);
  }
  CHECK(listening->counters().links == 3);
}
