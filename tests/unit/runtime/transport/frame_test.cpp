// Are frame headers read exactly as they are documented, and refused before any memory is taken?
#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "transport/frame.hpp"
#include "transport/frame_reader.hpp"

using namespace godwit;
using namespace godwit::transport;

namespace {

using raw_header = std::array<std::byte, frame_header_bytes>;

frame_fault fault_of(const raw_header& raw, std::uint32_t sequence = 0) {
  auto read = decode_header(raw, sequence);
  REQUIRE_FALSE(read);
  return read.why();
}

} // namespace

TEST_CASE("a header is 16 little-endian bytes in the documented order") {
  const auto raw = encode_header(
      {.kind = 0x1234, .head_bytes = 0x00010203, .body_bytes = 0x00020406, .sequence = 0xA1B2C3D4});
  constexpr std::array<unsigned, 16> expected{0xF1, 0x00, 0x34, 0x12, 0x03, 0x02, 0x01, 0x00,
                                              0x06, 0x04, 0x02, 0x00, 0xD4, 0xC3, 0xB2, 0xA1};
  for (std::size_t i = 0; i < raw.size(); ++i)
    CHECK(std::to_integer<unsigned>(raw[i]) == expected[i]);
}

TEST_CASE("a header is read back as it was written, up to both bounds") {
  const frame_header written{.kind = 0xFFFF,
                             .head_bytes = limits::frame_head_bytes_max,
                             .body_bytes = limits::frame_body_bytes_max,
                             .sequence = 0xFFFFFFFF};
  auto read = decode_header(encode_header(written), 0xFFFFFFFF);
  REQUIRE(read);
  CHECK(*read == written);
}

TEST_CASE("each fault of a header is refused by its name") {
  const frame_header good{.kind = 16, .head_bytes = 1, .body_bytes = 1, .sequence = 0};
  auto raw = encode_header(good);
  CHECK(decode_header(raw, 0));
  CHECK(fault_of(raw, 1) == frame_fault::wrong_sequence);
  raw[0] = std::byte{0x16}; // a TLS handshake record
  CHECK(fault_of(raw) == frame_fault::wrong_version);
  raw = encode_header(good);
  raw[1] = std::byte{1};
  CHECK(fault_of(raw) == frame_fault::unknown_flags);

  auto changed = good;
  changed.head_bytes = limits::frame_head_bytes_max + 1;
  CHECK(fault_of(encode_header(changed)) == frame_fault::head_too_long);
  changed.head_bytes = 0xFFFFFFFF;
  CHECK(fault_of(encode_header(changed)) == frame_fault::head_too_long);
  changed = good;
  changed.body_bytes = limits::frame_body_bytes_max + 1;
  CHECK(fault_of(encode_header(changed)) == frame_fault::body_too_long);
  changed.body_bytes = 0xFFFFFFFF;
  CHECK(fault_of(encode_header(changed)) == frame_fault::body_too_long);
}

TEST_CASE("of the transport's kinds only ping, pong and goodbye may arrive, and only small") {
  for (std::uint16_t kind = 0; kind < kind_application_min; ++kind) {
    CAPTURE(kind);
    const bool known = kind == kind_ping || kind == kind_pong || kind == kind_goodbye;
    CHECK(decode_header(encode_header({.kind = kind}), 0).has_value() == known);
    if (known) {
      CHECK(fault_of(encode_header({.kind = kind, .body_bytes = 1})) == frame_fault::body_too_long);
      CHECK(fault_of(encode_header({.kind = kind, .head_bytes = limits::text_length_max + 1})) ==
            frame_fault::head_too_long);
    }
  }
}

TEST_CASE("random headers are either refused or within the bounds") {
  std::mt19937 chance(7);
  std::size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    raw_header raw;
    for (auto& one : raw)
      one = static_cast<std::byte>(chance());
    if (i % 2 == 0) { // get past the first checks often enough
      raw[0] = frame_version;
      raw[1] = raw[6] = raw[7] = raw[10] = raw[11] = std::byte{0};
    }
    const auto sequence =
        static_cast<std::uint32_t>(raw[12]) | static_cast<std::uint32_t>(raw[13]) << 8 |
        static_cast<std::uint32_t>(raw[14]) << 16 | static_cast<std::uint32_t>(raw[15]) << 24;
    if (auto read = decode_header(raw, sequence)) {
      ++accepted;
      CHECK(read->head_bytes <= limits::frame_head_bytes_max);
      CHECK(read->body_bytes <= limits::frame_body_bytes_max);
      CHECK(encode_header(*read) == raw);
    }
  }
  CHECK(accepted > 50'000);
}

TEST_CASE("frames come out of a stream whole, however it is cut") {
  std::mt19937 chance(11);
  bytes stream;
  std::vector<incoming> sent;
  for (std::uint32_t i = 0; i < 300; ++i) {
    incoming frame{.kind = static_cast<std::uint16_t>(16 + i), .head = {}, .body = {}};
    frame.head.resize(chance() % 3 == 0 ? 0 : chance() % 300, static_cast<std::byte>(i));
    const bytes body(chance() % 3 == 0 ? 0 : chance() % 3000, static_cast<std::byte>(i + 1));
    frame.body = shared_bytes(body);
    const auto header = encode_header({.kind = frame.kind,
                                       .head_bytes = static_cast<std::uint32_t>(frame.head.size()),
                                       .body_bytes = static_cast<std::uint32_t>(frame.body.size()),
                                       .sequence = i});
    stream.insert(stream.end(), header.begin(), header.end());
    stream.insert(stream.end(), frame.head.begin(), frame.head.end());
    stream.insert(stream.end(), body.begin(), body.end());
    sent.push_back(std::move(frame));
  }
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  std::vector<incoming> got;
  for (std::size_t at = 0; at < stream.size();) {
    const auto room = reader.space();
    REQUIRE_FALSE(room.empty());
    const auto count = std::min({room.size(), stream.size() - at, std::size_t{1} + chance() % 700});
    std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
    REQUIRE_FALSE(reader.filled(count));
    at += count;
    if (reader.complete())
      got.push_back(reader.take());
  }
  REQUIRE(got.size() == sent.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i].kind == sent[i].kind);
    CHECK(got[i].head == sent[i].head);
    CHECK(std::ranges::equal(got[i].body.view(), sent[i].body.view()));
  }
}

TEST_CASE("a header that announces 4 GiB is refused, and no room is made for it") {
  block_pool bodies(1 << 20);
  frame_reader reader(bodies);
  const auto raw =
      encode_header({.kind = 16, .head_bytes = 0, .body_bytes = 0xFFFFFFFF, .sequence = 0});
  const auto room = reader.space();
  REQUIRE(room.size() == frame_header_bytes);
  std::copy(raw.begin(), raw.end(), room.begin());
  CHECK(reader.filled(raw.size()) == frame_fault::body_too_long);
  CHECK_FALSE(reader.complete());
}
