// Do Paillier's sums come out right, and are bad keys and numbers refused?
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/encrypted_sum.hpp>

#include "sum_frame.hpp"

using namespace godwit;

namespace {

secret seed_of(std::uint8_t number) {
  return secret(bytes(32, static_cast<std::byte>(number)));
}

struct ends {
  std::unique_ptr<additive_scheme> scheme = make_additive_scheme(sum_set::paillier2048, {});
  sum_keys keys = std::move(*scheme->make_keys(seed_of(1)));
  std::unique_ptr<sum_encryptor> encryptor =
      std::move(*scheme->encryptor(keys.encryption.reveal()));
  std::unique_ptr<sum_decryptor> decryptor = std::move(*scheme->decryptor(keys.decryption));
};

const ends& shared_ends() {
  static const ends made;
  return made;
}

bytes copy_of(const secret& key) {
  return {key.reveal().begin(), key.reveal().end()};
}

} // namespace

TEST_CASE("Paillier's weighted sums over the wire are the plain ones, all slots at their largest") {
  const auto& with = shared_ends();
  const std::vector<std::uint32_t> values(100, (1U << 16) - 1);
  const auto sent = with.scheme->encode(*with.encryptor->encrypt(values, 16, 3, seed_of(2)));
  const auto item = with.scheme->decode(sent);
  REQUIRE(item);
  const auto key = with.keys.encryption.reveal();
  const auto adder = std::move(*with.scheme->accumulator(item->label, key));
  REQUIRE(adder->add(*item, 1000));
  REQUIRE(adder->add(*with.encryptor->encrypt(values, 16, 3, seed_of(3)), 24));
  CHECK(adder->add(*item).why() == sum_refusal::over_level);
  const auto sums = with.decryptor->decrypt(adder->sum());
  REQUIRE(sums);
  CHECK(*sums == std::vector<std::uint32_t>(100, 1024 * 65'535));
}

TEST_CASE("keys follow from their seed and are checked before they are used") {
  const auto& with = shared_ends();
  CHECK(copy_of(with.scheme->make_keys(seed_of(1))->encryption) == copy_of(with.keys.encryption));
  auto primes = copy_of(with.keys.decryption);
  CHECK(with.scheme->decryptor(secret(bytes(primes.begin(), primes.end() - 1))).why() ==
        sum_refusal::bad_key);
  auto composite = primes;
  composite[0] ^= std::byte{2};
  CHECK(with.scheme->decryptor(secret(composite)).why() == sum_refusal::bad_key);
  auto twice = primes;
  std::copy_n(twice.begin(), twice.size() / 2,
              twice.begin() + static_cast<std::ptrdiff_t>(twice.size() / 2));
  CHECK(with.scheme->decryptor(secret(twice)).why() == sum_refusal::bad_key);
  CHECK(with.scheme->decryptor(secret(bytes(primes.size()))).why() == sum_refusal::bad_key);
  auto even = copy_of(with.keys.encryption);
  even[frame_head_bytes] ^= std::byte{1};
  seal_frame(even);
  CHECK(with.scheme->encryptor(even).why() == sum_refusal::bad_key);
  auto small = copy_of(with.keys.encryption);
  small[frame_head_bytes + 255] = std::byte{0x7f};
  seal_frame(small);
  CHECK(with.scheme->encryptor(small).why() == sum_refusal::bad_key);
  auto of_a_round = copy_of(with.keys.encryption);
  of_a_round[8] = std::byte{1};
  seal_frame(of_a_round);
  CHECK(with.scheme->encryptor(of_a_round).why() == sum_refusal::wrong_shape);
  CHECK(with.scheme->make_keys(secret(bytes(31))).why() == sum_refusal::bad_key);
}

TEST_CASE("numbers that are no ciphertexts are refused, and a refusal changes nothing") {
  const auto& with = shared_ends();
  const auto item = *with.encryptor->encrypt(std::vector<std::uint32_t>(100, 1), 4, 3, seed_of(2));
  const auto key = with.keys.encryption.reveal();
  const auto adder = std::move(*with.scheme->accumulator(item.label, key));
  REQUIRE(adder->add(item));
  const auto before = adder->sum();
  const std::size_t second = 64; // the second block's first word
  for (const std::uint64_t fill : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    auto wrong = item;
    std::fill(wrong.words.begin() + second, wrong.words.end(), fill);
    CHECK(adder->add(wrong).why() == sum_refusal::coefficient_out_of_range);
    CHECK(with.decryptor->decrypt(wrong).why() == sum_refusal::coefficient_out_of_range);
  }
  CHECK(adder->sum().words == before.words);
  auto random = item;
  std::mt19937_64 draw(1);
  for (auto& word : random.words)
    word = draw() >> 1;
  CHECK(with.decryptor->decrypt(random).why() == sum_refusal::noise_out_of_bound);
  auto foreign = item.label;
  foreign.key[0] ^= std::byte{1};
  CHECK(with.scheme->accumulator(foreign, key).why() == sum_refusal::wrong_key);
  CHECK(with.scheme->accumulator(item.label, {}).why() == sum_refusal::malformed);
  auto sent = with.scheme->encode(item);
  sent.erase(sent.end() - 40);
  seal_frame(sent);
  CHECK(with.scheme->decode(sent).why() == sum_refusal::malformed);
  sent[200] ^= std::byte{1};
  CHECK(with.scheme->decode(sent).why() == sum_refusal::wrong_checksum);
}
