// Do frames leave in the promised order and within the promised bounds?
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "transport/backoff.hpp"
#include "transport/frame_reader.hpp"
#include "transport/send_queue.hpp"

using namespace godwit;
using namespace godwit::transport;
using namespace std::chrono_literals;

namespace {

outgoing control(std::uint16_t kind, std::size_t head = 4) {
  return {.kind = kind, .head = bytes(head), .body = {}};
}
outgoing bulk(std::uint16_t kind, std::size_t body = 1000) {
  return {.kind = kind, .head = bytes(4), .body = shared_bytes(bytes(body))};
}

/// Sends up to `limit` bytes in steps of `step` and returns the kinds of the frames that are whole
/// on the other side.
std::vector<std::uint16_t> deliver(send_queue& from, frame_reader& to, std::size_t step,
                                   std::size_t limit = 1 << 30) {
  std::vector<std::uint16_t> kinds;
  std::size_t moved = 0;
  for (auto data = from.next(); !data.empty() && moved < limit; data = from.next()) {
    const auto room = to.space();
    const auto count = std::min({data.size(), room.size(), step});
    std::copy_n(data.begin(), count, room.begin());
    REQUIRE_FALSE(to.filled(count));
    from.sent(count);
    moved += count;
    if (to.complete())
      kinds.push_back(to.take().kind);
  }
  return kinds;
}

} // namespace

TEST_CASE("control frames leave before the bulk frames that wait, each in their order") {
  send_queue queue(1 << 20);
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  REQUIRE(queue.push(bulk(20)));
  REQUIRE(queue.push(bulk(21)));
  REQUIRE(queue.push(control(30)));
  REQUIRE(queue.push(control(31)));
  CHECK(deliver(queue, reader, 100) == std::vector<std::uint16_t>{30, 31, 20, 21});
  CHECK(queue.empty());
  CHECK(queue.waiting_bytes() == 0);
}

TEST_CASE("a control frame waits for no more than the one bulk frame that is on its way") {
  send_queue queue(1 << 20);
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  for (std::uint16_t kind = 20; kind < 25; ++kind)
    REQUIRE(queue.push(bulk(kind)));
  CHECK(deliver(queue, reader, 100, 500).empty()); // in the middle of the first
  REQUIRE(queue.push(control(30)));
  CHECK(deliver(queue, reader, 100) == std::vector<std::uint16_t>{20, 30, 21, 22, 23, 24});
}

TEST_CASE("small control frames are gathered, and a bulk frame's body is not copied") {
  send_queue queue(1 << 20);
  for (std::uint16_t kind = 30; kind < 40; ++kind)
    REQUIRE(queue.push(control(kind)));
  CHECK(queue.next().size() == 10 * (frame_header_bytes + 4));
  queue.sent(queue.next().size());

  auto frame = bulk(20);
  const auto* body = frame.body.view().data();
  REQUIRE(queue.push(std::move(frame)));
  CHECK(queue.next().size() == frame_header_bytes + 4);
  queue.sent(queue.next().size());
  CHECK(queue.next().data() == body);
}

TEST_CASE("a queue holds exactly its bound, and refuses the byte after") {
  const auto each = frame_header_bytes + 4 + 1000;
  send_queue queue(3 * each);
  CHECK(queue.push(bulk(20)));
  CHECK(queue.push(bulk(21)));
  CHECK(queue.push(bulk(22)));
  CHECK(queue.waiting_bytes() == 3 * each);
  CHECK_FALSE(queue.push(control(30, 0)));
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  CHECK(deliver(queue, reader, 4000).size() == 3);
  CHECK(queue.push(control(30, 0)));
}

TEST_CASE("dropped bulk frames leave the one that is on its way whole") {
  send_queue queue(1 << 20);
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  REQUIRE(queue.push(bulk(20)));
  REQUIRE(queue.push(bulk(21)));
  CHECK(deliver(queue, reader, 100, 300).empty());
  queue.drop_bulk();
  queue.push_anyway(control(30));
  CHECK(deliver(queue, reader, 100) == std::vector<std::uint16_t>{20, 30});
  CHECK(queue.empty());
}

TEST_CASE("pauses double from the least to the most, shortened by up to a half, the same for the "
          "same seed") {
  backoff pauses(200ms, 1000ms, 5), same(200ms, 1000ms, 5);
  for (auto whole : {200ms, 400ms, 1000ms, 1000ms, 1000ms}) {
    const auto pause = pauses.next();
    CHECK(pause >= whole / 2);
    CHECK(pause <= whole);
    CHECK(pause == same.next());
  }
  pauses.restart();
  CHECK(pauses.next() <= 200ms);
}

TEST_CASE("two nodes with different seeds do not come back at the same moments") {
  backoff one(200ms, 10s, 1), other(200ms, 10s, 2);
  int same = 0;
  for (int i = 0; i < 20; ++i)
    same += one.next() == other.next();
  CHECK(same < 5);
}
