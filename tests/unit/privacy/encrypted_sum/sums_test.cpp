// Do ciphertexts add up to what was encrypted, up to the proven level and not beyond, and is
// everything else refused?
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/encrypted_sum.hpp>

#include "available_kernels.hpp"
#include "rlwe/parameters.hpp"
#include "sum_frame.hpp"

using namespace godwit;

namespace {

secret seed_of(std::uint64_t number) {
  std::mt19937_64 random(number);
  bytes drawn(32);
  for (auto& octet : drawn)
    octet = static_cast<std::byte>(random());
  return secret(std::move(drawn));
}

/// A scheme with keys and both ends.
struct ends {
  std::unique_ptr<additive_scheme> scheme;
  sum_keys keys;
  std::unique_ptr<sum_encryptor> encryptor;
  std::unique_ptr<sum_decryptor> decryptor;
};

ends make_ends(sum_set set, std::uint64_t key = 1, sum_kernels kernels = best_sum_kernels()) {
  ends made;
  made.scheme = make_additive_scheme(set, {}, kernels);
  made.keys = std::move(*made.scheme->make_keys(seed_of(key)));
  made.encryptor = std::move(*made.scheme->encryptor(made.keys.encryption.reveal()));
  made.decryptor = std::move(*made.scheme->decryptor(made.keys.decryption));
  return made;
}

encrypted_values encrypted(const ends& with, const std::vector<std::uint32_t>& values,
                           std::uint8_t bits, std::uint64_t round = 1, std::uint64_t seed = 2) {
  auto made = with.encryptor->encrypt(values, bits, round, seed_of(seed));
  REQUIRE(made);
  return std::move(*made);
}

sum_refusal why_not_added(const ends& with, const encrypted_values& first,
                          const encrypted_values& second, std::uint32_t weight = 1) {
  const auto adder = std::move(*with.scheme->accumulator(first.label, {}));
  REQUIRE(adder->add(first));
  const auto before = adder->sum();
  const auto added = adder->add(second, weight);
  REQUIRE_FALSE(added);
  CHECK(adder->sum().words == before.words); // a refusal changes nothing
  CHECK(adder->sum().label == before.label);
  return added.why();
}

/// `content` with another byte at `at`, and the checksum made right again.
bytes altered(bytes content, std::size_t at, std::byte flip) {
  content[at] ^= flip;
  seal_frame(content);
  return content;
}

} // namespace

TEST_CASE("a thousand ciphertexts with all slots at their largest add up exactly") {
  for (const auto kernels : available_kernels()) {
    const auto with = make_ends(sum_set::rl4096a, 1, kernels);
    constexpr std::uint8_t bits = 13;
    const std::vector<std::uint32_t> values(with.scheme->shape().values_in_block, (1U << bits) - 1);
    std::unique_ptr<sum_accumulator> adder;
    for (std::uint64_t client = 0; client < 1000; ++client) {
      const auto item = encrypted(with, values, bits, 1, client);
      if (!adder)
        adder = std::move(*with.scheme->accumulator(item.label, {}));
      REQUIRE(adder->add(item));
    }
    const auto sums = with.decryptor->decrypt(adder->sum());
    REQUIRE(sums);
    CHECK(std::all_of(sums->begin(), sums->end(),
                      [&](auto sum) { return sum == 1000 * values.front(); }));
  }
}

