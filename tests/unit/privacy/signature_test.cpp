// Does signing follow RFC 8032, and does a changed message, key or signature show?
#include <godwit/privacy/signature.hpp>

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <godwit/privacy/base64url.hpp>

#include "vector_file.hpp"

using namespace godwit;

namespace {

signing_key key_from(bytes_view seed) {
  auto key = signing_key::from_seed(secret(bytes(seed.begin(), seed.end())));
  REQUIRE(key);
  return *std::move(key);
}

/// The group order L (RFC 8032 section 5.1), little-endian, added to the second half of a
/// signature: the same point on the curve, in another spelling.
signature other_spelling(signature proof) {
  const auto order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(proof[32 + i]) + std::to_integer<unsigned>(order[i]);
    proof[32 + i] = static_cast<std::byte>(carry & 0xFF);
    carry >>= 8;
  }
  return proof;
}

} // namespace

TEST_CASE("signing gives the signatures of RFC 8032, and they verify") {
  for (const auto& record : read_vectors("rfc8032_ed25519.vec")) {
    const auto key = key_from(from_hex(record.at("seed")));
    const auto message = from_hex(record.at("message"));
    const auto proof = key.sign(message);
    CHECK(hex(key.public_key()) == record.at("public_key"));
    CHECK(hex(proof) == record.at("signature"));
    CHECK(is_signed_by(key.public_key(), message, proof));
  }
}

TEST_CASE("the signed example of RFC 8037 is made and verified, part by part") {
  const auto record = read_vectors("rfc8037_eddsa.vec").front();
  const auto key = key_from(base64url_decode(record.at("d")).value());
  CHECK(base64url_encode(key.public_key()) == record.at("x"));

  const auto& jws = record.at("jws");
  const auto input = jws.substr(0, jws.rfind('.'));
  CHECK(base64url_encode(as_bytes(record.at("header"))) + "." +
            base64url_encode(as_bytes(record.at("payload"))) ==
        input);
  CHECK(base64url_encode(key.sign(as_bytes(input))) == jws.substr(input.size() + 1));
  const auto proof = base64url_decode(jws.substr(input.size() + 1)).value();
  CHECK(is_signed_by(key.public_key(), as_bytes(input), proof));
  CHECK_FALSE(is_signed_by(key.public_key(), as_bytes(input + "A"), proof));
}

TEST_CASE("a signature with any bit changed does not verify") {
  const auto key = key_from(bytes(32, std::byte{7}));
  const auto message = as_bytes("the sum of round 12");
  const auto proof = key.sign(message);
  REQUIRE(is_signed_by(key.public_key(), message, proof));
  for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
    auto changed = proof;
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CHECK_FALSE(is_signed_by(key.public_key(), message, changed));
  }
}

TEST_CASE("a signature has one spelling: the group order added to it is refused") {
  const auto key = key_from(bytes(32, std::byte{7}));
  const auto message = as_bytes("the sum of round 12");
  CHECK_FALSE(is_signed_by(key.public_key(), message, other_spelling(key.sign(message))));
}

TEST_CASE("another key, another message and a signature of another length do not verify") {
  const auto key = key_from(bytes(32, std::byte{7}));
  const auto other = key_from(bytes(32, std::byte{8}));
  const auto message = as_bytes("the sum of round 12");
  const auto proof = key.sign(message);
  CHECK_FALSE(is_signed_by(other.public_key(), message, proof));
  CHECK_FALSE(is_signed_by(key.public_key(), as_bytes("the sum of round 13"), proof));
  CHECK_FALSE(is_signed_by(key.public_key(), {}, proof));
  CHECK_FALSE(is_signed_by(key.public_key(), message, bytes_view(proof).first(63)));
  CHECK_FALSE(is_signed_by(key.public_key(), message, {}));
  CHECK_FALSE(is_signed_by(verifying_key{}, message, proof));
  CHECK_FALSE(is_signed_by(verifying_key{}, message, signature{}));
}

TEST_CASE("a seed of another length than 32 bytes is no key") {
  for (std::size_t length : {0U, 31U, 33U, 64U}) {
    const auto key = signing_key::from_seed(secret(bytes(length)));
    REQUIRE_FALSE(key);
    CHECK(key.why().code == failure_code::bad_key);
    CHECK(key.why().detail.find(std::to_string(length)) != std::string::npos);
  }
}

TEST_CASE("fresh seeds are of the right length and differ") {
  const auto one = signing_key::from_seed(make_signing_seed());
  const auto other = signing_key::from_seed(make_signing_seed());
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->public_key() != other->public_key());
}

TEST_CASE("a key comes from a PKCS #8 PEM, and from no other PEM") {
  // RFC 8410 section 10.3, the example key and its public key (section 10.1).
  const std::string pem = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                          "-----END PRIVATE KEY-----\n";
  const auto as_secret = [](std::string_view text) {
    return secret(bytes(as_bytes(text).begin(), as_bytes(text).end()));
  };
  const auto key = signing_key::from_pem(as_secret(pem));
  REQUIRE(key);
  CHECK(hex(key->public_key()) ==
        "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");

  for (const auto& bad :
       {std::string(), std::string("garbage"), pem.substr(0, 60),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}) {
    const auto refused = signing_key::from_pem(as_secret(bad));
    REQUIRE_FALSE(refused);
    CHECK(refused.why().code == failure_code::bad_key);
  }
}
