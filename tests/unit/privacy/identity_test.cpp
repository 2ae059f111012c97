// Is a certificate's holder read from exactly one well-formed statement, and from nothing else?
#include <godwit/privacy/identity.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <botan/chacha_rng.h>
#include <botan/der_enc.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/secmem.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>
#include <botan/x509self.h>
#include <doctest/doctest.h>

#include <godwit/privacy/certificates.hpp>
#include <godwit/privacy/digest.hpp>

using namespace godwit;

namespace {

using octet_vector = std::vector<std::uint8_t>;

/// A list of alternative names, byte for byte as given.
class raw_names final : public Botan::Certificate_Extension {
public:
  explicit raw_names(octet_vector encoded) : encoded_(std::move(encoded)) {}
  Botan::OID oid_of() const override { return Botan::OID("2.5.29.17"); }
  std::string oid_name() const override { return "X509v3.SubjectAlternativeName"; }
  raw_names* copy() const override { return new raw_names(encoded_); }
  void contents_to(Botan::Data_Store&, Botan::Data_Store&) const override {}

private:
  octet_vector encode_inner() const override { return encoded_; }
  void decode_inner(const octet_vector& encoded) override { encoded_ = encoded; }
  octet_vector encoded_;
};

octet_vector uri_list(const std::vector<std::string>& uris) {
  octet_vector encoded;
  Botan::DER_Encoder to(encoded);
  to.start_cons(Botan::SEQUENCE);
  for (const auto& uri : uris)
    to.add_object(static_cast<Botan::ASN1_Tag>(6), Botan::CONTEXT_SPECIFIC, uri);
  to.end_cons();
  return encoded;
}

/// A self-signed certificate with these alternative names; the same bytes each time it is asked
/// for.
bytes certificate_with(const octet_vector& names, bool is_authority = false) {
  Botan::ChaCha_RNG random(Botan::secure_vector<std::uint8_t>(32, 7));
  const Botan::ECDSA_PrivateKey key(random, Botan::EC_Group("secp256r1"));
  Botan::X509_Cert_Options options("somebody");
  options.not_before("20270101000000Z");
  options.not_after("20280101000000Z");
  if (is_authority)
    options.CA_key(0);
  options.extensions.add(new raw_names(names));
  const auto made =
      Botan::X509::create_self_signed_cert(options, key, "SHA-256", random).BER_encode();
  const auto view = std::as_bytes(std::span(made));
  return {view.begin(), view.end()};
}

std::string why_refused(const octet_vector& names, bool is_authority = false) {
  const auto read = identity_of(certificate_with(names, is_authority));
  REQUIRE_FALSE(read);
  CHECK(read.why().code == failure_code::bad_key);
  return read.why().detail;
}

bool says(const std::string& detail, std::string_view what) {
  return detail.find(what) != std::string::npos;
}

octet_vector joined(const std::vector<octet_vector>& parts) {
  octet_vector all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// A DER element of at most 65,535 bytes.
octet_vector element(std::uint8_t tag, const octet_vector& content) {
  octet_vector made{tag};
  if (content.size() > 0xFF)
    made.insert(made.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8)});
  else if (content.size() > 0x7F)
    made.push_back(0x81);
  made.push_back(static_cast<std::uint8_t>(content.size() & 0xFF));
  made.insert(made.end(), content.begin(), content.end());
  return made;
}

octet_vector alternative_names(const std::string& uri) {
  return joined({{0x06, 3, 0x55, 0x1D, 0x11}, element(0x04, uri_list({uri}))});
}

octet_vector basic_constraints(const octet_vector& content) {
  return joined({{0x06, 3, 0x55, 0x1D, 0x13}, element(0x04, element(0x30, content))});
}

/// What of a certificate's body comes before the extensions: nothing of it but the version matters
/// here.
const octet_vector start_of_body{0xA0, 3,    2, 1,    2, 0x02, 1, 1,    0x30,
                                 0,    0x30, 0, 0x30, 0, 0x30, 0, 0x30, 0};

