// Is what clients and trustees say through one server what the text says, and refused where it was
// changed on its way?
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/shared_round.hpp>
#include <godwit/privacy/shared_sealing.hpp>

#include "unit/privacy/vector_file.hpp"

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

std::vector<std::string> parts_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

template <class Lane>
std::vector<Lane> numbers(const std::string& text) {
  std::vector<Lane> out;
  for (const auto& word : parts_of(text))
    out.push_back(static_cast<Lane>(std::stoull(word)));
  return out;
}

shared_round round_of(const vector_record& record) {
  auto read = decode_shared_round(from_hex(record.at("statement")));
  REQUIRE(read);
  return std::move(*read);
}

/// The body that the record's client makes.
bytes body_of(const vector_record& record, const shared_round& round) {
  const client_id client{as_text(from_hex(record.at("client")))};
  const secret seed(from_hex(record.at("seed")));
  auto made = round.terms.lane_bits == 64
                  ? make_body(round, client, seed, numbers<std::uint64_t>(record.at("entries")))
                  : make_body(round, client, seed, numbers<std::uint32_t>(record.at("entries")));
  REQUIRE(made);
  return std::move(*made);
}

vector_record replicated_record() {
  return read_vectors("shared_relayed.vec").back();
}

} // namespace

TEST_CASE("statements, bodies and sealed words are, byte for byte, the second implementation's") {
  int count = 0;
  for (const auto& record : read_vectors("shared_relayed.vec")) {
    const auto round = round_of(record);
    CAPTURE(record.at("name"));
    CHECK(hex(encode(round)) == record.at("statement"));
    CHECK(hex(hash_of(round.terms)) == record.at("h_o"));
    const auto body = body_of(record, round);
    CHECK(hex(body) == record.at("body"));
    CHECK(body.size() == body_bytes(round.terms));
    const client_id client{as_text(from_hex(record.at("client")))};
    const auto parts = take_apart(round.terms, shared_bytes(body));
    REQUIRE(parts);
    const auto secrets = parts_of(record.at("secrets"));
    const auto uploads = parts_of(record.at("uploads"));
    for (unsigned s = 1; s < round.terms.server_count; ++s) {
      const auto opened = open_part(round.terms, s, secret(from_hex(secrets[s - 1])), client,
                                    parts->sealed[s - 1].view());
      REQUIRE(opened);
      CHECK(hex(opened->head.reveal()) + hex(opened->lanes.view()) == uploads[s - 1]);
    }
    CHECK(hex(parts->head.view()) + hex(parts->lanes.view()) == uploads.back());
    ++count;
  }
  CHECK(count == 3);
}

TEST_CASE("trustees read each other's words, and none that was changed, turned round or is of "
          "another attempt") {
  const auto record = replicated_record();
  const auto round = round_of(record);
  const auto secrets = parts_of(record.at("secrets"));
  const auto nonces = parts_of(record.at("nonces"));
  const auto first = as_array<32>(from_hex(nonces[0])), second = as_array<32>(from_hex(nonces[1]));
  const secret one(from_hex(secrets[0])), two(from_hex(secrets[1]));
  const sealed_talk there(round.terms, 1, 2, one, round.servers[1].key, first, second);
  const sealed_talk here(round.terms, 2, 1, two, round.servers[0].key, first, second);
  const auto message = from_hex(record.at("message"));
  const auto sealed = there.seal(message);
  CHECK(hex(sealed) == record.at("sealed"));
  const auto read = here.open(sealed);
  REQUIRE(read);
  CHECK(hex(*read) == hex(message));
  CHECK_FALSE(there.open(sealed)); // back to who said it
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto bent = sealed;
    bent[at] ^= std::byte{1};
    CHECK_FALSE(here.open(bent));
  }
  const sealed_talk later(round.terms, 2, 1, two, round.servers[0].key, first, first);
  CHECK_FALSE(later.open(sealed));
  CHECK_FALSE(here.open({}));
}

TEST_CASE("a part opens for its trustee, round and client only, and not where a byte was changed") {
  const auto record = replicated_record();
  const auto round = round_of(record);
  const client_id client{as_text(from_hex(record.at("client")))};
  const auto parts = take_apart(round.terms, shared_bytes(body_of(record, round)));
  REQUIRE(parts);
  const auto secrets = parts_of(record.at("secrets"));
  const secret one(from_hex(secrets[0])), two(from_hex(secrets[1]));
  const auto part = parts->sealed[0].view();
  const auto why = [](const auto& opened) { return opened ? "" : name(opened.why()); };
  CHECK(why(open_part(round.terms, 1, one, client, part)) == "");
  CHECK(why(open_part(round.terms, 1, two, client, part)) == "wrong_share");
  CHECK(why(open_part(round.terms, 1, one, {"edge-2"}, part)) == "wrong_share");
  CHECK(why(open_part(round.terms, 1, one, client, part.first(part.size() - 1))) == "wrong_shape");
  auto other = round.terms;
  ++other.round.value;
  CHECK(why(open_part(other, 1, one, client, part)) == "wrong_share");
  for (std::size_t at = 0; at < part.size(); ++at) {
    bytes bent(part.begin(), part.end());
    bent[at] ^= std::byte{0x40};
    CHECK_FALSE(open_part(round.terms, 1, one, client, bent));
  }
  const auto whole = body_of(record, round);
  CHECK(take_apart(round.terms, shared_bytes(bytes(whole.begin(), whole.end() - 1))).why() ==
        refusal::wrong_shape);
}

TEST_CASE(
    "a statement is refused where a key is weak or stands twice, where its sum could wrap, and "
    "where any of its bytes but evidence was changed") {
  const auto record = replicated_record();
  const auto good = round_of(record);
  const auto why = [](shared_round x) {
    settle_terms(x);
    const auto read = decode_shared_round(encode(x));
    return read ? "" : name(read.why());
  };
  CHECK(why(good) == "");
  auto x = good;
  x.servers[0].key = {};
  CHECK(why(x) == "weak_key");
  x = good;
  x.servers[1].key = x.servers[0].key;
  CHECK(why(x) == "repeated_key");
  x = good;
  x.servers[1].name = x.servers[0].name;
  CHECK(why(x) == "repeated_key");
  x = good;
  x.servers[0].key = {std::byte{1}}; // a point of small order
  CHECK(why(x) == "weak_key");
  x = good;
  x.servers[2].key = x.servers[0].key;
  CHECK(why(x) == "repeated_key");
  x = good;
  x.terms.lane_bits = 16;
  CHECK(why(x) == "wrong_terms");
  x = good;
  x.terms.clients_min = 1;
  CHECK(why(x) == "wrong_terms");
  x = good;
  x.streams[0].high = x.streams[0].low;
  CHECK(why(x) == "wrong_terms");
  const auto encoded = encode(good);
  CHECK(is_shared_round(encoded));
  CHECK_FALSE(is_shared_round(as_bytes("FLSS1")));
  CHECK_FALSE(decode_shared_round(bytes_view(encoded).first(encoded.size() - 1)));
  for (std::size_t at = 0; at < encoded.size(); ++at) { // never the same round to a client
    auto bent = encoded;
    bent[at] ^= std::byte{4};
    const auto read = decode_shared_round(bent);
    if (read)
      CHECK((hash_of(read->terms) != hash_of(good.terms) || at > encoded.size() - 64));
  }
}
