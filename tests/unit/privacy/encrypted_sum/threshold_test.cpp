// Do parties open a sum together, only together, and each only once?
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/threshold_sum.hpp>

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

/// Parties that have a key, and a scheme to encrypt with it.
struct table {
  std::unique_ptr<additive_scheme> scheme = make_additive_scheme(sum_set::rt8192a, {});
  std::vector<threshold_party> parties;
  std::vector<bytes> key_shares;
  std::vector<sha256_digest> commitments;
  bytes public_key;
  std::unique_ptr<sum_encryptor> encryptor;

  explicit table(std::uint16_t count, std::uint64_t seed = 100) {
    for (std::uint16_t party = 0; party < count; ++party) {
      parties.push_back(
          std::move(*threshold_party::create({{}, count, party}, seed_of(seed + party))));
      key_shares.push_back(parties.back().key_share());
      commitments.push_back(parties.back().commitment());
    }
    for (auto& party : parties)
      public_key = *party.join(key_shares, commitments);
    encryptor = std::move(*scheme->encryptor(public_key));
  }

  encrypted_values encrypt(const std::vector<std::uint32_t>& values, std::uint64_t round,
                           std::uint64_t seed = 7) const {
    return std::move(*encryptor->encrypt(values, 16, round, seed_of(seed)));
  }
  std::vector<bytes> open(const encrypted_values& sum) {
    std::vector<bytes> shares;
    for (auto& party : parties)
      shares.push_back(*party.open(sum, seed_of(8)));
    return shares;
  }
};

bytes altered(bytes content, std::size_t at, std::byte flip) {
  content[at] ^= flip;
  seal_frame(content);
  return content;
}

} // namespace

TEST_CASE("as many parties as there may be open a sum at its level") {
  table with(15);
  const auto level = with.scheme->level_max(16, 15);
  CHECK(level >= 1000);
  const auto item = with.encrypt(std::vector<std::uint32_t>(41'000, 65'535), 1);
  const auto adder = std::move(*with.scheme->accumulator(item.label, {}));
  REQUIRE(adder->add(item, static_cast<std::uint32_t>(level)));
  CHECK(adder->add(item).why() == sum_refusal::over_level);
  const auto sum = adder->sum();
  const auto sums = open_threshold_sum(sum, with.open(sum));
  REQUIRE(sums);
  CHECK(*sums == std::vector<std::uint32_t>(41'000, static_cast<std::uint32_t>(65'535 * level)));
}

