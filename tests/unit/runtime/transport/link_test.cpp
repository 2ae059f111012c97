// Do frames cross a link whole, both ways, in order, and does it end as promised?
#include <map>

#include "observed.hpp"
#include "raw_peer.hpp"

using namespace godwit;
using namespace godwit::transport;
using namespace godwit::transport::testing;

TEST_CASE_FIXTURE(rig, "both sides learn who the other is, and the server's first") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto opened = at_server.wait("opened");
  CHECK(opened.who.role == role::edge);
  CHECK(opened.who.name == "one");
  CHECK(opened.who.address.starts_with("127.0.0.1:"));
  CHECK(opened.who.fingerprint != sha256_digest{});
  const auto connected = at_edge.wait("opened");
  CHECK(connected.who.role == role::server);
  CHECK(connected.who.name == "hub");
  CHECK(connected.who.address == "127.0.0.1:" + std::to_string(listening->port()));
  CHECK(listening->counters().links_now == 1);
  CHECK(listening->counters().handshakes_now == 0);
}

TEST_CASE_FIXTURE(rig,
                  "frames of every size up to both bounds cross both ways unchanged and in order") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto down = at_server.wait("opened").link;
  const auto up = at_edge.wait("opened").link;

  const std::vector<std::pair<std::size_t, std::size_t>> sizes{
      {0, 1},        {1, 1},
      {100, 16'368}, {0, 16'384},
      {0, 16'385},   {300, 131'072},
      {7, 262'143},  {limits::frame_head_bytes_max, limits::frame_body_bytes_max},
      {1, 2}};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto kind = static_cast<std::uint16_t>(100 + i);
    const auto make = [&] {
      return outgoing{.kind = kind,
                      .head = pattern(sizes[i].first, kind),
                      .body = shared_bytes(pattern(sizes[i].second, kind + 1U))};
    };
    dialling->send(up, make());
    listening->send(down, make());
  }
  for (auto* side : {&at_server, &at_edge}) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto got = side->wait("received", i + 1);
      CHECK(got.frame.kind == 100 + i);
      CHECK(got.frame.head == pattern(sizes[i].first, static_cast<unsigned>(100 + i)));
      CHECK(std::ranges::equal(got.frame.body.view(),
                               pattern(sizes[i].second, static_cast<unsigned>(101 + i))));
    }
  }
}

TEST_CASE_FIXTURE(rig, "control frames of every size cross, the empty and the longest too") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto up = at_edge.wait("opened").link;
  std::size_t count = 0;
  for (std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{16'384}, limits::frame_head_bytes_max}) {
    dialling->send(up, {.kind = 16, .head = pattern(size, 3), .body = {}});
    CHECK(at_server.wait("received", ++count).frame.head == pattern(size, 3));
  }
}

TEST_CASE_FIXTURE(
    rig, "a control frame overtakes the bulk that waits, so a slow reader still gets heartbeats") {
  observed at_server;
  auto options = listening();
  options.limits.queue_bytes_max = 64U << 20;
  auto listening = must(listener::open(options, at_server.for_listener()));
  raw_tls client(listening->port(), edge);
  const auto link = at_server.wait("opened").link;
  const shared_bytes body(pattern(limits::frame_body_bytes_max, 1));
  constexpr int bulk_count = 120; // 31 MB: more than the kernel's buffers take
  for (int i = 0; i < bulk_count; ++i)
    listening->send(link, {.kind = 20, .head = {}, .body = body});
  listening->send(link, {.kind = 30, .head = {}, .body = {}});
  CHECK(client.read().kind == kind_ping);
  int before = 0, after = 0;
  for (auto kind = client.read().kind; kind != 30; kind = client.read().kind)
    before += kind == 20;
  while (before + after < bulk_count)
    after += client.read().kind == 20;
  CHECK(after > 0);
  CHECK(at_server.wait("drained").link == link);
}

