// Does every message come back as it was, and is everything else refused, cheaply?
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/limits.hpp>

#include "allocation_meter.hpp"
#include "support/sample_messages.hpp"

using namespace godwit;

namespace {

/// Answers "" or the refusal's name.
using decoder = std::string (*)(std::uint16_t kind, bytes_view head);

/// An encoded message and the decoder of its direction.
struct sample {
  std::string message;
  encoded content;
  decoder decode;
};

template <class Decoded>
std::string why(const Decoded& out) {
  return out ? "" : std::string(name(out.why()));
}
std::string decode_edge(std::uint16_t kind, bytes_view head) {
  return why(decode_edge_envelope(kind, head));
}
std::string decode_person(std::uint16_t kind, bytes_view head) {
  return why(decode_person_message(kind, head));
}
std::string decode_server(std::uint16_t kind, bytes_view head) {
  return why(decode_server_message(kind, head));
}

std::string decode_trustee(std::uint16_t kind, bytes_view head) {
  return why(decode_trustee_envelope(kind, head));
}

std::vector<sample> all_samples() {
  std::vector<sample> made;
  for (const auto& x : samples::edge())
    made.push_back({std::string(name(x.message)), encode(x), decode_edge});
  for (const auto& x : samples::person())
    made.push_back({"status_request", encode(x), decode_person});
  for (const auto& x : samples::server())
    made.push_back({std::string(name(x)), encode(x), decode_server});
  for (const auto& x : samples::trustee())
    made.push_back({std::string(name(x.message)), encode(x), decode_trustee});
  return made;
}

struct direction {
  std::uint16_t kind_first;
  decoder decode;
};

/// What decoding may take for a head of so many bytes: texts are 32 bytes each in memory and 4 on
/// the wire, and a refusal costs an exception.
std::size_t memory_bound(std::size_t head_bytes) {
  return 12 * head_bytes + 4096;
}

void check_cheap(const sample& x, std::uint16_t kind, bytes_view head) {
  allocation_meter::start();
  x.decode(kind, head);
  const auto taken = allocation_meter::stop();
  if (taken > memory_bound(head.size()))
    FAIL("took ", taken, " bytes for ", head.size(), " of ", x.message, ": ", hex(head));
}

} // namespace

TEST_CASE("every message comes back as it was") {
  for (const auto& x : samples::edge()) {
    const auto there = encode(x);
    const auto back = decode_edge_envelope(there.kind, there.head);
    REQUIRE(back);
    CHECK(back->token == x.token);
    CHECK(back->message.index() == x.message.index());
    CHECK(hex(encode(*back).head) == hex(there.head));
  }
  for (const auto& x : samples::server()) {
    const auto there = encode(x);
    const auto back = decode_server_message(there.kind, there.head);
    REQUIRE(back);
    CHECK(back->index() == x.index());
    CHECK(hex(encode(*back).head) == hex(there.head));
  }
  for (const auto& x : samples::trustee()) {
    const auto there = encode(x);
    const auto back = decode_trustee_envelope(there.kind, there.head);
    REQUIRE(back);
    CHECK(back->token == x.token);
    CHECK(hex(encode(*back).head) == hex(there.head));
  }
  const auto question = encode(person_message{status_request{}});
  CHECK(decode_person_message(question.kind, question.head));
}

TEST_CASE("a message that is cut off anywhere is refused") {
  for (const auto& x : all_samples())
    for (std::size_t length = 0; length < x.content.head.size(); ++length) {
      CAPTURE(x.message);
      CAPTURE(length);
      CHECK(x.decode(x.content.kind, bytes_view(x.content.head).first(length)) == "malformed");
    }
}

TEST_CASE("bytes behind the end are refused") {
  for (auto x : all_samples()) {
    x.content.head.push_back(std::byte{0});
    CHECK(x.decode(x.content.kind, x.content.head) == "malformed");
    x.content.head.resize(x.content.head.size() + 100);
    CHECK(x.decode(x.content.kind, x.content.head) == "malformed");
  }
}