TEST_CASE("without one party's share there is no sum, with another's in its place neither") {
  table with(3);
  const auto sum = with.encrypt({1, 2, 3}, 4);
  const auto shares = with.open(sum);
  CHECK(*open_threshold_sum(sum, shares) == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(*open_threshold_sum(sum, std::vector{shares[2], shares[0], shares[1]}) ==
        std::vector<std::uint32_t>{1, 2, 3});
  CHECK(open_threshold_sum(sum, std::vector{shares[0], shares[1]}).why() ==
        sum_refusal::missing_share);
  CHECK(open_threshold_sum(sum, std::vector{shares[0], shares[1], shares[1]}).why() ==
        sum_refusal::missing_share);
  const std::vector wrong{shares[0], shares[1], altered(shares[1], 34, std::byte{1 ^ 2})};
  CHECK(open_threshold_sum(sum, wrong).why() == sum_refusal::noise_out_of_bound);
  const std::vector bent{shares[0], shares[1], altered(shares[2], 5000, std::byte{1})};
  CHECK(open_threshold_sum(sum, bent).why() == sum_refusal::noise_out_of_bound);
  const std::vector flipped{shares[0], shares[1], bytes(shares[2].begin(), shares[2].end() - 1)};
  CHECK(open_threshold_sum(sum, flipped).why() == sum_refusal::wrong_checksum);
}

TEST_CASE("a share of another sum or round is refused where it is replayed") {
  table with(2), twin(2); // the same parties once more, who have opened nothing
  const auto sum = with.encrypt({1, 2}, 4), other = with.encrypt({5, 6}, 4, 9);
  const auto shares = with.open(sum), others = twin.open(other);
  CHECK(open_threshold_sum(sum, std::vector{shares[0], others[1]}).why() == sum_refusal::wrong_sum);
  const auto later = with.encrypt({1, 2}, 5);
  const auto late = with.open(later);
  CHECK(open_threshold_sum(later, std::vector{late[0], shares[1]}).why() ==
        sum_refusal::wrong_round);
}

TEST_CASE("a party opens one sum a round, and no round before the last one") {
  table with(2);
  const auto sum = with.encrypt({1}, 4);
  auto& party = with.parties.front();
  REQUIRE(party.open(sum, seed_of(1)));
  CHECK(party.open(sum, seed_of(1)).why() == sum_refusal::used_up);
  CHECK(party.open(with.encrypt({2}, 4), seed_of(2)).why() == sum_refusal::used_up);
  CHECK(party.open(with.encrypt({2}, 3), seed_of(2)).why() == sum_refusal::used_up);
  party.close_up_to(6);
  party.close_up_to(2); // rounds never open again
  CHECK(party.open(with.encrypt({2}, 6), seed_of(2)).why() == sum_refusal::used_up);
  CHECK(party.open(with.encrypt({2}, 7), seed_of(2)));
  CHECK(party.open(with.encrypt({2}, ~std::uint64_t{0}), seed_of(2)));
  CHECK(party.open(with.encrypt({2}, 0), seed_of(2)).why() == sum_refusal::used_up);
}

TEST_CASE("a refusal to open uses no round up") {
  table with(2), other(2, 200);
  auto& party = with.parties.front();
  auto sum = with.encrypt({1}, 4);
  CHECK(party.open(other.encrypt({1}, 4), seed_of(1)).why() == sum_refusal::wrong_key);
  CHECK(party.open(sum, secret(bytes(31))).why() == sum_refusal::bad_key);
  auto shaped = sum;
  shaped.label.parties = 3;
  CHECK(party.open(shaped, seed_of(1)).why() == sum_refusal::wrong_shape);
  shaped = sum;
  shaped.label.level = with.scheme->level_max(16, 2) + 1;
  CHECK(party.open(shaped, seed_of(1)).why() == sum_refusal::over_level);
  shaped = sum;
  shaped.words.pop_back();
  CHECK(party.open(shaped, seed_of(1)).why() == sum_refusal::wrong_shape);
  CHECK(party.open(sum, seed_of(1)));
}

TEST_CASE("a key share that was not committed to, or is not this party's, makes no key") {
  table with(3);
  auto fresh = std::move(*threshold_party::create({{}, 3, 0}, seed_of(100)));
  const auto sum = with.encrypt({1}, 1);
  CHECK(fresh.open(sum, seed_of(1)).why() == sum_refusal::bad_key); // not joined yet
  auto shares = with.key_shares;
  auto commitments = with.commitments;
  shares[2] = threshold_party::create({{}, 3, 2}, seed_of(999))->key_share();
  CHECK(fresh.join(shares, commitments).why() == sum_refusal::bad_key);
  shares = with.key_shares;
  shares[0] = threshold_party::create({{}, 3, 0}, seed_of(999))->key_share();
  commitments[0] = sha256(shares[0]);
  CHECK(fresh.join(shares, commitments).why() == sum_refusal::bad_key);
  shares = with.key_shares;
  shares[2] = shares[1]; // in a place that is not its own
  commitments = with.commitments;
  commitments[2] = commitments[1];
  CHECK(fresh.join(shares, commitments).why() == sum_refusal::wrong_shape);
  sha256_digest context{};
  context[0] = std::byte{1};
  shares[2] = threshold_party::create({context, 3, 2}, seed_of(102))->key_share();
  commitments[2] = sha256(shares[2]);
  CHECK(fresh.join(shares, commitments).why() == sum_refusal::wrong_key);
  shares.pop_back();
  CHECK(fresh.join(shares, commitments).why() == sum_refusal::missing_share);
  CHECK(*fresh.join(with.key_shares, with.commitments) == with.public_key);
}

TEST_CASE("a seat that cannot be is refused") {
  for (const auto& [parties, party] : {std::pair{1, 0}, std::pair{33, 0}, std::pair{2, 2}})
    CHECK(threshold_party::create(
              {{}, static_cast<std::uint16_t>(parties), static_cast<std::uint16_t>(party)},
              seed_of(1))
              .why() == sum_refusal::wrong_shape);
  CHECK(threshold_party::create({{}, 2, 0}, secret(bytes(31))).why() == sum_refusal::bad_key);
}

TEST_CASE("a flood is 2^40 times wider than the noise, and all floods fit") {
  const auto& set = *rlwe::find_set(sum_set::rt8192a);
  for (const auto parties : std::initializer_list<std::uint16_t>{2, 15, 16, 32}) {
    const auto level = rlwe::level_by_noise_max(set, parties);
    REQUIRE(level > 0);
    CHECK(rlwe::noise_bound(set, level, parties) < std::uint64_t{1} << (set.scale_bits - 1));
    const double deviation =
        std::sqrt(10.5 * static_cast<double>(level) * (1 + 8192.0 * parties * 4 / 3));
    CHECK(std::ldexp(1.0, static_cast<int>(*rlwe::flood_bits(set, level, parties))) >=
          std::ldexp(10.3 * deviation, 40));
  }
}