/// The bones of a certificate.
octet_vector bones(const octet_vector& body) {
  return element(0x30, joined({element(0x30, body), {0x30, 0, 0x03, 0}}));
}

/// The same with these extensions.
octet_vector bones_with(const std::vector<octet_vector>& extensions) {
  octet_vector list;
  for (const auto& extension : extensions)
    list = joined({list, element(0x30, extension)});
  return bones(joined({start_of_body, element(0xA3, element(0x30, list))}));
}

attempt<peer_identity> read(const octet_vector& der) {
  return identity_of(std::as_bytes(std::span(der)));
}

} // namespace

TEST_CASE("an identity is written as a URI") {
  CHECK(identity_uri(role::server, "north") == "godwit:server:north");
  CHECK(identity_uri(role::edge, "edge-7") == "godwit:edge:edge-7");
  CHECK(identity_uri(role::person, "o.hara") == "godwit:person:o.hara");
}

TEST_CASE("role, name and fingerprint are read from a certificate with one godwit URI") {
  for (auto who : {role::server, role::edge, role::person}) {
    const auto der = certificate_with(uri_list({identity_uri(who, "a.name-1")}));
    const auto read = identity_of(der);
    REQUIRE(read);
    CHECK(*read == peer_identity{who, "a.name-1", sha256(der)});
  }
}

TEST_CASE("other URIs are passed over") {
  const auto read = identity_of(
      certificate_with(uri_list({"https://example.org", "godwit:edge:e", "godwits:edge:f"})));
  REQUIRE(read);
  CHECK(read->name == "e");
}

TEST_CASE("a certificate with no godwit URI, or with two, is refused") {
  CHECK(says(why_refused(uri_list({})), "0 godwit URIs"));
  CHECK(says(why_refused(uri_list({"https://example.org"})), "0 godwit URIs"));
  CHECK(says(why_refused(uri_list({"godwit:edge:a", "godwit:edge:b"})), "2 godwit URIs"));
  CHECK(says(why_refused(uri_list({"godwit:edge:a", "godwit:edge:a"})), "2 godwit URIs"));
  CHECK(says(why_refused(uri_list({"godwit:edge:a", "GODWIT:server:a"})), "2 godwit URIs"));
  CHECK(says(why_refused(uri_list({"godwit:edge:a", "godwit:nonsense"})), "2 godwit URIs"));
}

TEST_CASE("a malformed godwit URI is refused") {
  using namespace std::string_literals;
  for (const auto& uri :
       {"godwit:"s, "godwit:edge"s, "godwit:edge:"s, "godwit:owner:a"s, "godwit:unknown_role:a"s,
        "godwit:Edge:a"s, "GODWIT:edge:a"s, "godwit:edge:A"s, "godwit:edge:a b"s,
        "godwit:edge:a:b"s, "godwit:edge:a%20"s, "godwit:edge:a\0b"s, "godwit:edge:a\0"s,
        "godwit: edge:a"s, "godwit://edge:a"s, "godwit:edge:\xC3\xA4"s,
        "godwit:edge:" + std::string(65, 'a')}) {
    CAPTURE(uri);
    CHECK(says(why_refused(uri_list({uri})), "does not state a role and a name"));
  }
}

TEST_CASE("a malformed list of alternative names is refused") {
  auto truncated = uri_list({"godwit:edge:a"});
  truncated.pop_back();
  auto extended = uri_list({"godwit:edge:a"});
  extended.push_back(0);
  for (const auto& bad : {truncated, extended, octet_vector{}, octet_vector{0x04, 0x00},
                          octet_vector{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}})
    CHECK_FALSE(identity_of(certificate_with(bad)));
}