TEST_CASE("a kind that its sender has no business with is refused") {
  for (const auto& x : all_samples())
    for (unsigned kind : {0U, 1U, 31U, 42U, 63U, 65U, 95U, 110U, 127U, 131U, 0xFFFFU})
      CHECK(x.decode(static_cast<std::uint16_t>(kind), x.content.head) == "malformed");
  for (const auto& x : all_samples()) {
    const auto& head = x.content.head;
    const auto kind = x.content.kind;
    CHECK((decode_edge(kind, head) == "") == (x.decode == decode_edge));
    CHECK((decode_person(kind, head) == "") == (x.decode == decode_person));
    CHECK((decode_server(kind, head) == "") == (x.decode == decode_server));
    CHECK((decode_trustee(kind, head) == "") == (x.decode == decode_trustee));
  }
}

TEST_CASE("a length of 4 GiB anywhere is refused without taking memory for it") {
  for (const auto& x : all_samples())
    for (std::size_t at = 0; at + 4 <= x.content.head.size(); ++at) {
      auto head = x.content.head;
      std::memset(head.data() + at, 0xFF, 4);
      check_cheap(x, x.content.kind, head);
    }
  const bytes lie(4, std::byte{0xFF});
  CHECK(decode_edge(edge_kind_first, lie) == "malformed");
  CHECK(decode_server(server_kind_first + 1, lie) == "malformed");
}

TEST_CASE("a length just past the end, or texts that cannot fit, are refused without taking memory "
          "for them") {
  // A hello that announces as many features as it has bytes left; each needs four.
  bytes head = encode(samples::edge()[0]).head;
  const std::size_t count_at = head.size() - 7 - 8 - 4;
  head.resize(limits::frame_head_bytes_max);
  const auto rest = static_cast<std::uint32_t>(head.size() - count_at - 4);
  for (auto count : {rest, rest / 4 + 1, rest / 4}) {
    std::memcpy(head.data() + count_at, &count, 4);
    const sample x{"hello", {edge_kind_first, head}, decode_edge};
    CHECK(decode_edge(edge_kind_first, head) == "malformed");
    check_cheap(x, edge_kind_first, head);
  }
}

TEST_CASE("random bytes of any kind never do harm") {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 100'000; ++i) {
    bytes head(random() % 200);
    for (auto& b : head)
      b = static_cast<std::byte>(random() %
                                 (i % 2 ? 256 : 4)); // small numbers make lengths that fit
    for (const auto& [first, decode] :
         {direction{edge_kind_first, decode_edge}, direction{person_kind_first, decode_person},
          direction{server_kind_first, decode_server},
          direction{trustee_kind_first, decode_trustee}}) {
      const sample x{"garbage", {}, decode};
      check_cheap(x, static_cast<std::uint16_t>(first + random() % 12), head);
    }
  }
}

TEST_CASE("a message with any of its bytes changed is refused or is another well-formed message") {
  std::mt19937_64 random(7);
  for (const auto& x : all_samples())
    for (std::size_t at = 0; at < x.content.head.size(); ++at)
      for (int i = 0; i < 8; ++i) {
        auto head = x.content.head;
        head[at] ^= static_cast<std::byte>(1U << i);
        check_cheap(x, x.content.kind, head);
        if (const auto back = decode_server_message(x.content.kind, head))
          CHECK(hex(encode(*back).head) == hex(head));
        if (const auto back = decode_edge_envelope(x.content.kind, head))
          CHECK(hex(encode(*back).head) == hex(head));
        if (const auto back = decode_trustee_envelope(x.content.kind, head))
          CHECK(hex(encode(*back).head) == hex(head));
      }
}

TEST_CASE("a head past its limit is refused before it is looked at") {
  const bytes head(limits::frame_head_bytes_max + 1);
  CHECK(decode_edge(edge_kind_first, head) == "too_large");
  CHECK(decode_person(person_kind_first, head) == "too_large");
  CHECK(decode_server(server_kind_first, head) == "too_large");
  CHECK(decode_trustee(trustee_kind_first, head) == "too_large");
}

TEST_CASE("a token past its limit is refused") {
  auto x = encode(edge_envelope{std::string(limits::token_length_max, 't'), token_renewal{}});
  CHECK(decode_edge(x.kind, x.head) == "");
  x = encode(edge_envelope{std::string(limits::token_length_max + 1, 't'), token_renewal{}});
  CHECK(decode_edge(x.kind, x.head) == "too_large");
}
