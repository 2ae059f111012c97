// Do the servers of a shared sum open the sum, and only that, and do they notice who tampers?
#include <godwit/actors/machines/shared_sum.hpp>

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

#include "support/shared_sum_world.hpp"

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

terms terms_of(shared_sum::scheme how, unsigned servers, std::uint64_t length = 3) {
  return {.suite = mask_suite::chacha20,
          .scheme = how,
          .server_count = servers,
          .lane_bits = 32,
          .job = "a sum",
          .round = {7},
          .nonce = {},
          .clients_min = 2,
          .clients_max = 4,
          .length = length,
          .meaning = {}};
}
const terms two = terms_of(scheme::additive, 2);
const terms three = terms_of(scheme::replicated, 3);

/// What the clients of upload_all come to.
bytes plain_sum(const std::vector<client_id>& clients, std::uint64_t length = 3) {
  std::vector<std::uint32_t> sum(length);
  for (const auto& client : clients)
    for (std::uint32_t i = 0; i < length; ++i)
      sum[i] += static_cast<std::uint32_t>(std::stoul(client.name.substr(1))) + 1 + 1000 * i;
  const auto view = std::as_bytes(std::span(sum));
  return {view.begin(), view.end()};
}

/// Whether any server believes something else than the sum of those that it says it is of.
bool is_fooled(const server_world& world, const terms& t) {
  for (unsigned server = 1; server <= t.server_count; ++server)
    if (const auto& sum = world.sum_of(server); sum && sum->sum != plain_sum(sum->clients))
      return true;
  return false;
}

/// Whether a server has given up, or says which client it had to leave out.
bool has_noticed(const server_world& world, unsigned server) {
  return world.end_of(server) || (world.sum_of(server) && !world.sum_of(server)->excluded.empty());
}

/// Flips `mask` in byte `at` of the letter `nth` on its way to one of its receivers.
tampering flip(std::size_t nth, std::size_t at, unsigned mask) {
  return [=](std::size_t which, letter& sent) {
    if (which == nth)
      sent.content[at] ^= static_cast<std::byte>(mask);
  };
}

} // namespace

TEST_CASE(
    "a client that reached only some servers does not count, and nobody else is the worse for it") {
  for (const auto& t : {two, three}) {
    server_world world(t);
    const auto plain = upload_all<std::uint32_t>(world, t, 3);
    const auto late = split(t, secret(bytes(32, std::byte{9})), std::vector<std::uint32_t>(3, 5));
    world.upload({"late"}, 1, late.heads[0], {});
    world.run();
    for (unsigned server = 1; server <= t.server_count; ++server) {
      REQUIRE(world.sum_of(server));
      CHECK(world.sum_of(server)->sum == plain);
      CHECK(world.sum_of(server)->clients == std::vector<client_id>{{"c0"}, {"c1"}, {"c2"}});
      CHECK(world.sum_of(server)->excluded.empty());
    }
    CHECK(world.kept_count == t.server_count);
  }
}

TEST_CASE("a client whose uploads are of two seeds does not count") {
  server_world world(two);
  const auto plain = upload_all<std::uint32_t>(world, two, 2);
  const auto once = split(two, secret(bytes(32, std::byte{8})), std::vector<std::uint32_t>(3, 5));
  const auto again = split(two, secret(bytes(32, std::byte{9})), std::vector<std::uint32_t>(3, 5));
  const auto lanes = std::as_bytes(std::span(again.lanes));
  world.upload({"twice"}, 1, once.heads[0], {});
  world.upload({"twice"}, 2, again.heads[1], {lanes.begin(), lanes.end()});
  world.run();
  REQUIRE(world.sum_of(1));
  CHECK(world.sum_of(1)->sum == plain);
  CHECK(world.sum_of(2)->clients.size() == 2);
}

