// Is everybody turned away who has no business here, with a clear reason at both ends, while the
// others are served?
#include <random>

#include <sys/resource.h>
#include <unistd.h>

#include "observed.hpp"
#include "raw_peer.hpp"
#include "transport/rejection.hpp"

using namespace godwit;
using namespace godwit::transport;
using namespace godwit::transport::testing;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A listener, and what is sure after each refusal: a good edge still gets in.
struct guarded : rig {
  observed at_server, at_edge;
  std::unique_ptr<listener> door;

  void open(const listen_options& options) {
    door = must(listener::open(options, at_server.for_listener()));
  }
  void open() { open(listening()); }

  /// What an edge with these files hears.
  std::string refused(const node_files& files) {
    auto dialling =
        must(dialler::start(this->dialling(door->port(), files), at_edge.for_dialler()));
    const auto heard = at_edge.wait("disconnected").text;
    CHECK(at_edge.count("opened") == 0);
    return heard;
  }
  void check_still_open() {
    observed good;
    auto dialling = must(
        dialler::start(this->dialling(door->port(), authority.edge("good")), good.for_dialler()));
    good.wait("opened");
    CHECK(at_server.wait("opened").text == "good");
  }
};

} // namespace

TEST_CASE_FIXTURE(guarded, "a plaintext client is rejected") {
  open();
  raw_tcp client(door->port());
  client.write("GET / HTTP/1.1\r\nHost: hub\r\n\r\n");
  CHECK(at_server.wait("rejected").text == rejection::not_tls);
  client.read_all(); // returns: the socket is closed
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "garbage of many kinds is rejected") {
  open();
  std::mt19937 chance(3);
  for (std::size_t i = 0; i < 30; ++i) {
    std::string garbage(64 + chance() % 2000, '\0');
    for (auto& c : garbage)
      c = static_cast<char>(chance());
    if (garbage[0] == 22)
      garbage[0] = 23; // 22 begins a TLS handshake
    raw_tcp client(door->port());
    client.write(garbage);
    CHECK(at_server.wait("rejected", i + 1).text == rejection::not_tls);
  }
  check_still_open();
  CHECK(door->counters().rejected == 30);
}

TEST_CASE_FIXTURE(guarded, "a client that hangs up before it says who it is is rejected") {
  open();
  raw_tcp client(door->port());
  client.close();
  CHECK(at_server.wait("rejected").text == rejection::hung_up);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "a client of TLS 1.2 is rejected") {
  open();
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tlsv12_client);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::make_address("127.0.0.1"), door->port()});
  asio::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  CHECK(error);
  CHECK(at_server.wait("rejected").text == rejection::old_tls);
}

TEST_CASE_FIXTURE(guarded, "a client without a certificate is rejected") {
  open();
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::make_address("127.0.0.1"), door->port()});
  asio::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  CHECK(at_server.wait("rejected").text == rejection::no_certificate);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "an edge of another authority is rejected, and told so") {
  open();
  test_authority foreign(folder.path(), "foreign");
  auto files = foreign.edge("one");
  files.authority = server.authority;
  CHECK(contains(refused(files), "rejected our certificate: unknown authority"));
  CHECK(at_server.wait("rejected").text == rejection::other_authority);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded,
                  "an edge of an authority with our authority's name but another key is rejected") {
  open();
  test_authority forged(folder.path() / "forged", "authority");
  auto files = forged.edge("one");
  files.authority = server.authority;
  CHECK(contains(refused(files), "rejected our certificate: unknown authority"));
  CHECK(at_server.wait("rejected").text == rejection::other_authority);
}

TEST_CASE_FIXTURE(guarded, "an expired certificate is rejected, and its owner told so") {
  open();
  const auto files =
      authority.make("old", {.hosts = {}, .from_seconds = -7200, .until_seconds = -60});
  CHECK(contains(refused(files), "rejected our certificate: expired"));
  CHECK(at_server.wait("rejected").text == rejection::expired);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "a certificate whose time has not come is rejected") {
  open();
  const auto files =
      authority.make("young", {.hosts = {}, .from_seconds = 600, .until_seconds = 3600});
  CHECK(contains(refused(files), "rejected our certificate"));
  CHECK(at_server.wait("rejected").text == rejection::not_valid_yet);
}

TEST_CASE_FIXTURE(guarded, "a certificate that is only for servers opens no link as a client") {
  open();
  const auto files = authority.make("odd", {.hosts = {}, .purpose = "serverAuth"});
  CHECK(contains(refused(files), "not for this purpose"));
  CHECK(at_server.wait("rejected").text == rejection::wrong_purpose);
}

