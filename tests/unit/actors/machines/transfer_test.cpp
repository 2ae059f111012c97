// Do bytes longer than a frame come over whole, in order, by credit, or not at all?
#include <algorithm>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/transfer.hpp>
#include <godwit/privacy/digest.hpp>

using namespace godwit;
using transfer::emission;
using transfer::reception;

namespace {

bytes some_bytes(std::size_t count) {
  bytes made(count);
  std::uint32_t x = 1;
  for (auto& b : made) {
    x = x * 1664525 + 1013904223;
    b = static_cast<std::byte>(x >> 24);
  }
  return made;
}

model_id id_of(const bytes& content) {
  return {sha256(content), content.size()};
}

std::string why(const result<done>& out) {
  return out ? "" : std::string(name(out.why()));
}

} // namespace

TEST_CASE("content of every length around a chunk's arrives whole") {
  for (std::size_t length :
       {std::size_t{1}, std::size_t{4}, limits::chunk_bytes - 1, limits::chunk_bytes,
        limits::chunk_bytes + 1, 3 * limits::chunk_bytes, 20 * limits::chunk_bytes + 5}) {
    CAPTURE(length);
    const auto content = some_bytes(length);
    emission out(shared_bytes(content), 0, length);
    block_pool memory(1 << 20);
    reception in(id_of(content), memory);
    std::size_t chunks = 0;
    while (auto chunk = out.next()) {
      CHECK(chunk->body.size() <= limits::chunk_bytes);
      CHECK_FALSE(in.is_complete());
      REQUIRE(in.take(chunk->offset, chunk->body.view()));
      ++chunks;
    }
    CHECK(out.is_at_end());
    CHECK(chunks == (length + limits::chunk_bytes - 1) / limits::chunk_bytes);
    REQUIRE(in.is_complete());
    CHECK(std::ranges::equal(in.finish().view(), content));
  }
}

TEST_CASE("chunks of any size are taken, as long as they come in order") {
  const auto content = some_bytes(1000);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  std::size_t at = 0;
  for (std::size_t size = 1; at < content.size(); ++size) {
    const auto count = std::min(size, content.size() - at);
    REQUIRE(in.take(at, bytes_view(content).subspan(at, count)));
    at += count;
    CHECK(in.received() == at);
  }
  CHECK(in.is_complete());
}

TEST_CASE("a chunk that is not the next one is refused, and the transfer goes on behind it") {
  const auto content = some_bytes(300);
  const bytes_view view(content);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  CHECK(why(in.take(100, view.subspan(100, 100))) == "wrong_phase");
  REQUIRE(in.take(0, view.first(100)));
  CHECK(why(in.take(0, view.first(100))) == "wrong_phase");
  CHECK(why(in.take(50, view.subspan(50, 100))) == "wrong_phase");
  CHECK(why(in.take(~std::uint64_t{0}, view.first(1))) == "wrong_phase");
  CHECK(why(in.take(100, {})) == "wrong_phase");
  CHECK(in.received() == 100);
  REQUIRE(in.take(100, view.subspan(100)));
  CHECK(in.is_complete());
}

TEST_CASE("more than was announced is refused and nothing of it is kept") {
  const auto content = some_bytes(100);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  CHECK(why(in.take(0, some_bytes(101))) == "too_large");
  CHECK(in.received() == 0);
  REQUIRE(in.take(0, bytes_view(content).first(99)));
  CHECK(why(in.take(99, bytes_view(content).first(2))) == "too_large");
  REQUIRE(in.take(99, bytes_view(content).subspan(99)));
  CHECK(why(in.take(100, bytes_view(content).first(1))) == "too_large");
}

TEST_CASE("content that does not match its digest is refused with its last chunk") {
  const auto content = some_bytes(200);
  auto forged = content;
  forged[37] ^= std::byte{1};
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  REQUIRE(in.take(0, bytes_view(forged).first(100)));
  CHECK(why(in.take(100, bytes_view(forged).subspan(100))) == "wrong_checksum");
}