TEST_CASE("a client that gave two servers different copies of any share is left out by all") {
  for (int lie = 0; lie < 3; ++lie) { // one share each: 1, 2 and the lanes
    CAPTURE(lie);
    server_world world(three, static_cast<std::uint64_t>(lie));
    const auto plain = upload_all<std::uint32_t>(world, three, 3);
    auto made = split(three, secret(bytes(32, std::byte{9})), std::vector<std::uint32_t>(3, 5));
    auto other = made.lanes;
    if (lie == 0)
      made.heads[2].back() ^= std::byte{1}; // server 3's copy of key 1
    if (lie == 1)
      made.heads[1].back() ^= std::byte{1}; // server 2's copy of key 2
    if (lie == 2)
      other[2] += 1;
    const auto content = [](const std::vector<std::uint32_t>& lanes) {
      const auto view = std::as_bytes(std::span(lanes));
      return bytes(view.begin(), view.end());
    };
    world.upload({"liar"}, 1, made.heads[0], {});
    world.upload({"liar"}, 2, made.heads[1], content(made.lanes));
    world.upload({"liar"}, 3, made.heads[2], content(other));
    world.run();
    for (unsigned server = 1; server <= 3; ++server) {
      REQUIRE(world.sum_of(server));
      CHECK(world.sum_of(server)->sum == plain);
      CHECK(world.sum_of(server)->excluded == std::vector<client_id>{{"liar"}});
    }
  }
}

TEST_CASE(
    "replicated: one changed byte of an upload on its way is refused, or its client left out") {
  const auto made = split(three, secret(bytes(32, std::byte{9})), std::vector<std::uint32_t>(3, 5));
  const auto view = std::as_bytes(std::span(made.lanes));
  for (unsigned victim = 1; victim <= 3; ++victim) {
    const auto head_size = made.heads[victim - 1].size();
    const auto size = head_size + (holds_lanes(three, victim) ? view.size() : 0);
    for (std::size_t at = 0; at < size; ++at) {
      server_world world(three);
      upload_all<std::uint32_t>(world, three, 3);
      for (unsigned server = 1; server <= 3; ++server) {
        auto head = made.heads[server - 1];
        bytes lanes(view.begin(), view.end());
        if (server == victim)
          (at < head_size ? head[at] : lanes[at - head_size]) ^= std::byte{0x20};
        world.upload({"late"}, server, head, lanes);
      }
      world.run();
      CAPTURE(victim);
      CAPTURE(at);
      for (unsigned server = 1; server <= 3; ++server) {
        REQUIRE(world.sum_of(server));
        REQUIRE(world.sum_of(server)->clients.size() == 3);
        REQUIRE(world.sum_of(server)->sum == plain_sum(world.sum_of(server)->clients));
      }
    }
  }
}

TEST_CASE("with fewer clients than the terms ask for nothing is opened") {
  for (const auto& t : {two, three}) {
    server_world world(t);
    upload_all<std::uint32_t>(world, t, 1);
    world.run();
    for (unsigned server = 1; server <= t.server_count; ++server) {
      REQUIRE(world.end_of(server));
      CHECK(world.end_of(server)->why == reason::too_few);
    }
    CHECK(world.kept_count == 0);
  }
}

TEST_CASE("replicated: one changed byte of any message is noticed by who gets it") {
  server_world honest(three);
  upload_all<std::uint32_t>(honest, three, 3);
  honest.run();
  REQUIRE(honest.sum_of(1));
  REQUIRE(honest.sent.size() == 3 * 2 * 7);
  for (std::size_t nth = 0; nth < honest.sent.size(); ++nth)
    for (std::size_t at = 0; at < honest.sent[nth].content.size(); ++at)
      for (const unsigned mask : {0x01U, 0x80U}) {
        server_world world(three, 1, flip(nth, at, mask));
        upload_all<std::uint32_t>(world, three, 3);
        world.run();
        CAPTURE(nth);
        CAPTURE(at);
        REQUIRE_FALSE(is_fooled(world, three));
        // A changed fingerprint leaves a client out that had not deserved it, and says so.
        REQUIRE(has_noticed(world, world.sent[nth].to));
      }
}

