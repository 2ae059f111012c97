// Do agreement, derivation and sealing give the standards' answers, and do weak keys and changed
// boxes give none?
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/sealed_box.hpp>

#include <string>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

#include "unit/privacy/vector_file.hpp"

using namespace godwit;

TEST_CASE("X25519 gives RFC 7748's results and public keys") {
  for (const auto& record : read_vectors("rfc7748_x25519.vec")) {
    const auto scalar = from_hex(record.at("scalar"));
    const auto agreed = agree(scalar, as_array<32>(from_hex(record.at("u"))));
    REQUIRE(agreed);
    CHECK(hex(agreed->reveal()) == record.at("result"));
    if (record.contains("public"))
      CHECK(hex(public_part(scalar)) == record.at("public"));
  }
}

TEST_CASE("a key of small order agrees upon nothing, and is known without an agreement") {
  const auto scalar = sha256(as_bytes("a secret"));
  const std::string ones(58, 'f');
  for (const std::string& key :
       {std::string(64, '0'), "01" + std::string(62, '0'),
        std::string("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        std::string("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        "ecff" + ones + "7f", "edff" + ones + "7f", "eeff" + ones + "7f"})
    for (const auto topmost : {std::byte{0}, std::byte{0x80}}) { // a bit that does not count
      auto theirs = as_array<32>(from_hex(key));
      theirs.back() |= topmost;
      CAPTURE(hex(theirs));
      CHECK(is_weak(theirs));
      CHECK_FALSE(agree(scalar, theirs));
    }
  for (int i = 0; i < 20; ++i) {
    const auto theirs = public_part(sha256(as_bytes("key " + std::to_string(i))));
    CHECK_FALSE(is_weak(theirs));
    CHECK(agree(scalar, theirs));
  }
}

TEST_CASE("HKDF gives RFC 5869's keys") {
  for (const auto& record : read_vectors("rfc5869_hkdf.vec")) {
    const auto okm = from_hex(record.at("okm"));
    const auto derived = hkdf_sha256(from_hex(record.at("ikm")), from_hex(record.at("salt")),
                                     from_hex(record.at("info")), okm.size());
    CHECK(hex(derived.reveal()) == record.at("okm"));
  }
}

TEST_CASE("a sealed box is RFC 8439's, and opens to what was sealed") {
  for (const auto& record : read_vectors("rfc8439_aead.vec")) {
    const auto key = from_hex(record.at("key")), nonce = from_hex(record.at("nonce")),
               associated = from_hex(record.at("associated"));
    CHECK(hex(seal(key, nonce, associated, from_hex(record.at("content")))) == record.at("sealed"));
    const auto opened = unseal(key, nonce, associated, from_hex(record.at("sealed")));
    REQUIRE(opened);
    CHECK(hex(opened->reveal()) == record.at("content"));
  }
}

TEST_CASE("a box of which any byte is another, or that is shorter, does not open") {
  const bytes key(32, std::byte{1}), nonce(12), content(33, std::byte{7});
  const auto associated = as_bytes("from u to v");
  const auto sealed = seal(key, nonce, associated, content);
  REQUIRE(unseal(key, nonce, associated, sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= std::byte{0x10};
    CHECK_FALSE(unseal(key, nonce, associated, changed));
    CHECK_FALSE(unseal(key, nonce, associated, bytes_view(sealed).first(i)));
  }
  CHECK_FALSE(unseal(key, nonce, as_bytes("from v to u"), sealed));
  CHECK_FALSE(unseal(bytes(32, std::byte{2}), nonce, associated, sealed));
  const auto empty = seal(key, nonce, {}, {});
  CHECK(empty.size() == seal_tag_bytes);
  CHECK(unseal(key, nonce, {}, empty));
}
