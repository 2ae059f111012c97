// Do vectors that travel under keys of their own open to their plain sum with the keys' sum, and to
// nothing with anything else?
#include <godwit/privacy/carried_sum.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr round_id seventh{7};

/// One stream, so that the entries take two blocks, the second not filled.
carried_terms two_blocks(std::uint32_t weight_max = 1) {
  return {sum_set::rk4096a, weight_max, {{13'000, -1, 1, 16}}};
}

struct crowd {
  explicit crowd(const carried_terms& with, std::uint32_t count, std::uint64_t seed)
      : sum(with), plain(value_count(with)), keys(4096) {
    std::mt19937_64 random(seed);
    for (std::uint32_t i = 0; i < count; ++i) {
      std::vector<std::uint32_t> entries(plain.size());
      for (auto& x : entries)
        x = static_cast<std::uint32_t>(random() >> (64 - value_bits(with)));
      made.push_back(
          carry(with, draw(sha256(as_bytes(std::to_string(i))), {}), root, seventh, entries));
      for (std::size_t j = 0; j < plain.size(); ++j)
        plain[j] += entries[j];
    }
  }
  void add(std::size_t i) {
    REQUIRE(sum.add(made[i].ciphertext));
    const auto key = made[i].key.reveal();
    for (std::size_t j = 0; j < keys.size(); ++j)
      keys[j] += std::to_integer<std::uint64_t>(key[j]);
  }

  sha256_digest root = sha256(as_bytes("root"));
  carried_sum sum;
  std::vector<carried_vector> made;
  std::vector<std::uint32_t> plain;
  std::vector<std::uint64_t> keys;
};

/// Writes a 50-bit word of a packed ciphertext: the first of a group of four.
void put_word(bytes& ciphertext, std::size_t group, std::uint64_t value) {
  for (std::size_t i = 0; i < 6; ++i)
    ciphertext[25 * group + i] = static_cast<std::byte>(value >> (8 * i));
  auto& last = ciphertext[25 * group + 6];
  last = (last & std::byte{0xfc}) | static_cast<std::byte>(value >> 48);
}

} // namespace

TEST_CASE("the sum of keys opens the plain sum, bit for bit") {
  for (const std::uint32_t count : {1U, 2U, 7U}) {
    CAPTURE(count);
    crowd all(two_blocks(), count, count);
    for (std::size_t i = 0; i < count; ++i)
      all.add(i);
    const auto opened = all.sum.open(all.root, all.keys);
    REQUIRE(opened);
    CHECK(*opened == all.plain);
  }
}

TEST_CASE("a sum that was cleared is one of nobody, and can be filled again") {
  crowd all(two_blocks(), 2, 5);
  all.add(0);
  all.add(1);
  all.sum.clear();
  CHECK_FALSE(all.sum.open(all.root, all.keys));
  all.keys.assign(all.keys.size(), 0);
  all.add(0);
  all.add(1);
  CHECK(all.sum.open(all.root, all.keys) == all.plain);
}

TEST_CASE("a ciphertext of another length, or with a coefficient that is none, changes nothing") {
  crowd all(two_blocks(), 2, 3);
  all.add(0);
  auto bent = all.made[1].ciphertext;
  const auto is_refused = [&](bytes_view ciphertext, refusal why) {
    const auto added = all.sum.add(ciphertext);
    CHECK_FALSE(added);
    if (!added)
      CHECK(added.why() == why);
  };
  is_refused({}, refusal::wrong_shape);
  is_refused(bytes_view(bent).first(bent.size() - 1), refusal::wrong_shape);
  is_refused(bytes_view(bent).first(bent.size() / 2), refusal::wrong_shape);
  bent.push_back(std::byte{0});
  is_refused(bent, refusal::wrong_shape);
  bent.pop_back();
  constexpr std::uint64_t largest_prime = (std::uint64_t{1} << 50) - 16'383;
  for (const auto word : {largest_prime, (std::uint64_t{1} << 50) - 1}) {
    for (const std::size_t group : {std::size_t{0}, bent.size() / 25 - 1}) { // first and last block
      auto content = bent;
      put_word(content, group, word);
      is_refused(content, refusal::malformed);
    }
  }
  all.add(1); // as it was
  CHECK(all.sum.open(all.root, all.keys) == all.plain);
}

TEST_CASE("nothing is opened with keys that are not those of the sum") {
  crowd all(two_blocks(), 3, 9);
  for (std::size_t i = 0; i < 3; ++i)
    all.add(i);
  REQUIRE(all.sum.open(all.root, all.keys));
  SUBCASE("under another root") {
    CHECK_FALSE(all.sum.open(sha256(as_bytes("other root")), all.keys));
  }
  SUBCASE("with one term wrong by one") {
    all.keys[4095] += all.keys[4095] == 6 ? -1 : 1;
    CHECK_FALSE(all.sum.open(all.root, all.keys));
  }
  SUBCASE("with a term that is none of three keys") {
    all.keys[0] = 7;
    CHECK_FALSE(all.sum.open(all.root, all.keys));
  }
  SUBCASE("with a key too short") {
    all.keys.pop_back();
    CHECK_FALSE(all.sum.open(all.root, all.keys));
  }
  SUBCASE("with a client's ciphertext twice") {
    REQUIRE(all.sum.add(all.made[0].ciphertext));
    CHECK_FALSE(all.sum.open(all.root, all.keys));
  }
}

TEST_CASE("no more are added than the slots have room for") {
  const auto terms = two_blocks(1'024); // 26 bits an entry: two fill a slot
  REQUIRE(carried_clients_max(terms) == 2);
  crowd all(terms, 3, 11);
  all.add(0);
  all.add(1);
  const auto third = all.sum.add(all.made[2].ciphertext);
  REQUIRE_FALSE(third);
  CHECK(third.why() == refusal::full);
}

TEST_CASE("the same draws, root and round give the same bytes; another root gives others") {
  const auto terms = two_blocks();
  const std::vector<std::uint32_t> entries(value_count(terms), 5);
  const auto drawn = draw(sha256(as_bytes("seed")), {});
  const auto root = sha256(as_bytes("root"));
  const auto made = carry(terms, drawn, root, seventh, entries);
  CHECK(made.ciphertext == carry(terms, drawn, root, seventh, entries).ciphertext);
  CHECK(made.ciphertext != carry(terms, drawn, {}, seventh, entries).ciphertext);
  CHECK(std::ranges::all_of(made.key.reveal(), [](auto x) { return x <= std::byte{2}; }));
}