TEST_CASE("replicated: a server that lies to both others in any byte is noticed by both") {
  server_world honest(three);
  upload_all<std::uint32_t>(honest, three, 3);
  honest.run();
  for (std::size_t kind = 1; kind <= 7; ++kind) {
    const auto like = std::find_if(honest.sent.begin(), honest.sent.end(), [kind](const letter& x) {
      return static_cast<std::size_t>(x.content[0]) == kind;
    });
    for (std::size_t at = 0; at < like->content.size(); ++at) {
      server_world world(three, 1, [&](std::size_t, letter& sent) {
        if (sent.from == 2 && static_cast<std::size_t>(sent.content[0]) == kind)
          sent.content[at] ^= std::byte{0x04};
      });
      upload_all<std::uint32_t>(world, three, 3);
      world.run();
      CAPTURE(kind);
      CAPTURE(at);
      for (const unsigned server : {1U, 3U})
        REQUIRE(has_noticed(world, server));
      REQUIRE_FALSE(is_fooled(world, three));
    }
  }
}

TEST_CASE("replicated: who tells two servers different verdicts gets no opening from either") {
  // Server 1 says to server 2 that client 0 is to be left out, and to server 3 that nobody is: with
  // openings over both lists it would know client 0's vector.
  server_world world(three, 1, [](std::size_t, letter& sent) {
    if (sent.from != 1 || sent.to != 2 || sent.content[0] != std::byte{5})
      return;
    sent.content = encode(three, 1, verdict{{0}});
  });
  upload_all<std::uint32_t>(world, three, 3);
  world.run();
  for (const auto& sent : world.sent)
    if (sent.from != 1)
      CHECK(sent.content[0] != std::byte{7});
  CHECK(world.end_of(2)->why == reason::lists_differ);
  CHECK(world.end_of(3)->why == reason::lists_differ);
}

TEST_CASE("replicated: a coin that was not committed to is refused") {
  server_world world(three, 1, [](std::size_t, letter& sent) {
    if (sent.from == 3 && sent.content[0] == std::byte{3})
      sent.content.back() ^= std::byte{1};
  });
  upload_all<std::uint32_t>(world, three, 3);
  world.run();
  for (const unsigned server : {1U, 2U}) {
    CHECK(world.end_of(server)->why == reason::wrong_coin);
    CHECK(world.end_of(server)->server == 3);
  }
}

TEST_CASE("replicated: fingerprints and verdicts that are not over the list are refused") {
  const std::vector<message> lies{fingerprint_list{std::vector<field_element>(2)},
                                  fingerprint_list{std::vector<field_element>(4)}, verdict{{3}}};
  for (const auto& lie : lies) {
    server_world world(three, 1, [&lie](std::size_t, letter& sent) {
      if (sent.from == 2 && static_cast<std::size_t>(sent.content[0]) == lie.index() + 1)
        sent.content = encode(three, 2, lie);
    });
    upload_all<std::uint32_t>(world, three, 3);
    world.run();
    for (const unsigned server : {1U, 3U}) {
      CHECK(world.end_of(server)->why == reason::wrong_count);
      CHECK(world.end_of(server)->server == 2);
    }
  }
}

TEST_CASE("additive: changed lists are noticed; changed lanes of an opening are not: such servers "
          "must follow the text") {
  server_world honest(two);
  upload_all<std::uint32_t>(honest, two, 3);
  honest.run();
  REQUIRE(honest.sent.size() == 2 * 3);
  int unnoticed = 0;
  for (std::size_t nth = 0; nth < honest.sent.size(); ++nth)
    for (std::size_t at = 0; at < honest.sent[nth].content.size(); ++at) {
      server_world world(two, 1, flip(nth, at, 0x10));
      upload_all<std::uint32_t>(world, two, 3);
      world.run();
      const bool is_lane = honest.sent[nth].content[0] == std::byte{7} && at >= 34;
      REQUIRE(is_fooled(world, two) == is_lane);
      REQUIRE(world.end_of(world.sent[nth].to).has_value() != is_lane);
      unnoticed += is_lane ? 1 : 0;
    }
  CHECK(unnoticed == 2 * 12);
}