TEST_CASE("a thousand clients' own keys add up to the key of their sum") {
  const auto scheme = make_additive_scheme(sum_set::rk4096a, {});
  constexpr std::uint8_t bits = 17;
  const std::vector<std::uint32_t> values(scheme->shape().values_in_block, (1U << bits) - 1);
  std::vector<std::uint32_t> key(4096);
  std::unique_ptr<sum_accumulator> adder;
  for (std::uint64_t client = 0; client < 1000; ++client) {
    const auto keys = std::move(*scheme->make_keys(seed_of(client)));
    const auto encryptor = std::move(*scheme->encryptor(keys.encryption.reveal()));
    const auto item = std::move(*encryptor->encrypt(values, bits, 1, seed_of(client + 5000)));
    if (!adder)
      adder = std::move(*scheme->accumulator(item.label, {}));
    REQUIRE(adder->add(item));
    for (std::size_t i = 0; i < 4 * key.size(); ++i)
      key[i / 4] += std::to_integer<std::uint32_t>(keys.decryption.reveal()[i]) << (8 * (i % 4));
  }
  const auto encoded = [](const std::vector<std::uint32_t>& terms) {
    bytes content;
    for (const auto term : terms)
      for (unsigned shift = 0; shift < 32; shift += 8)
        content.push_back(static_cast<std::byte>(term >> shift));
    return secret(std::move(content));
  };
  const auto decryptor = std::move(*scheme->decryptor(encoded(key)));
  const auto sums = decryptor->decrypt(adder->sum());
  REQUIRE(sums);
  CHECK(std::all_of(sums->begin(), sums->end(),
                    [&](auto sum) { return sum == 1000 * values.front(); }));
  key[17] += 1; // any other key is noticed
  const auto wrong = std::move(*scheme->decryptor(encoded(key)));
  CHECK(wrong->decrypt(adder->sum()).why() == sum_refusal::noise_out_of_bound);
  key[17] = 1U << 21;
  CHECK(scheme->decryptor(encoded(key)).why() == sum_refusal::bad_key);
}

TEST_CASE("random weights and lengths, over the wire, give the plain weighted sums") {
  std::mt19937_64 random(2026);
  MESSAGE("seed 2026");
  const auto with = make_ends(sum_set::rl4096a);
  for (int run = 0; run < 6; ++run) {
    const auto bits = static_cast<std::uint8_t>(1 + random() % 16);
    const std::size_t count = 1 + random() % 30'000;
    auto left = with.scheme->level_max(bits, 1);
    std::vector<std::uint64_t> plain(count);
    std::unique_ptr<sum_accumulator> adder;
    for (int client = 0; client < 8 && left > 0; ++client) {
      std::vector<std::uint32_t> values(count);
      for (auto& value : values)
        value = static_cast<std::uint32_t>(random() >> (64 - bits));
      const auto weight = static_cast<std::uint32_t>(client == 7 ? left : 1 + random() % left);
      left -= weight;
      const auto sent = with.scheme->encode(encrypted(with, values, bits, 9, random()));
      const auto item = with.scheme->decode(sent);
      REQUIRE(item);
      if (!adder)
        adder = std::move(*with.scheme->accumulator(item->label, {}));
      REQUIRE(adder->add(*item, weight));
      for (std::size_t i = 0; i < count; ++i)
        plain[i] += std::uint64_t{weight} * values[i];
    }
    const auto read = with.scheme->decode(with.scheme->encode(adder->sum()));
    REQUIRE(read);
    const auto sums = with.decryptor->decrypt(*read);
    REQUIRE(sums);
    CHECK(std::equal(sums->begin(), sums->end(), plain.begin(), plain.end()));
  }
}

TEST_CASE("sums of sums are sums: an aggregator's result is added like a client's") {
  const auto with = make_ends(sum_set::rl4096a);
  const auto item = encrypted(with, {5, 7}, 10);
  const auto lower = std::move(*with.scheme->accumulator(item.label, {}));
  REQUIRE(lower->add(item, 3));
  const auto upper = std::move(*with.scheme->accumulator(item.label, {}));
  REQUIRE(upper->add(lower->sum(), 2));
  REQUIRE(upper->add(item));
  CHECK(upper->sum().label.level == 7);
  CHECK(*with.decryptor->decrypt(upper->sum()) == std::vector<std::uint32_t>{35, 49});
}