TEST_CASE("an authority's certificate is no identity, whatever it states") {
  CHECK(says(why_refused(uri_list({"godwit:edge:a"}), true), "is an authority's"));
  const auto made = make_authority("root", std::chrono::hours(24), unix_seconds(1'800'000'000));
  REQUIRE(made);
  CHECK_FALSE(identity_of_pem(made->certificate_pem));
}

TEST_CASE("bytes before, behind or instead of a certificate are refused") {
  const auto der = certificate_with(uri_list({"godwit:edge:a"}));
  REQUIRE(identity_of(der));
  auto extended = der;
  extended.push_back(std::byte{0});
  CHECK_FALSE(identity_of(extended));
  extended = der;
  extended.insert(extended.end(), der.begin(), der.end());
  CHECK_FALSE(identity_of(extended));
  for (std::size_t length = 0; length < der.size(); length += 7)
    CHECK_FALSE(identity_of(bytes_view(der).first(length)));
  CHECK_FALSE(identity_of(bytes_view(der).subspan(1)));
  CHECK_FALSE(identity_of(as_bytes("garbage")));
}

TEST_CASE("lengths that DER writes in another way are refused") {
  const auto padding = joined({{0x06, 1, 1}, element(0x04, octet_vector(100))});
  const auto der = bones_with({alternative_names("godwit:edge:a"), padding});
  REQUIRE(read(der));
  REQUIRE(der[1] == 0x81); // der[2] is the length
  const octet_vector content(der.begin() + 3, der.end());
  CHECK_FALSE(read(joined({{0x30, 0x82, 0, der[2]}, content})));
  CHECK_FALSE(read(joined({{0x30, 0x85, 0, 0, 0, 0, der[2]}, content})));
  CHECK_FALSE(read(joined({{0x30, 0x80}, content, {0, 0}})));
  CHECK_FALSE(read(joined({{0x30, 0xFF}, content})));
  CHECK_FALSE(read(bones(joined({start_of_body, {0xA3, 0x81, 2, 0x30, 0}}))));
}

TEST_CASE("a certificate's parts stand in their order, each at most once") {
  const auto list = element(0xA3, element(0x30, element(0x30, alternative_names("godwit:edge:a"))));
  const auto fits = [](const std::vector<octet_vector>& parts) {
    return read(bones(joined(parts))).has_value();
  };
  CHECK(fits({start_of_body, list}));
  CHECK(fits({start_of_body, {0x81, 1, 0}, {0x82, 1, 0}, list}));
  CHECK_FALSE(fits({start_of_body, {0x82, 1, 0}, {0x81, 1, 0}, list}));
  CHECK_FALSE(fits({start_of_body, {0x30, 0}, list}));
  CHECK_FALSE(fits({start_of_body, list, list}));
  CHECK_FALSE(fits({start_of_body, list, {0x05, 0}}));
  CHECK_FALSE(fits({list}));
  CHECK_FALSE(fits({}));
  for (std::size_t missing = 5; missing < start_of_body.size(); missing += missing == 5 ? 3 : 2) {
    auto shorter = start_of_body;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(missing),
                  shorter.begin() + static_cast<std::ptrdiff_t>(missing) + (missing == 5 ? 3 : 2));
    CHECK_FALSE(fits({shorter, list}));
  }
}

TEST_CASE("a certificate without alternative names, or with two lists of them, is refused") {
  const auto names = alternative_names("godwit:edge:a");
  const auto others = joined({{0x06, 3, 0x55, 0x1D, 0x0F}, {0x04, 0}});
  CHECK(read(bones_with({others, names})));
  for (const auto& extensions : {std::vector<octet_vector>{}, {others}, {names, names}}) {
    const auto refused = read(bones_with(extensions));
    REQUIRE_FALSE(refused);
    CHECK(says(refused.why().detail, "not exactly one list of alternative names"));
  }
  CHECK_FALSE(read(bones(start_of_body)));
}

TEST_CASE("only a certificate that clearly is no authority's is taken") {
  const auto names = alternative_names("godwit:edge:a");
  CHECK(read(bones_with({names, basic_constraints({})})));
  CHECK(read(bones_with({names, basic_constraints({0x01, 1, 0})})));
  for (const auto& bad :
       {basic_constraints({0x01, 1, 0xFF}), basic_constraints({0x01, 1, 1}),
        basic_constraints({0x01, 1, 0xFF, 0x02, 1, 0}), basic_constraints({0x01, 2, 0, 0}),
        basic_constraints({0x01, 1}), basic_constraints({0x05, 0})}) {
    CHECK_FALSE(read(bones_with({names, bad})));
    CHECK_FALSE(read(bones_with({bad, names, basic_constraints({})})));
    CHECK_FALSE(read(bones_with({basic_constraints({}), names, bad})));
  }
}

TEST_CASE("a malformed extension is refused, even where it says nothing that matters") {
  const auto names = alternative_names("godwit:edge:a");
  for (const octet_vector& bad : {octet_vector{},
                                  {0x06, 1, 1},
                                  {0x04, 0},
                                  {0x06, 1, 1, 0x05, 0},
                                  {0x06, 1, 1, 0x04, 0, 0x04, 0},
                                  {0x06, 1, 1, 0x04, 1}})
    CHECK_FALSE(read(bones_with({names, bad})));
  CHECK(read(bones_with({names, {0x06, 1, 1, 0x01, 1, 0xFF, 0x04, 0}})));
}

TEST_CASE("a certificate that claims to be of version 1 is refused") {
  auto der = certificate_with(uri_list({"godwit:edge:a"}));
  // Certificate, TBSCertificate, then [0] { INTEGER 2 }: RFC 5280 section 4.1.2.1.
  const bytes version{std::byte{0xA0}, std::byte{3}, std::byte{2}, std::byte{1}, std::byte{2}};
  const auto at = std::search(der.begin(), der.end(), version.begin(), version.end());
  REQUIRE(at - der.begin() < 16);
  at[4] = std::byte{0};
  CHECK_FALSE(identity_of(der));
}

TEST_CASE("a PEM is read where it holds a certificate, with text around it or not") {
  const auto authority =
      make_authority("root", std::chrono::hours(24), unix_seconds(1'800'000'000));
  REQUIRE(authority);
  const auto files = issue(*authority, role::edge, "edge-7", {}, std::chrono::hours(2),
                           unix_seconds(1'800'000'000));
  REQUIRE(files);
  const auto read = identity_of_pem(files->certificate_pem);
  REQUIRE(read);
  CHECK(read->role == role::edge);
  CHECK(read->name == "edge-7");
  const auto beside_text =
      identity_of_pem("Certificate of edge-7:\n" + files->certificate_pem + "\nend");
  REQUIRE(beside_text);
  CHECK(*beside_text == *read);
  // A PEM is no DER: what TLS hands over is never text.
  CHECK_FALSE(identity_of(as_bytes(files->certificate_pem)));
  CHECK_FALSE(identity_of_pem(""));
  CHECK_FALSE(identity_of_pem("garbage"));
  CHECK_FALSE(identity_of_pem(files->certificate_pem.substr(0, 200)));
  CHECK_FALSE(identity_of_pem(as_text(files->key_pem.reveal())));
}

TEST_CASE("a certificate that is changed at random is refused or has another fingerprint") {
  const auto der = certificate_with(uri_list({"godwit:edge:edge-7"}));
  REQUIRE(der == certificate_with(uri_list({"godwit:edge:edge-7"})));
  const auto fingerprint = sha256(der);
  std::mt19937_64 random(20260809);
  for (int i = 0; i < 4000; ++i) {
    auto changed = der;
    for (auto count = 1 + random() % 3; count > 0; --count)
      changed[random() % changed.size()] = static_cast<std::byte>(random() & 0xFF);
    if (changed == der)
      continue;
    const auto read = identity_of(changed);
    if (read)
      CHECK(read->fingerprint != fingerprint);
  }
}