TEST_CASE_FIXTURE(rig, "a peer that does not read is closed when more waits than may") {
  observed at_server;
  auto options = listening();
  options.limits.queue_bytes_max = 2U << 20;
  auto listening = must(listener::open(options, at_server.for_listener()));
  raw_tls client(listening->port(), edge);
  const auto link = at_server.wait("opened").link;
  const shared_bytes body(pattern(limits::frame_body_bytes_max, 1));
  for (int i = 0; i < 200; ++i)
    listening->send(link, {.kind = 20, .head = {}, .body = body});
  CHECK(at_server.wait("closed").text == "the peer does not read");
  CHECK(listening->counters().overflows == 1);
  CHECK(listening->counters().links_now == 0);
}

TEST_CASE_FIXTURE(rig,
                  "a listener whose user is behind stops reading, goes on sending, and reads on") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto down = at_server.wait("opened").link;
  const auto up = at_edge.wait("opened").link;
  constexpr std::size_t fit = unread_bodies_bytes_max / limits::chunk_bytes;
  const shared_bytes body(pattern(limits::chunk_bytes, 1));
  for (std::size_t i = 0; i < fit + 20; ++i)
    dialling->send(up, {.kind = 20, .head = {}, .body = body});
  at_server.wait("received", fit);
  for (std::size_t i = 1; i <= 3; ++i) { // the listener's thread goes round, and reads nothing
    listening->send(down, {.kind = 30, .head = {}, .body = {}});
    at_edge.wait("received", i);
    CHECK(at_server.count("received") == fit);
  }
  at_server.forget_bodies();
  at_server.wait("received", fit + 20);
}

TEST_CASE_FIXTURE(rig, "links that wait for room take turns, and none of them starves") {
  observed at_server, at_first, at_second;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  const auto other = authority.edge("two");
  auto first = must(dialler::start(dialling(listening->port()), at_first.for_dialler()));
  const auto from_first = at_first.wait("opened").link;
  auto second = must(dialler::start(dialling(listening->port(), other), at_second.for_dialler()));
  const auto from_second = at_second.wait("opened").link;
  const auto second_at_server = at_server.wait("opened", 2).link;
  constexpr std::size_t fit = unread_bodies_bytes_max / limits::chunk_bytes;
  const shared_bytes body(pattern(limits::chunk_bytes, 1));
  for (std::size_t i = 0; i < fit + 25; ++i) {
    first->send(from_first, {.kind = 20, .head = {}, .body = body});
    second->send(from_second, {.kind = 20, .head = {}, .body = body});
  }
  at_server.wait("received", fit);
  std::size_t of_second = 0;
  for (std::size_t i = 1; i <= 20; ++i) {
    at_server.forget_one_body();
    of_second += at_server.wait("received", fit + i).link == second_at_server ? 1 : 0;
  }
  CHECK(of_second >= 8);
  CHECK(of_second <= 12);
  first.reset();
  second.reset();
}

TEST_CASE_FIXTURE(rig, "a sender that waits for drained never overflows") {
  observed at_edge;
  std::unique_ptr<listener> listening;
  const shared_bytes body(pattern(limits::chunk_bytes, 1));
  int left = 200; // 26 MB through a queue of 1 MiB
  auto options = this->listening();
  options.limits.queue_bytes_max = 1U << 20;
  auto send_some = [&](link_id link) {
    for (int i = 0; i < 4 && left > 0; ++i, --left)
      listening->send(link, {.kind = 20, .head = {}, .body = body});
  };
  std::mutex ready; // until `listening` is set
  ready.lock();
  listener_events events;
  events.opened = [&](link_id link, const peer&) {
    const std::lock_guard held(ready);
    send_some(link);
  };
  events.drained = send_some;
  listening = must(listener::open(options, events));
  ready.unlock();
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  CHECK(at_edge.wait("received", 200).frame.body.size() == limits::chunk_bytes);
  CHECK(listening->counters().overflows == 0);
}

TEST_CASE_FIXTURE(rig,
                  "a listener that closes a link first delivers what it said, then the reason") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto link = at_server.wait("opened").link;
  listening->send(link, {.kind = 40, .head = pattern(10, 0), .body = {}});
  listening->close(link, "not enrolled");
  CHECK(at_server.wait("closed").text == "not enrolled");
  CHECK(at_edge.wait("received").frame.kind == 40);
  CHECK(at_edge.wait("disconnected").text == "the server closed the link: not enrolled");
  CHECK(at_edge.wait("opened", 2).link != at_edge.wait("opened", 1).link);
}