TEST_CASE("very many additions stay right: words are reduced before they wrap") {
  const auto scheme = make_additive_scheme(sum_set::rt8192a, {});
  encrypted_values item{.label = {.set = sum_set::rt8192a,
                                  .round = 1,
                                  .level = 1,
                                  .value_count = 1,
                                  .parties = 2,
                                  .value_bits = 1,
                                  .key = {}},
                        .words = std::vector<std::uint64_t>(scheme->shape().words_in_block)};
  const auto q = [](std::size_t i) { return rlwe::primes[i / 8192 % 4].value; };
  for (std::size_t i = 0; i < item.words.size(); ++i)
    item.words[i] = q(i) - 1; // the largest there are
  const auto adder = std::move(*scheme->accumulator(item.label, {}));
  constexpr std::uint64_t count = 3 * (1U << 14) + 5; // 2^14 of them and a bit would wrap
  REQUIRE(scheme->level_max(1, 2) >= count);
  for (std::uint64_t i = 0; i < count; ++i)
    REQUIRE(adder->add(item));
  const auto sum = adder->sum();
  for (std::size_t i = 0; i < item.words.size(); ++i)
    REQUIRE(sum.words[i] == q(i) - count);
}

TEST_CASE("beyond the proven level nothing is added, and a value too large is noticed") {
  const auto with = make_ends(sum_set::rl4096a);
  const auto item = encrypted(with, {8191, 0}, 13);
  CHECK(with.scheme->level_max(13, 1) == 1024);
  const auto adder = std::move(*with.scheme->accumulator(item.label, {}));
  CHECK(adder->add(item, 1025).why() == sum_refusal::over_level);
  REQUIRE(adder->add(item, 1024));
  CHECK(adder->add(item).why() == sum_refusal::over_level);
  CHECK(*with.decryptor->decrypt(adder->sum()) == std::vector<std::uint32_t>{8191 * 1024, 0});
  auto lie = encrypted(with, {8192, 0}, 14); // one bit more than it says
  lie.label.value_bits = 13;
  CHECK(with.decryptor->decrypt(lie).why() == sum_refusal::noise_out_of_bound);
  const std::vector<std::uint32_t> large{1U << 13};
  CHECK(with.encryptor->encrypt(large, 13, 1, seed_of(1)).why() == sum_refusal::value_out_of_range);
  for (const auto bits : std::initializer_list<std::uint8_t>{0, 24, 255})
    CHECK(with.encryptor->encrypt(std::vector<std::uint32_t>{0}, bits, 1, seed_of(1)).why() ==
          sum_refusal::wrong_shape);
  CHECK(with.encryptor->encrypt({}, 13, 1, seed_of(1)).why() == sum_refusal::wrong_shape);
}

TEST_CASE("one slot more than all is noticed above the last one") {
  const auto with = make_ends(sum_set::rl4096a);
  const std::vector<std::uint32_t> values(with.scheme->shape().values_in_block, (1U << 23) - 1);
  auto item = encrypted(with, values, 23);
  for (std::size_t i = 0; i < item.words.size(); ++i) { // doubled, against the rules
    const auto q = rlwe::primes[i / 4096 % 2].value;
    item.words[i] = 2 * item.words[i] % q;
  }
  CHECK(with.decryptor->decrypt(item).why() == sum_refusal::noise_out_of_bound);
}

TEST_CASE("ciphertexts that do not belong together are not added") {
  const auto with = make_ends(sum_set::rl4096a), other = make_ends(sum_set::rl4096a, 2);
  const auto additive = make_ends(sum_set::rk4096a);
  const auto item = encrypted(with, {1, 2}, 13);
  CHECK(why_not_added(with, item, encrypted(with, {1, 2}, 13, 2)) == sum_refusal::wrong_round);
  CHECK(why_not_added(with, item, encrypted(other, {1, 2}, 13)) == sum_refusal::wrong_key);
  CHECK(why_not_added(with, item, encrypted(with, {1, 2, 3}, 13)) == sum_refusal::wrong_shape);
  CHECK(why_not_added(with, item, encrypted(with, {1, 2}, 12)) == sum_refusal::wrong_shape);
  CHECK(why_not_added(with, item, encrypted(additive, {1, 2}, 13)) == sum_refusal::wrong_set);
  CHECK(why_not_added(with, item, item, 0) == sum_refusal::wrong_shape);
  auto short_of_words = item;
  short_of_words.words.pop_back();
  CHECK(why_not_added(with, item, short_of_words) == sum_refusal::wrong_shape);
  auto weightless = item;
  weightless.label.level = 0;
  CHECK(why_not_added(with, item, weightless) == sum_refusal::over_level);
}

