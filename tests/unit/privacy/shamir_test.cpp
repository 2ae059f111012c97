// Do t shares give the secret back, do wrong ones stand out, and do fewer give nothing?
#include <godwit/privacy/shamir.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

using namespace godwit;

namespace {

struct shared_out {
  sha256_digest value;
  std::vector<shamir::held_share> shares;
};

shared_out share_out(std::mt19937_64& random, std::uint32_t threshold, std::uint32_t count) {
  shared_out made;
  for (auto& x : made.value)
    x = static_cast<std::byte>(random());
  const auto key = sha256(made.value);
  shamir::coefficient_source source{mask_key(key)};
  const auto encoded = shamir::split(made.value, threshold, count, source);
  for (std::uint32_t i = 0; i < count; ++i)
    made.shares.push_back({i + 1, *shamir::read_share(encoded.reveal().subspan(
                                      i * shamir::share_bytes, shamir::share_bytes))});
  return made;
}

/// `count` of the shares, in ascending x.
std::vector<shamir::held_share> some_of(std::vector<shamir::held_share> shares, std::size_t count,
                                        std::mt19937_64& random) {
  std::shuffle(shares.begin(), shares.end(), random);
  shares.resize(count);
  std::sort(shares.begin(), shares.end(), [](auto& a, auto& b) { return a.x < b.x; });
  return shares;
}

auto is(const sha256_digest& value) {
  return
      [&value](bytes_view found) { return std::equal(value.begin(), value.end(), found.begin()); };
}

} // namespace

TEST_CASE("any t shares give the secret, and t - 1 give nothing") {
  std::mt19937_64 random(20);
  for (const auto& [threshold, count] :
       {std::pair{1U, 1U}, {1U, 4U}, {2U, 3U}, {7U, 7U}, {67U, 100U}}) {
    const auto given = share_out(random, threshold, count);
    shamir::recovery recovery(threshold);
    for (int i = 0; i < 10; ++i) {
      const auto enough = some_of(given.shares, threshold, random);
      const auto found = recovery.recover(enough, is(given.value));
      REQUIRE(found);
      CHECK(std::equal(given.value.begin(), given.value.end(), found->value.reveal().begin()));
      CHECK(found->wrong_xs.empty());
      const auto few = std::span(enough).first(threshold - 1);
      CHECK_FALSE(recovery.recover(few, [](bytes_view) { return true; }));
    }
  }
}

TEST_CASE("up to (m - t) / 2 wrong shares are found and left out, and one more is detected") {
  std::mt19937_64 random(22);
  for (int round = 0; round < 60; ++round) {
    const auto threshold = static_cast<std::uint32_t>(1 + random() % 20);
    const auto count = threshold + static_cast<std::uint32_t>(random() % 16);
    const auto given = share_out(random, threshold, count);
    const auto bound = (count - threshold) / 2;
    for (std::uint32_t wrong_count = 0; wrong_count <= std::min(count, bound + 1); ++wrong_count) {
      auto shares = given.shares;
      std::vector<std::uint32_t> order(count), wrong;
      std::iota(order.begin(), order.end(), 0U);
      std::shuffle(order.begin(), order.end(), random);
      for (std::uint32_t i = 0; i < wrong_count; ++i) {
        auto& value = shares[order[i]].share[random() % shamir::limb_count];
        value = value + field_element(1 + random() % 1000);
        wrong.push_back(shares[order[i]].x);
      }
      std::sort(wrong.begin(), wrong.end());
      CAPTURE(threshold);
      CAPTURE(count);
      CAPTURE(wrong_count);
      shamir::recovery recovery(threshold);
      const auto found = recovery.recover(shares, is(given.value));
      if (wrong_count <= bound) {
        REQUIRE(found);
        CHECK(std::equal(given.value.begin(), given.value.end(), found->value.reveal().begin()));
        // None are looked for where the first t are right.
        CHECK((found->wrong_xs == wrong ||
               (found->wrong_xs.empty() && (wrong.empty() || wrong.front() > threshold))));
      } else if (found) { // the right secret all the same: wrong in different limbs, or behind t
        CHECK(std::equal(given.value.begin(), given.value.end(), found->value.reveal().begin()));
      }
    }
  }
}

TEST_CASE("more wrong shares in one limb than can be found give nothing") {
  std::mt19937_64 random(23);
  for (std::uint32_t count = 5; count <= 12; ++count) {
    auto given = share_out(random, 5, count);
    for (std::uint32_t i = 0; i <= (count - 5) / 2; ++i)
      given.shares[i].share[0] = field_element(random());
    shamir::recovery recovery(5);
    CHECK_FALSE(recovery.recover(given.shares, is(given.value)));
  }
}

TEST_CASE("a share is 40 bytes of values below p, and a limb no longer than a limb") {
  bytes encoded(shamir::share_bytes);
  CHECK(shamir::read_share(encoded));
  CHECK_FALSE(shamir::read_share(bytes(shamir::share_bytes - 1)));
  CHECK_FALSE(shamir::read_share(bytes(shamir::share_bytes + 1)));
  for (std::size_t i = 0; i < 8; ++i) // p itself: 2^61 - 1, little endian
    encoded[8 + i] = i == 7 ? std::byte{0x1f} : std::byte{0xff};
  CHECK_FALSE(shamir::read_share(encoded));
  encoded[8] = std::byte{0xfe};
  CHECK(shamir::read_share(encoded));
  shamir::share limbs{};
  CHECK(shamir::join(limbs));
  limbs[4] = field_element((1ULL << 48) - 1);
  CHECK(shamir::join(limbs));
  limbs[4] = field_element(1ULL << 48);
  CHECK_FALSE(shamir::join(limbs));
  limbs[4] = field_element();
  limbs[0] = field_element(1ULL << 52);
  CHECK_FALSE(shamir::join(limbs));
}

TEST_CASE("the coefficients are the key's stream, 61 bits of each word") {
  const auto key = sha256(as_bytes("coefficients"));
  shamir::coefficient_source source{mask_key(key)};
  std::vector<std::byte> stream(8 * 2000);
  write_stream(stream, mask_key(key), {.suite = mask_suite::chacha20});
  for (std::size_t i = 0; i < 2000; ++i) { // across refills
    std::uint64_t word = 0;
    for (std::size_t j = 8; j-- > 0;)
      word = word << 8 | std::to_integer<std::uint64_t>(stream[8 * i + j]);
    REQUIRE(source.next().value() == (word & field_element::modulus));
  }
}
