// How is something signed and a signature checked? Ed25519, pure (RFC 8032), by OpenSSL, which is
// there for TLS: with Botan's keys, every hash and cipher that it knows by name would be linked in.
#include <godwit/privacy/signature.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include <openssl/evp.h>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/entropy.hpp>

#include "octets.hpp"

namespace godwit {
namespace {

// RFC 8032 section 5.1: the order of the base point, 2^252 +
// 27742317777372353535851937790883648493, most significant byte first.
constexpr std::array<std::uint8_t, 32> group_order = {
    0x10, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0x14, 0xDE, 0xF9, 0xDE, 0xA2, 0xF7, 0x9C, 0xD6, 0x58, 0x12, 0x63, 0x1A, 0x5C, 0xF5, 0xD3, 0xED};

/// RFC 8032 section 5.1.7, step 1: the second half must be less than the group's order. Where more
/// is taken, whoever sees one signature can write a second one that verifies too.
bool is_reduced(bytes_view proof) {
  const auto* half = octets(proof.last(32));
  return std::lexicographical_compare(std::make_reverse_iterator(half + 32),
                                      std::make_reverse_iterator(half), group_order.begin(),
                                      group_order.end());
}

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// One signature or one check, of the message as a whole.
class operation {
public:
  operation() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {}
  EVP_MD_CTX* get() noexcept { return context_.get(); }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

struct signing_key::state {
  key_ptr key;
  verifying_key public_key{};
};

secret make_signing_seed() {
  return random_secret(signing_seed_bytes);
}

signing_key::signing_key(std::unique_ptr<state> held) : state_(std::move(held)) {}
signing_key::signing_key(signing_key&&) noexcept = default;
signing_key& signing_key::operator=(signing_key&&) noexcept = default;
signing_key::~signing_key() = default;

attempt<signing_key> signing_key::from_seed(const secret& seed) {
  const auto revealed = seed.reveal();
  if (revealed.size() != signing_seed_bytes)
    return failure{.code = failure_code::bad_key,
                   .detail = "the signing seed has " + std::to_string(revealed.size()) +
                             " bytes instead of 32; restore it, or make a new one"};
  auto made = std::make_unique<state>(
      state{.key = key_ptr(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(revealed),
                                                        revealed.size()),
                           EVP_PKEY_free)});
  auto length = made->public_key.size();
  if (!made->key ||
      EVP_PKEY_get_raw_public_key(made->key.get(), writable_octets(made->public_key), &length) != 1)
    return failure{.code = failure_code::bad_key,
                   .detail = "the signing seed cannot be used: OpenSSL has no Ed25519 here"};
  return signing_key(std::move(made));
}

signature signing_key::sign(bytes_view content) const {
  operation signing;
  signature proof{};
  auto length = proof.size();
  const bool is_made =
      EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
      EVP_DigestSign(signing.get(), writable_octets(proof), &length, octets(content),
                     content.size()) == 1;
  GODWIT_CHECK(is_made && length == proof.size(), "an Ed25519 signature has 64 bytes");
  return proof;
}

const verifying_key& signing_key::public_key() const noexcept {
  return state_->public_key;
}

bool is_signed_by(const verifying_key& key, bytes_view content, bytes_view proof) noexcept {
  if (proof.size() != sizeof(signature) || !is_reduced(proof))
    return false;
  const key_ptr public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(key), key.size()),
      EVP_PKEY_free);
  operation checking;
  return public_key &&
         EVP_DigestVerifyInit(checking.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(checking.get(), octets(proof), proof.size(), octets(content),
                          content.size()) == 1;
}

} // namespace godwit