TEST_CASE("who has another key reads nothing, whatever the label says") {
  const auto with = make_ends(sum_set::rl4096a), other = make_ends(sum_set::rl4096a, 2);
  auto item = encrypted(with, {1, 2}, 13);
  CHECK(other.decryptor->decrypt(item).why() == sum_refusal::wrong_key);
  item.label.key = encrypted(other, {1}, 13).label.key;
  CHECK(other.decryptor->decrypt(item).why() == sum_refusal::noise_out_of_bound);
  const auto adder = std::move(*with.scheme->accumulator(item.label, {}));
  CHECK(other.decryptor->decrypt(adder->sum()).why() == sum_refusal::over_level); // empty
}

TEST_CASE("every flipped byte and every cut of a ciphertext is refused") {
  const auto with = make_ends(sum_set::rk4096a);
  const auto sent = with.scheme->encode(encrypted(with, {1, 2}, 13));
  REQUIRE(with.scheme->decode(sent));
  for (std::size_t at = 0; at < sent.size(); at += at < 200 ? 1 : 997) {
    auto flipped = sent;
    flipped[at] ^= std::byte{1};
    CHECK_FALSE(with.scheme->decode(flipped));
    CHECK_FALSE(with.scheme->decode(bytes_view(sent).first(at)));
  }
  auto longer = sent;
  longer.push_back(std::byte{0});
  CHECK(with.scheme->decode(longer).why() == sum_refusal::wrong_checksum);
  CHECK(with.scheme->decode({}).why() == sum_refusal::malformed);
}

TEST_CASE("what is well signed and still wrong is refused with its reason") {
  const auto with = make_ends(sum_set::rk4096a);
  const auto sent = with.scheme->encode(encrypted(with, {1, 2}, 13));
  const auto why = [&](std::size_t at, std::uint8_t flip) {
    return with.scheme->decode(altered(sent, at, static_cast<std::byte>(flip))).why();
  };
  CHECK(why(0, 1) == sum_refusal::malformed);     // "GWHE"
  CHECK(why(4, 3) == sum_refusal::malformed);     // version
  CHECK(why(5, 3) == sum_refusal::wrong_set);     // a public key
  CHECK(why(6, 3) == sum_refusal::wrong_set);     // rl4096a
  CHECK(why(16, 1) == sum_refusal::over_level);   // level 0
  CHECK(why(22, 1) == sum_refusal::over_level);   // level 2^48 + 1
  CHECK(why(24, 2) == sum_refusal::wrong_shape);  // no values
  CHECK(why(29, 8) == sum_refusal::wrong_shape);  // 2^43 values
  CHECK(why(25, 0x40) == sum_refusal::malformed); // 16,386 values: two blocks
  CHECK(why(32, 3) == sum_refusal::wrong_shape);  // two parties
  CHECK(why(34, 1) == sum_refusal::malformed);    // a party's number
  CHECK(why(36, 13) == sum_refusal::wrong_shape); // no bits
  CHECK(why(36, 13 ^ 28) == sum_refusal::wrong_shape);
  CHECK(why(38, 1) == sum_refusal::malformed); // reserved
  CHECK(with.scheme->decode(altered(sent, 8, std::byte{1}))->label.round == 0);
}

TEST_CASE("a coefficient that is not below its prime is refused, wherever it stands") {
  const auto with = make_ends(sum_set::rk4096a);
  const auto item = encrypted(with, {1, 2}, 13);
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4095U, 4096U, 8191U})
    for (const std::uint64_t over : {0U, 1U}) {
      auto wrong = item;
      wrong.words[at] = rlwe::primes[at / 4096].value + over;
      CHECK(with.scheme->decode(with.scheme->encode(wrong)).why() ==
            sum_refusal::coefficient_out_of_range);
      wrong.words[at] = rlwe::primes[at / 4096].value - 1;
      CHECK(with.scheme->decode(with.scheme->encode(wrong)));
    }
}

