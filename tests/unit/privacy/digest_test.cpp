// Do digests, base64url and the comparison do what their standards say?
#include <godwit/privacy/base64url.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/entropy.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>

#include <doctest/doctest.h>

#include "vector_file.hpp"

using namespace godwit;

TEST_CASE("SHA-256 gives the standard's digests") {
  for (const auto& record : read_vectors("fips180_sha256.vec")) {
    std::string message;
    for (int i = std::stoi(record.at("repeat")); i > 0; --i)
      message += record.at("message");
    CHECK(hex(sha256(as_bytes(message))) == record.at("digest"));
  }
}

TEST_CASE("a stream gives the digest of its parts put together, however they are cut") {
  std::mt19937_64 random(1);
  bytes content(10'000);
  for (auto& octet : content)
    octet = static_cast<std::byte>(random() & 0xFF);
  const auto whole = sha256(content);
  sha256_stream stream;
  for (int repeat = 0; repeat < 20; ++repeat) { // the same stream: finishing starts anew
    for (std::size_t at = 0; at < content.size();) {
      const auto count = std::min<std::size_t>(random() % 200, content.size() - at);
      stream.add(bytes_view(content).subspan(at, count));
      at += count;
    }
    CHECK(stream.finish() == whole);
  }
}

TEST_CASE("a stream can be moved in the middle") {
  sha256_stream first;
  first.add(as_bytes("ab"));
  sha256_stream second = std::move(first);
  second.add(as_bytes("c"));
  CHECK(second.finish() == sha256(as_bytes("abc")));
}

TEST_CASE("the constant-time comparison tells equal from different in any place") {
  const bytes one(64, std::byte{0x3C});
  CHECK(equal_in_constant_time(one, bytes(one)));
  CHECK(equal_in_constant_time({}, {}));
  for (std::size_t i = 0; i < one.size(); ++i) {
    bytes other = one;
    other[i] ^= std::byte{0x80};
    CHECK_FALSE(equal_in_constant_time(one, other));
  }
  CHECK_FALSE(equal_in_constant_time(one, bytes_view(one).first(63)));
  CHECK_FALSE(equal_in_constant_time(one, {}));
}

TEST_CASE("base64url gives the standard's texts, and reads them back") {
  for (const auto& record : read_vectors("rfc4648_base64url.vec")) {
    const auto content = from_hex(record.at("content"));
    CHECK(base64url_encode(content) == record.at("text"));
    const auto decoded = base64url_decode(record.at("text"));
    REQUIRE(decoded);
    CHECK(*decoded == content);
  }
}

TEST_CASE("base64url refuses every text that it would not have written") {
  for (const auto& record : read_vectors("bad_base64url.vec")) {
    CAPTURE(record.at("lie"));
    CHECK_FALSE(base64url_decode(record.at("text")));
  }
  CHECK_FALSE(base64url_decode(std::string_view("Zm9v\0AAA", 8)));
  CHECK_FALSE(base64url_decode("Zm9v\n"));
  CHECK_FALSE(base64url_decode("Zm9\xC3\xA4"));
}

TEST_CASE("base64url reads back what it wrote, and no two texts give the same bytes") {
  for (unsigned value = 0; value < 0x10000; ++value) {
    const bytes two{static_cast<std::byte>(value >> 8), static_cast<std::byte>(value & 0xFF)};
    REQUIRE(base64url_decode(base64url_encode(two)) == two);
  }
  // Of the 64 x 64 texts of two characters, exactly the 256 that stand for one byte are taken.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int taken = 0;
  for (char first : alphabet)
    for (char second : alphabet)
      taken += base64url_decode(std::string{first, second}) ? 1 : 0;
  CHECK(taken == 256);
}

TEST_CASE("random bytes come in the asked-for number and do not repeat") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(33).size() == 33);
  CHECK(random_bytes(32) != random_bytes(32));
  CHECK(random_secret(16).reveal().size() == 16);
}