TEST_CASE_FIXTURE(guarded,
                  "a certificate without a role of godwit's is rejected, and its owner told so") {
  open();
  const auto files = authority.make("nobody", {.uri = "https://example.org/", .hosts = {}});
  CHECK(contains(refused(files), rejection::no_role));
  CHECK(at_server.wait("rejected").text == rejection::no_role);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "a role that may not connect is rejected, and told so") {
  open();
  CHECK(contains(refused(server), rejection::wrong_role));
  CHECK(at_server.wait("rejected").text == rejection::wrong_role);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "a half-open connection is dropped when its time is over") {
  auto options = listening();
  options.limits.handshake_timeout = 100ms;
  open(options);
  raw_tcp client(door->port());
  client.write("\x16\x03\x01"); // a handshake begins, and does not go on
  CHECK(at_server.wait("rejected").text == rejection::timed_out);
  client.read_all();
  check_still_open();
  CHECK(door->counters().handshakes_now == 0);
}

TEST_CASE_FIXTURE(guarded, "half-open connections cannot keep a good edge out") {
  auto options = listening();
  options.limits.handshake_timeout = 1s;
  options.handshake_count_max = 4;
  open(options);
  std::vector<std::unique_ptr<raw_tcp>> idle;
  for (int i = 0; i < 8; ++i)
    idle.push_back(std::make_unique<raw_tcp>(door->port()));
  check_still_open();
  CHECK(at_server.wait("rejected").text == rejection::too_many);
}

TEST_CASE_FIXTURE(guarded,
                  "a listener without file descriptors says so, and goes on when there are some") {
  open();
  asio::io_context io;
  asio::ip::tcp::socket waiting(io, asio::ip::tcp::v4());
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int lowest_free = dup(0);
  REQUIRE(lowest_free > 0);
  close(lowest_free);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  waiting.connect({asio::ip::make_address("127.0.0.1"), door->port()});
  CHECK(at_server.wait("rejected").text == rejection::no_descriptors);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  asio::write(waiting, asio::buffer(std::string_view("GET / HTTP/1.1\r\n\r\n")));
  std::size_t count = 1; // it may have been told more than once
  while (at_server.wait("rejected", count).text == rejection::no_descriptors)
    ++count;
  CHECK(at_server.wait("rejected", count).text == rejection::not_tls);
  check_still_open();
}

TEST_CASE_FIXTURE(guarded, "no more links are opened than may be, and one that goes makes room") {
  auto options = listening();
  options.link_count_max = 1;
  open(options);
  auto first = std::make_unique<raw_tls>(door->port(), edge);
  at_server.wait("opened");
  auto second = must(dialler::start(this->dialling(door->port()), at_edge.for_dialler()));
  CHECK(at_server.wait("rejected").text == rejection::too_many);
  CHECK(contains(at_edge.wait("disconnected").text, "during the handshake"));
  first.reset();
  at_edge.wait("opened");
}

TEST_CASE_FIXTURE(guarded,
                  "a frame that announces 4 GiB closes the link, with its reason at both ends") {
  open();
  raw_tls client(door->port(), edge);
  client.write(frame_header{.kind = 16, .head_bytes = 0, .body_bytes = 0xFFFFFFFF, .sequence = 0});
  CHECK(at_server.wait("closed").text == "frame body too long");
  CHECK(client.read().kind == kind_ping);
  const auto last = client.read();
  CHECK(last.kind == kind_goodbye);
  CHECK(as_text(last.head) == "frame body too long");
  CHECK(door->counters().faults == 1);
}

TEST_CASE_FIXTURE(guarded, "a repeated frame closes the link") {
  open();
  raw_tls client(door->port(), edge);
  client.write(frame_header{.kind = 16, .sequence = 0});
  client.write(frame_header{.kind = 16, .sequence = 0});
  CHECK(at_server.wait("closed").text == "frame out of sequence");
  CHECK(at_server.count("received") == 1);
}

TEST_CASE_FIXTURE(guarded, "garbage inside TLS closes the link") {
  open();
  raw_tls client(door->port(), edge);
  client.write(pattern(4000, 9));
  CHECK(at_server.wait("closed").text == "frame of another protocol");
  CHECK(at_server.count("received") == 0);
}

TEST_CASE_FIXTURE(guarded, "a peer that falls silent is closed") {
  auto options = listening();
  options.limits.silent_after = 100ms;
  open(options);
  raw_tls client(door->port(), edge);
  at_server.wait("opened");
  CHECK(at_server.wait("closed").text == "silent");
  CHECK(door->counters().silent == 1);
}