TEST_CASE("keys are checked: length, form, set and context") {
  const auto with = make_ends(sum_set::rl4096a);
  const auto& scheme = *with.scheme;
  CHECK(scheme.make_keys(secret(bytes(31))).why() == sum_refusal::bad_key);
  CHECK(scheme.decryptor(secret(bytes(33))).why() == sum_refusal::bad_key);
  const auto key = with.keys.encryption.reveal();
  CHECK(scheme.encryptor(key.first(key.size() - 1)).why() == sum_refusal::wrong_checksum);
  const bytes copy(key.begin(), key.end());
  CHECK(scheme.encryptor(altered(copy, 45, std::byte{1})).why() == sum_refusal::wrong_key);
  CHECK(scheme.encryptor(altered(copy, 8, std::byte{1})).why() == sum_refusal::wrong_shape);
  CHECK(scheme.encryptor(altered(copy, 32, std::byte{1})).why() == sum_refusal::wrong_shape);
  sha256_digest another{};
  another[0] = std::byte{1};
  CHECK(make_additive_scheme(sum_set::rl4096a, another)->encryptor(key).why() ==
        sum_refusal::wrong_key);
  CHECK(with.encryptor->encrypt(std::vector<std::uint32_t>{1}, 13, 1, secret(bytes(16))).why() ==
        sum_refusal::bad_key);
  const auto additive = make_additive_scheme(sum_set::rk4096a, {});
  CHECK(additive->encryptor(bytes(31)).why() == sum_refusal::bad_key);
  CHECK(additive->decryptor(secret(bytes(4 * 4095))).why() == sum_refusal::bad_key);
  const auto threshold = make_additive_scheme(sum_set::rt8192a, {});
  CHECK(threshold->make_keys(seed_of(1)).why() == sum_refusal::wrong_set);
  CHECK(threshold->decryptor(seed_of(1)).why() == sum_refusal::wrong_set);
  CHECK(make_additive_scheme(static_cast<sum_set>(99), {}) == nullptr);
}

TEST_CASE("a key-additive key encrypts once") {
  const auto with = make_ends(sum_set::rk4096a);
  const std::vector<std::uint32_t> large{1U << 13}, fine{1};
  CHECK_FALSE(with.encryptor->encrypt(large, 13, 1, seed_of(1))); // a refusal uses nothing up
  CHECK(with.encryptor->encrypt(fine, 13, 1, seed_of(1)));
  CHECK(with.encryptor->encrypt(fine, 13, 2, seed_of(2)).why() == sum_refusal::used_up);
}

TEST_CASE("the same seed gives other ciphertexts in another round and under another key") {
  const auto with = make_ends(sum_set::rl4096a), other = make_ends(sum_set::rl4096a, 2);
  const auto one = encrypted(with, {1}, 13, 1, 3), same = encrypted(with, {1}, 13, 1, 3);
  CHECK(one.words == same.words);
  CHECK(one.words != encrypted(with, {1}, 13, 2, 3).words);
  CHECK(one.words != encrypted(other, {1}, 13, 1, 3).words);
}

TEST_CASE("sizes on the wire are what is promised") {
  for (const auto& [set, bytes_a_value] :
       {std::pair{sum_set::rl4096a, 8.5}, std::pair{sum_set::rk4096a, 4.25},
        std::pair{sum_set::paillier2048, 6.6}, std::pair{sum_set::paillier3072, 6.6}}) {
    const auto shape = make_additive_scheme(set, {})->shape();
    CHECK(static_cast<double>(shape.block_bytes) <
          bytes_a_value * static_cast<double>(shape.values_in_block));
  }
  const auto with = make_ends(sum_set::rl4096a);
  const std::vector<std::uint32_t> values(with.scheme->shape().values_in_block + 1);
  CHECK(with.scheme->encode(encrypted(with, values, 1)).size() ==
        frame_bytes + 2 * with.scheme->shape().block_bytes);
}
