// Is what the servers of a shared sum say to each other read back as it was written, and is
// anything that would not have been written refused?
#include <godwit/privacy/shared_sum_messages.hpp>

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/canonical.hpp>

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

terms terms_of(shared_sum::scheme how) {
  terms t;
  t.scheme = how;
  t.server_count = 3;
  t.lane_bits = 16;
  t.clients_max = 3;
  t.length = 5;
  return t;
}
const terms replicated = terms_of(scheme::replicated);
const terms additive = terms_of(scheme::additive);

sha256_digest digest_of(int number) {
  sha256_digest out{};
  out.fill(static_cast<std::byte>(number));
  return out;
}

holding held(const char* name) {
  return {.client = {name}, .upload = digest_of(7)};
}

std::vector<message> one_of_each(bool is_replicated) {
  const auto some = [is_replicated](int number) {
    return is_replicated ? std::optional(digest_of(number)) : std::nullopt;
  };
  std::vector<message> out{holdings{{held("a"), held("b")}}, agreement{digest_of(1), some(2)},
                           opening{bytes(10, std::byte{3}), some(4)}};
  if (is_replicated)
    out.insert(out.end(), {coin{digest_of(5)}, fingerprint_list{{field_element(6)}},
                           verdict{{0, 2}}, confirmation{digest_of(7)}});
  return out;
}

/// A message of a kind with content of our own making.
bytes raw_message(const terms& t, std::uint8_t kind, bytes_view content) {
  return canonical::writer().u8(kind).u8(2).raw(hash_of(t)).raw(content).take();
}

std::string why(const terms& t, const bytes& content, unsigned from = 2) {
  const auto said = decode(t, from, content);
  return said ? "taken" : std::string(name(said.why()));
}

} // namespace

TEST_CASE("every message is read back to the same bytes; shorter and longer ones are refused") {
  for (const auto& t : {replicated, additive})
    for (const auto& said : one_of_each(t.scheme == scheme::replicated)) {
      auto content = encode(t, 2, said);
      const auto read = decode(t, 2, content);
      REQUIRE(read);
      CHECK(read->index() == said.index());
      CHECK(encode(t, 2, *read) == content);
      for (std::size_t size = 0; size < content.size(); ++size)
        CHECK_FALSE(decode(t, 2, bytes_view(content).first(size)));
      content.push_back(std::byte{0});
      CHECK(why(t, content) == "malformed");
    }
}

TEST_CASE("a message of another sender or of another sum is refused") {
  const auto content = encode(replicated, 2, coin{digest_of(1)});
  CHECK(why(replicated, content) == "taken");
  CHECK(why(replicated, content, 1) == "identity_mismatch");
  auto other = replicated;
  other.round = {9};
  CHECK(why(other, content) == "wrong_terms");
}

TEST_CASE("kinds that the scheme does not have are refused") {
  const bytes digest(32);
  for (std::uint8_t kind = 3; kind <= 6; ++kind)
    CHECK(why(additive, raw_message(additive, kind, digest)) == "malformed");
  for (const auto kind : std::array<std::uint8_t, 3>{0, 8, 255}) {
    CHECK(why(additive, raw_message(additive, kind, digest)) == "malformed");
    CHECK(why(replicated, raw_message(replicated, kind, digest)) == "malformed");
  }
}

TEST_CASE("holdings name clients in order, once, by valid names, and no more than there can be") {
  const auto of = [](const std::vector<holding>& some) {
    return why(replicated, encode(replicated, 2, holdings{some}));
  };
  CHECK(of({}) == "taken");
  CHECK(of({held("a"), held("b"), held("c")}) == "taken");
  CHECK(of({held("a"), held("a")}) == "malformed");
  CHECK(of({held("b"), held("a")}) == "malformed");
  CHECK(of({held("a"), held("b"), held("c"), held("d")}) == "malformed");
  CHECK(of({held("A client")}) == "malformed");
  CHECK(of({held("")}) == "malformed");
  const auto endless = canonical::writer().u32(0xFFFFFFFF).take();
  CHECK(why(replicated, raw_message(replicated, 1, endless)) == "malformed");
}

TEST_CASE("fingerprints lie below p, and the indices of a verdict ascend") {
  const auto prints = [](std::uint64_t number) {
    return why(replicated,
               raw_message(replicated, 4, canonical::writer().u32(1).u64(number).take()));
  };
  CHECK(prints(field_element::modulus - 1) == "taken");
  CHECK(prints(field_element::modulus) == "malformed");
  CHECK(prints(~std::uint64_t{0}) == "malformed");
  const auto indices = [](std::uint32_t one, std::uint32_t other) {
    return why(replicated, encode(replicated, 2, verdict{{one, other}}));
  };
  CHECK(indices(1, 2) == "taken");
  CHECK(indices(1, 1) == "malformed");
  CHECK(indices(2, 1) == "malformed");
}
