#include <godwit/privacy/attestation.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <botan/pem.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <godwit/messages/check.hpp>

#include <godwit/privacy/canonical.hpp>

#include "certificate_parts.hpp"
#include "certified_key.hpp"
#include "der.hpp"
#include "octets.hpp"

namespace godwit {
namespace {

constexpr std::size_t authority_count_max = 16;
// SEQUENCE of two INTEGERs of 33 bytes: 72, and the two lengths of the evidence.
constexpr std::size_t beside_certificate_bytes_max = 72 + 2 * 4;

failure bad_key(std::string detail) {
  return {.code = failure_code::bad_key, .detail = std::move(detail)};
}

bool equal(bytes_view one, bytes_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

/// Every certificate of a PEM, in order; throws Botan's exceptions.
std::vector<bytes> certificates_in(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  std::vector<bytes> found;
  for (auto at = pem.find(begin); at != std::string_view::npos; at = pem.find(begin, at + 1)) {
    const auto der =
        Botan::PEM_Code::decode_check_label(std::string(pem.substr(at)), "CERTIFICATE");
    const auto content = std::as_bytes(std::span(der));
    found.emplace_back(content.begin(), content.end());
  }
  return found;
}

// -- what a certificate allows (RFC 5280 section 4.2.1)

// 2.5.29.x: subject key identifier, key usage, alternative names, basic constraints, authority key
// identifier, extended key usage.
constexpr std::byte key_usage_id{15};
constexpr std::array known_ids{std::byte{14}, key_usage_id,  std::byte{17},
                               std::byte{19}, std::byte{35}, std::byte{37}};
constexpr std::byte digital_signature{0x80};  // section 4.2.1.3, bit 0
constexpr std::byte signs_certificates{0x04}; // bit 5

/// The last part of 2.5.29.x; nothing of another identifier.
std::optional<std::byte> extension_number(bytes_view identifier) {
  constexpr std::array arc{std::byte{0x55}, std::byte{0x1D}};
  if (identifier.size() != 3 || !equal(identifier.first(2), arc))
    return std::nullopt;
  return identifier.back();
}

/// Whether all that is critical is known, and the key may be used for this.
bool may_do(const certificate_parts& certificate, std::byte usage) {
  for (const auto& extension : certificate.extensions) {
    const auto number = extension_number(extension.identifier);
    const bool is_known =
        number && std::find(known_ids.begin(), known_ids.end(), *number) != known_ids.end();
    if (extension.is_critical && !is_known)
      return false;
    if (number == key_usage_id) {
      der_reader in(extension.value);
      const auto bits = in.take(der_tag::bit_string);
      if (!in.is_finished() || bits.size() < 2 || (bits[1] & usage) == std::byte{0})
        return false;
    }
  }
  return true;
}

bool is_valid_at(const certificate_parts& certificate, unix_seconds now) {
  return certificate.begin <= now && now <= certificate.end;
}

// -- our own key

template <class T, auto free>
struct freed_by {
  void operator()(T* held) const noexcept { free(held); }
};
using private_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY, EVP_PKEY_free>>;

/// From an unencrypted PKCS #8 PEM; null where it is none.
private_key load_key(const secret& pem) {
  const std::unique_ptr<BIO, freed_by<BIO, BIO_free>> source(
      BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())));
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO,
                        freed_by<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>>
      info(PEM_read_bio_PKCS8_PRIV_KEY_INFO(source.get(), nullptr, nullptr, nullptr));
  return private_key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

/// Whether this is the private half of a certificate's key, given as its DER.
bool belongs_to(const EVP_PKEY& key, bytes_view subject_public_key) {
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  if (size <= 0)
    return false;
  const auto held = std::as_bytes(std::span(der, static_cast<std::size_t>(size)));
  // The certificate's is the content of the outer SEQUENCE.
  const bool is_it =
      held.size() == subject_public_key.size() + 2 && equal(held.subspan(2), subject_public_key);
  OPENSSL_free(der);
  return is_it;
}

} // namespace

std::string_view name(attestation_refusal why) noexcept {
  switch (why) {
  case attestation_refusal::malformed:
    return "malformed";
  case attestation_refusal::too_large:
    return "too_large";
  case attestation_refusal::foreign_authority:
    return "foreign_authority";
  case attestation_refusal::not_valid_now:
    return "not_valid_now";
  case attestation_refusal::unusable_key:
    return "unusable_key";
  case attestation_refusal::wrong_role:
    return "wrong_role";
  case attestation_refusal::wrong_name:
    return "wrong_name";
  case attestation_refusal::wrong_signature:
    return "wrong_signature";
  }
  return "unknown_refusal";
}

struct attestor::state {
  bytes certificate;
  peer_identity identity;
  key_kind kind = key_kind::p256;
  private_key key;
};

attestor::attestor(std::unique_ptr<state> held) : state_(std::move(held)) {}
attestor::attestor(attestor&&) noexcept = default;
attestor& attestor::operator=(attestor&&) noexcept = default;
attestor::~attestor() = default;

attempt<attestor> attestor::from_pem(std::string_view certificate_pem, const secret& key_pem) {
  try {
    auto made = std::make_unique<state>();
    auto certificates = certificates_in(certificate_pem);
    if (certificates.empty())
      return bad_key("there is no certificate in the PEM; make one with `godwit keys`");
    made->certificate = std::move(certificates.front());
    auto identity = identity_of(made->certificate);
    if (!identity)
      return identity.why();
    made->identity = std::move(*identity);
    if (made->certificate.size() + beside_certificate_bytes_max > limits::evidence_bytes_max)
      return bad_key("the certificate is too long to be shown to others; make one with `godwit "
                     "keys`");
    const auto parts = read_certificate(made->certificate);
    const auto certified = parts ? read_key(parts->key) : std::nullopt;
    made->key = load_key(key_pem);
    if (!certified || !may_do(*parts, digital_signature))
      return bad_key("the certificate's key cannot sign what others check: it must be an ECDSA "
                     "P-256 or Ed25519 key for digital signatures; make one with `godwit keys`");
    if (!made->key)
      return bad_key("the key is no unencrypted PKCS #8 PEM; make one with `godwit keys`");
    if (!belongs_to(*made->key, parts->key))
      return bad_key("the key does not belong to the certificate; give the pair that was made "
                     "together");
    made->kind = certified->kind;
    return attestor(std::move(made));
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the certificate or its key cannot be read (") + thrown.what() +
                   "); they must be a PEM and an unencrypted PKCS #8 PEM");
  }
}

const peer_identity& attestor::identity() const noexcept {
  return state_->identity;
}

bytes attestor::attest(std::string_view domain, bytes_view content) const {
  const auto message = canonical::tagged(domain, content);
  const auto* digest = state_->kind == key_kind::p256 ? EVP_sha256() : nullptr;
  const std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX, EVP_MD_CTX_free>> signer(EVP_MD_CTX_new());
  bytes proof(beside_certificate_bytes_max);
  auto size = proof.size();
  GODWIT_CHECK(signer &&
                   EVP_DigestSignInit(signer.get(), nullptr, digest, nullptr, state_->key.get()) ==
                       1 &&
                   EVP_DigestSign(signer.get(), reinterpret_cast<std::uint8_t*>(proof.data()),
                                  &size, octets(message), message.size()) == 1,
               "a key that was found good does not sign");
  return canonical::writer()
      .with_length(state_->certificate)
      .with_length(bytes_view(proof).first(size))
      .take();
}

trusted_authorities::trusted_authorities(std::vector<bytes> certificates)
    : certificates_(std::move(certificates)) {}

attempt<trusted_authorities> trusted_authorities::from_pem(std::string_view authorities_pem) {
  try {
    auto found = certificates_in(authorities_pem);
    if (found.empty() || found.size() > authority_count_max)
      return bad_key("the authorities' PEM holds " + std::to_string(found.size()) +
                     " certificates; it must be 1 to 16");
    for (const auto& each : found) {
      const auto parts = read_certificate(each);
      if (!parts || !read_key(parts->key) || !may_do(*parts, signs_certificates))
        return bad_key("an authority's certificate is not one that others' certificates can be "
                       "checked with: it must be for an ECDSA P-256 or Ed25519 key; make one with "
                       "`godwit keys`");
    }
    return trusted_authorities(std::move(found));
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the authorities' PEM cannot be read: ") + thrown.what());
  }
}

value_or<peer_identity, attestation_refusal> trusted_authorities::check(const attested_claim& claim,
                                                                        bytes_view evidence,
                                                                        unix_seconds now) const {
  using enum attestation_refusal;
  if (evidence.size() > limits::evidence_bytes_max)
    return too_large;
  canonical::reader in(evidence);
  const auto certificate = in.with_length(limits::evidence_bytes_max);
  const auto proof = in.with_length(limits::evidence_bytes_max);
  if (!in.is_whole())
    return malformed;
  auto identity = identity_of(certificate);
  const auto parts = read_certificate(certificate);
  if (!identity || !parts)
    return malformed;
  if (identity->role != claim.who)
    return wrong_role;
  if (identity->name != claim.name)
    return wrong_name;
  const auto key = read_key(parts->key);
  if (!key || !may_do(*parts, digital_signature))
    return unusable_key;
  auto why_not = foreign_authority;
  for (const auto& each : certificates_) {
    const auto authority = read_certificate(each);
    const auto authority_key = authority ? read_key(authority->key) : std::nullopt;
    if (!authority_key || !equal(authority->subject, parts->issuer) ||
        !is_algorithm_of(authority_key->kind, parts->algorithm) ||
        !is_signed_by(*authority_key, parts->statement, parts->signature))
      continue;
    if (is_valid_at(*authority, now) && is_valid_at(*parts, now))
      return is_signed_by(*key, canonical::tagged(claim.domain, claim.content), proof)
                 ? value_or<peer_identity, attestation_refusal>(std::move(*identity))
                 : wrong_signature;
    why_not = not_valid_now;
  }
  return why_not;
}

} // namespace godwit
