// How is something signed and a signature checked? Ed25519, pure (RFC 8032), by Botan.
#include <godwit/privacy/signature.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

#include <botan/data_src.h>
#include <botan/ed25519.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/secmem.h>

#include <godwit/privacy/entropy.hpp>

#include "octets.hpp"
#include "system_random.hpp"

namespace godwit {
namespace {

// RFC 8032 section 5.1: the order of the base point, 2^252 +
// 27742317777372353535851937790883648493, most significant byte first.
constexpr std::array<std::uint8_t, 32> group_order = {
    0x10, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0x14, 0xDE, 0xF9, 0xDE, 0xA2, 0xF7, 0x9C, 0xD6, 0x58, 0x12, 0x63, 0x1A, 0x5C, 0xF5, 0xD3, 0xED};

/// RFC 8032 section 5.1.7, step 1: the second half must be less than the group's order. Botan 2
/// takes more, and so whoever sees one signature could write a second one that verifies too.
bool is_reduced(bytes_view proof) {
  const auto* half = octets(proof.last(32));
  return std::lexicographical_compare(std::make_reverse_iterator(half + 32),
                                      std::make_reverse_iterator(half), group_order.begin(),
                                      group_order.end());
}

} // namespace

struct signing_key::state {
  explicit state(Botan::Ed25519_PrivateKey given) : key(std::move(given)) {
    const auto& octets_of_key = key.get_public_key();
    std::transform(octets_of_key.begin(), octets_of_key.end(), public_key.begin(),
                   [](std::uint8_t x) { return std::byte{x}; });
  }
  Botan::Ed25519_PrivateKey key;
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
  try {
    const auto* begin = octets(revealed);
    const Botan::secure_vector<std::uint8_t> copy(begin, begin + revealed.size());
    return signing_key(std::make_unique<state>(Botan::Ed25519_PrivateKey(copy)));
  } catch (const std::exception& thrown) {
    return failure{.code = failure_code::bad_key,
                   .detail = std::string("the signing seed cannot be used: ") + thrown.what()};
  }
}

attempt<signing_key> signing_key::from_pem(const secret& pem) {
  try {
    Botan::DataSource_Memory source(octets(pem.reveal()), pem.reveal().size());
    const auto loaded = Botan::PKCS8::load_key(source);
    const auto* key = dynamic_cast<const Botan::Ed25519_PrivateKey*>(loaded.get());
    if (key == nullptr)
      return failure{.code = failure_code::bad_key,
                     .detail = "the signing key is of another kind (" + loaded->algo_name() +
                               "); make an Ed25519 key"};
    return signing_key(std::make_unique<state>(*key));
  } catch (const std::exception& thrown) {
    return failure{.code = failure_code::bad_key,
                   .detail = std::string("the signing key is no unencrypted PKCS #8 PEM (") +
                             thrown.what() + "); make an Ed25519 key"};
  }
}

signature signing_key::sign(bytes_view content) const {
  Botan::PK_Signer signer(state_->key, system_random(), "Pure");
  const auto made = signer.sign_message(octets(content), content.size(), system_random());
  signature proof{};
  GODWIT_CHECK(made.size() == proof.size(), "an Ed25519 signature has 64 bytes");
  std::transform(made.begin(), made.end(), proof.begin(),
                 [](std::uint8_t x) { return std::byte{x}; });
  return proof;
}

const verifying_key& signing_key::public_key() const noexcept {
  return state_->public_key;
}

bool is_signed_by(const verifying_key& key, bytes_view content, bytes_view proof) noexcept {
  if (proof.size() != sizeof(signature) || !is_reduced(proof))
    return false;
  try {
    const Botan::Ed25519_PublicKey public_key(octets(key), key.size());
    Botan::PK_Verifier verifier(public_key, "Pure");
    return verifier.verify_message(octets(content), content.size(), octets(proof), proof.size());
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace godwit