TEST_CASE("a server that is silent is named when the deadline has passed") {
  for (std::size_t kind = 1; kind <= 7; ++kind) {
    server_world world(three, 1, [kind](std::size_t, letter& sent) {
      if (sent.from == 2 && static_cast<std::size_t>(sent.content[0]) == kind)
        sent.from = 9; // nobody hears it
    });
    upload_all<std::uint32_t>(world, three, 3);
    world.run();
    CHECK(world.end_of(1)->why == reason::silent);
    CHECK(world.end_of(1)->server == 2);
  }
}

TEST_CASE("under terms of which one list was opened no other one is") {
  const auto opened_by = [](unsigned count, std::optional<sha256_digest> kept) {
    server_world uploads(two);
    uploads.machines[0] = machine(two, 1, {}, kept);
    upload_all<std::uint32_t>(uploads, two, count);
    uploads.run();
    return std::pair(uploads.sum_of(1).has_value(), uploads.end_of(1));
  };
  std::vector<holding> list;
  for (int client = 0; client < 3; ++client) {
    const auto made = split(two, secret(bytes(32, static_cast<std::byte>(client + 1))),
                            std::vector<std::uint32_t>(3));
    holding one{.client = {fmt::format("c{}", client)}, .upload = {}};
    std::copy_n(made.heads[0].begin() + 33, 32, one.upload.begin());
    list.push_back(one);
  }
  const auto kept = list_hash(two, list);
  CHECK(opened_by(3, kept).first);
  const auto other = opened_by(4, kept);
  CHECK_FALSE(other.first);
  CHECK(other.second->why == reason::opened_before);
}

TEST_CASE("refusals change nothing") {
  machine m(two, 1, {});
  const auto made = split(two, secret(bytes(32, std::byte{1})), std::vector<std::uint32_t>(3));
  const auto upload_of = [&made](const char* name) { return uploaded{{name}, made.heads[0], {}}; };
  const auto why = [&m](const input& in) {
    const auto before = m.current();
    const auto out = m.apply(in);
    CHECK(m.current() == before);
    return out ? std::string("taken") : std::string(name(out.why()));
  };
  CHECK(why(deadline_passed{}) == "wrong_phase");
  CHECK(why(upload_of("a")) == "taken");
  CHECK(why(upload_of("a")) == "duplicate");
  CHECK(why(uploaded{{"b"}, made.heads[1], {}}) == "wrong_shape");
  for (const char* client : {"b", "c", "d"})
    CHECK(why(upload_of(client)) == "taken");
  CHECK(why(upload_of("e")) == "full");
  CHECK(m.upload_count() == 4);
  const shared_bytes nothing_held(encode(two, 2, holdings{}));
  CHECK(why(peer_said{1, nothing_held}) == "identity_mismatch");
  CHECK(why(peer_said{0, nothing_held}) == "identity_mismatch");
  CHECK(why(peer_said{3, nothing_held}) == "identity_mismatch");
  CHECK(why(peer_said{2, nothing_held}) == "taken"); // early, and held
  CHECK(why(peer_said{2, nothing_held}) == "duplicate");
  REQUIRE(m.apply(collection_over{}));
  CHECK(m.current() == phase::over); // the other holds nobody
  CHECK(why(upload_of("e")) == "wrong_phase");
  CHECK(why(collection_over{}) == "wrong_phase");
  CHECK(why(peer_said{2, nothing_held}) == "wrong_phase");
}

TEST_CASE("every reason has a sentence of its own") {
  std::vector<std::string_view> all;
  for (unsigned why = 1; why <= 8; ++why)
    all.push_back(sentence(static_cast<reason>(why)));
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(std::find(all.begin(), all.end(), "unknown") == all.end());
}
