// Does evidence hold for the holder of a certificate and what it said, and for nothing else?
#include <godwit/privacy/attestation.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <botan/auto_rng.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/pkcs10.h>
#include <botan/pkcs8.h>
#include <botan/x509_ca.h>
#include <botan/x509_ext.h>
#include <botan/x509self.h>
#include <doctest/doctest.h>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/certificates.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr unix_seconds now{1'800'000'000};
constexpr std::string_view domain = "godwit/test";

certificate_files authority(std::string_view name = "north") {
  return make_authority(name, 24h * 365, now).value();
}

certificate_files edge(const certificate_files& of, std::string_view name = "edge-1") {
  return issue(of, role::edge, name, {}, 24h * 30, now).value();
}

attestor attestor_of(const certificate_files& files) {
  return attestor::from_pem(files.certificate_pem, files.key_pem).value();
}

trusted_authorities trust_in(const certificate_files& files) {
  return trusted_authorities::from_pem(files.certificate_pem).value();
}

attested_claim claim(std::string_view name = "edge-1", std::string_view content = "a key") {
  return {role::edge, name, domain, as_bytes(content)};
}

/// One authority, one edge, and what the edge said.
struct scene {
  certificate_files root = authority();
  certificate_files holder = edge(root);
  bytes evidence = attestor_of(holder).attest(domain, as_bytes("a key"));
  trusted_authorities trusted = trust_in(root);
  value_or<peer_identity, attestation_refusal> check(const attested_claim& what,
                                                     unix_seconds at = now) const {
    return trusted.check(what, evidence, at);
  }
};

using Botan::Private_Key;

std::string pem_of(const Private_Key& key) {
  return Botan::PKCS8::PEM_encode(key);
}

/// A certificate of whatever kinds of keys, with or without a critical extension of nobody's.
certificate_files foreign_made(const Private_Key& root_key, const Botan::X509_Certificate& root,
                               const Private_Key& key, const std::string& hash, bool is_odd) {
  class odd final : public Botan::Certificate_Extension {
  public:
    Botan::OID oid_of() const override { return Botan::OID("1.3.6.1.4.1.99999.1"); }
    std::string oid_name() const override { return "odd"; }
    odd* copy() const override { return new odd; }
    void contents_to(Botan::Data_Store&, Botan::Data_Store&) const override {}

  private:
    std::vector<std::uint8_t> encode_inner() const override { return {5, 0}; }
    void decode_inner(const std::vector<std::uint8_t>&) override {}
  };
  Botan::AutoSeeded_RNG random;
  Botan::X509_Cert_Options options("edge-1");
  options.uri = "godwit:edge:edge-1";
  options.constraints = Botan::DIGITAL_SIGNATURE;
  if (is_odd)
    options.extensions.add(new odd, true);
  const auto request = Botan::X509::create_cert_req(options, key, hash, random);
  const Botan::X509_CA signer(root, root_key, hash, random);
  const auto begin = std::chrono::system_clock::time_point(now) - 1h;
  const auto made =
      signer.sign_request(request, random, Botan::X509_Time(begin), Botan::X509_Time(begin + 24h));
  const auto text = pem_of(key);
  const auto view = as_bytes(text);
  return {made.PEM_encode(), secret(bytes(view.begin(), view.end()))};
}

Botan::X509_Certificate root_of(const Private_Key& key, const std::string& hash) {
  Botan::AutoSeeded_RNG random;
  Botan::X509_Cert_Options options("elsewhere");
  options.CA_key(0);
  const auto begin = std::chrono::system_clock::time_point(now) - 2h;
  options.start = Botan::X509_Time(begin);
  options.end = Botan::X509_Time(begin + 48h);
  return Botan::X509::create_self_signed_cert(options, key, hash, random);
}

} // namespace

TEST_CASE("what a certificate's holder said holds for its role, name, domain and content") {
  const scene here;
  const auto found = here.check(claim());
  REQUIRE(found.has_value());
  CHECK(found->role == role::edge);
  CHECK(found->name == "edge-1");
  CHECK(found->fingerprint == identity_of_pem(here.holder.certificate_pem)->fingerprint);
  CHECK(here.evidence.size() <= limits::evidence_bytes_max);
}

TEST_CASE("the same content gives the same evidence, so its digest can be stated beforehand") {
  const scene here;
}

TEST_CASE("evidence is refused for anything but what was said, each time with the reason") {
  const scene here;
  CHECK(here.check(claim("edge-2")).why() == attestation_refusal::wrong_name);
  auto other = claim();
  other.who = role::trustee;
  CHECK(here.check(other).why() == attestation_refusal::wrong_role);
  CHECK(here.check(claim("edge-1", "another key")).why() == attestation_refusal::wrong_signature);
  other = claim();
  other.domain = "godwit/test2";
  CHECK(here.check(other).why() == attestation_refusal::wrong_signature);
}