TEST_CASE_FIXTURE(rig, "a dialler that closes its link tells the reason and dials again") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  at_edge.wait("opened");
  dialling->close_current("battery is low");
  CHECK(at_server.wait("closed").text == "the peer closed the link: battery is low");
  CHECK(at_edge.wait("disconnected").text == "battery is low");
  at_edge.wait("opened", 2);
}

TEST_CASE_FIXTURE(rig, "a frame for an earlier link never slips into a later one") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto before = at_edge.wait("opened").link;
  dialling->close_current("again");
  const auto now = at_edge.wait("opened", 2).link;
  dialling->send(before, {.kind = 50, .head = {}, .body = {}});
  dialling->send(now, {.kind = 51, .head = {}, .body = {}});
  CHECK(at_server.wait("received").frame.kind == 51);
  CHECK(at_server.count("received") == 1);
}

TEST_CASE_FIXTURE(rig, "quiet links are kept alive by heartbeats alone") {
  observed at_server, at_edge;
  auto options = this->listening();
  options.limits.heartbeat_every = 20ms;
  options.limits.silent_after = 2s;
  auto listening = must(listener::open(options, at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  at_edge.wait("opened");
  raw_tls watching(listening->port(), edge); // sees what a quiet server says
  for (int i = 0; i < 5; ++i)
    CHECK(watching.read().kind == kind_ping);
  CHECK(at_server.count("closed") == 0);
}

TEST_CASE_FIXTURE(rig, "a ping is answered with a pong") {
  observed at_server;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  raw_tls client(listening->port(), edge);
  client.write(frame_header{.kind = kind_ping});
  CHECK(client.read().kind == kind_ping); // the welcome
  CHECK(client.read().kind == kind_pong);
}

TEST_CASE_FIXTURE(rig, "a hundred edges are served at once, each with its own frames") {
  observed at_server;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  constexpr std::size_t count = 100;
  std::vector<std::unique_ptr<observed>> seen;
  std::vector<std::unique_ptr<dialler>> edges;
  for (std::size_t i = 0; i < count; ++i) {
    seen.push_back(std::make_unique<observed>());
    edges.push_back(
        must(dialler::start(this->dialling(listening->port()), seen.back()->for_dialler())));
  }
  for (std::size_t i = 0; i < count; ++i)
    edges[i]->send(
        seen[i]->wait("opened").link,
        {.kind = static_cast<std::uint16_t>(100 + i), .head = pattern(i, 1), .body = {}});
  std::map<std::uint16_t, std::size_t> got;
  for (std::size_t i = 0; i < count; ++i) {
    const auto one = at_server.wait("received", i + 1);
    got[one.frame.kind] = one.frame.head.size();
    listening->send(one.link, {.kind = one.frame.kind, .head = {}, .body = {}});
  }
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(got[static_cast<std::uint16_t>(100 + i)] == i);
    CHECK(seen[i]->wait("received").frame.kind == 100 + i);
  }
  CHECK(listening->counters().links_now == count);
  edges.clear();
  at_server.wait("closed", count);
  CHECK(listening->counters().links_now == 0);
}

TEST_CASE_FIXTURE(rig, "no event comes after a dialler or a listener is destroyed") {
  observed at_server, at_edge;
  auto listening = must(listener::open(this->listening(), at_server.for_listener()));
  auto dialling = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  const auto link = at_server.wait("opened").link;
  at_edge.wait("opened");
  dialling.reset();
  CHECK(at_server.wait("closed").link == link);
  CHECK(at_server.wait("closed").text == "the peer closed the link: shutting down");
  CHECK(at_edge.count("disconnected") == 0);
  auto again = must(dialler::start(this->dialling(listening->port()), at_edge.for_dialler()));
  at_server.wait("opened", 2);
  at_edge.wait("opened", 2);
  listening.reset();
  CHECK(at_server.count("closed") == 1);
  CHECK(at_edge.wait("disconnected").text == "the server closed the link: shutting down");
}