TEST_CASE("credit keeps a megabyte on its way, and covers every byte once") {
  const auto content = some_bytes(30 * limits::chunk_bytes + 17);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  std::uint64_t asked = 0;
  std::size_t requests = 0;
  emission sending(shared_bytes(content), 0, 0);
  std::vector<emission> open;
  while (!in.is_complete()) {
    if (auto request = in.next_request()) {
      CHECK(request->offset == asked);
      CHECK(request->model == in.what());
      REQUIRE(request->chunk_count > 0);
      ++requests;
      const auto end = request->offset + std::uint64_t{request->chunk_count} * limits::chunk_bytes;
      asked = std::min<std::uint64_t>(end, content.size());
      CHECK(asked - in.received() <= 8 * limits::chunk_bytes);
      sending = emission(shared_bytes(content), request->offset, end);
      open.push_back(sending);
    }
    REQUIRE_FALSE(open.empty());
    auto chunk = open.front().next();
    if (!chunk) {
      open.erase(open.begin());
      continue;
    }
    REQUIRE(in.take(chunk->offset, chunk->body.view()));
  }
  CHECK(asked == content.size());
  CHECK(requests < 12);
  CHECK_FALSE(in.next_request());
}

TEST_CASE("while more than half of the credit is unused, no more is asked for") {
  const auto content = some_bytes(20 * limits::chunk_bytes);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  REQUIRE(in.next_request());
  CHECK_FALSE(in.next_request());
  const bytes_view view(content);
  for (std::size_t i = 0; i < 3; ++i)
    REQUIRE(in.take(i * limits::chunk_bytes,
                    view.subspan(i * limits::chunk_bytes, limits::chunk_bytes)));
  CHECK_FALSE(in.next_request());
  REQUIRE(
      in.take(3 * limits::chunk_bytes, view.subspan(3 * limits::chunk_bytes, limits::chunk_bytes)));
  const auto next = in.next_request();
  REQUIRE(next);
  CHECK(next->offset == 8 * limits::chunk_bytes);
  CHECK(next->chunk_count == 4);
}

TEST_CASE("after a lost connection the rest is asked for again, from what has arrived") {
  const auto content = some_bytes(20 * limits::chunk_bytes);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  REQUIRE(in.next_request());
  REQUIRE(in.take(0, bytes_view(content).first(limits::chunk_bytes)));
  in.restart_credit();
  const auto again = in.next_request();
  REQUIRE(again);
  CHECK(again->offset == limits::chunk_bytes);
  CHECK(again->chunk_count == 8);
}

TEST_CASE("a peer that sends more than it was asked for does not stop the asking") {
  const auto content = some_bytes(20 * limits::chunk_bytes);
  block_pool memory(1 << 20);
  reception in(id_of(content), memory);
  REQUIRE(in.next_request());
  const bytes_view view(content);
  for (std::size_t i = 0; i < 9; ++i)
    REQUIRE(in.take(i * limits::chunk_bytes,
                    view.subspan(i * limits::chunk_bytes, limits::chunk_bytes)));
  const auto next = in.next_request();
  REQUIRE(next);
  CHECK(next->offset == 9 * limits::chunk_bytes);
}

TEST_CASE("a part is sent from where it was asked for, to where the content ends") {
  const auto content = some_bytes(100);
  const shared_bytes shared(content);
  emission part(shared, 90, 1000);
  const auto chunk = part.next();
  REQUIRE(chunk);
  CHECK(chunk->offset == 90);
  CHECK(chunk->body.size() == 10);
  CHECK_FALSE(part.next());
  CHECK_FALSE(emission(shared, 100, 200).next());
  CHECK_FALSE(emission(shared, 500, 600).next());
  CHECK_FALSE(emission(shared, 10, 10).next());
}