TEST_CASE("what another authority signed counts for nothing, whatever it calls itself") {
  const scene here;
  CHECK(trust_in(authority("south")).check(claim(), here.evidence, now).why() ==
        attestation_refusal::foreign_authority);
  CHECK(trust_in(authority("north")).check(claim(), here.evidence, now).why() ==
        attestation_refusal::foreign_authority);
  SUBCASE("one of several trusted ones is enough") {
    const auto both = authority("south").certificate_pem + here.root.certificate_pem;
    CHECK(trusted_authorities::from_pem(both)->check(claim(), here.evidence, now).has_value());
  }
}

TEST_CASE("a certificate counts from its first second to its last") {
  const scene here;
  const auto first = now - certificate_backdating;
  const auto last = now + 24h * 30;
  CHECK(here.check(claim(), first).has_value());
  CHECK(here.check(claim(), first - 1s).why() == attestation_refusal::not_valid_now);
  CHECK(here.check(claim(), last).has_value());
  CHECK(here.check(claim(), last + 1s).why() == attestation_refusal::not_valid_now);
}

TEST_CASE("evidence with any byte flipped, cut short or with a byte more is refused") {
  const scene here;
  for (std::size_t i = 0; i < here.evidence.size(); ++i) {
    auto changed = here.evidence;
    changed[i] ^= std::byte{1};
    CAPTURE(i);
    CHECK_FALSE(here.trusted.check(claim(), changed, now).has_value());
  }
  for (std::size_t length = 0; length < here.evidence.size(); length += 7) {
    const auto cut = bytes_view(here.evidence).first(length);
    CHECK(here.trusted.check(claim(), cut, now).why() == attestation_refusal::malformed);
  }
  auto longer = here.evidence;
  longer.push_back(std::byte{0});
  CHECK(here.trusted.check(claim(), longer, now).why() == attestation_refusal::malformed);
  longer.resize(limits::evidence_bytes_max + 1);
  CHECK(here.trusted.check(claim(), longer, now).why() == attestation_refusal::too_large);
}

TEST_CASE("nobody attests with a key that is not the certificate's, or with an authority's") {
  const scene here;
  const auto stranger = edge(here.root, "edge-2");
  CHECK(attestor::from_pem(here.holder.certificate_pem, stranger.key_pem).why().code ==
        failure_code::bad_key);
  CHECK(attestor::from_pem(here.root.certificate_pem, here.root.key_pem).why().code ==
        failure_code::bad_key);
  CHECK(attestor::from_pem("nothing", here.holder.key_pem).why().code == failure_code::bad_key);
  CHECK(attestor::from_pem(here.holder.certificate_pem, secret()).why().code ==
        failure_code::bad_key);
}

TEST_CASE("nobody is trusted to sign who may not sign certificates, or whose file holds none") {
  const scene here;
  CHECK_FALSE(trusted_authorities::from_pem(here.holder.certificate_pem).has_value());
  CHECK_FALSE(trusted_authorities::from_pem("").has_value());
  std::string many;
  for (int i = 0; i < 17; ++i)
    many += here.root.certificate_pem;
  CHECK_FALSE(trusted_authorities::from_pem(many).has_value());
}

TEST_CASE("other deployments' Ed25519 keys work, and a critical extension nobody knows does not") {
  Botan::AutoSeeded_RNG random;
  const Botan::Ed25519_PrivateKey root_key(random);
  const auto root = root_of(root_key, "SHA-512");
  const auto trusted = trusted_authorities::from_pem(root.PEM_encode()).value();
  const Botan::Ed25519_PrivateKey key(random);
  const auto good = foreign_made(root_key, root, key, "SHA-512", false);
  const auto evidence = attestor_of(good).attest(domain, as_bytes("a key"));
  CHECK(trusted.check(claim(), evidence, now).has_value());
  CHECK(trusted.check(claim("edge-1", "b"), evidence, now).why() ==
        attestation_refusal::wrong_signature);
  const auto odd = foreign_made(root_key, root, key, "SHA-512", true);
  CHECK_FALSE(attestor::from_pem(odd.certificate_pem, odd.key_pem).has_value());
}

TEST_CASE("keys on other curves are refused when they are loaded") {
  Botan::AutoSeeded_RNG random;
  const Botan::ECDSA_PrivateKey root_key(random, Botan::EC_Group("secp384r1"));
  const auto root = root_of(root_key, "SHA-256");
  CHECK_FALSE(trusted_authorities::from_pem(root.PEM_encode()).has_value());
}
