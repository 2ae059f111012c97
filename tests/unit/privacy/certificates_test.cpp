// Do the certificates that we make say what they should, chain, and refuse what makes no sense?
#include <godwit/privacy/certificates.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <botan/data_src.h>
#include <botan/ecdsa.h>
#include <botan/pkcs8.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>
#include <botan/x509path.h>
#include <doctest/doctest.h>

#include <godwit/privacy/identity.hpp>

using namespace godwit;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr unix_seconds noon{1'800'000'000};
constexpr std::chrono::hours year = 365 * 24h;

certificate_files authority(std::string_view name = "root", unix_seconds now = noon) {
  auto made = make_authority(name, 10 * year, now);
  REQUIRE(made);
  return *std::move(made);
}

certificate_files leaf(const certificate_files& by, role who, std::string_view name,
                       const std::vector<std::string>& hosts = {}, unix_seconds now = noon) {
  auto made = issue(by, who, name, hosts, year, now);
  REQUIRE(made);
  return *std::move(made);
}

Botan::X509_Certificate parsed(const certificate_files& files) {
  Botan::DataSource_Memory source(files.certificate_pem);
  return Botan::X509_Certificate(source);
}

std::unique_ptr<Botan::Private_Key> key_of(const certificate_files& files) {
  Botan::DataSource_Memory source(as_text(files.key_pem.reveal()));
  return Botan::PKCS8::load_key(source);
}

bool chains(const certificate_files& files, const certificate_files& to, Botan::Usage_Type purpose,
            unix_seconds when = noon + 1h, const std::string& host = "") {
  Botan::Certificate_Store_In_Memory trusted(parsed(to));
  const auto path = Botan::x509_path_validate(
      parsed(files), Botan::Path_Validation_Restrictions(false, 110), {&trusted}, host, purpose,
      std::chrono::system_clock::time_point(when));
  return path.successful_validation();
}

failure why_refused(const attempt<certificate_files>& made) {
  REQUIRE_FALSE(made);
  return made.why();
}

} // namespace

TEST_CASE("an authority signs certificates, of one step, and does nothing else") {
  const auto files = authority();
  const auto certificate = parsed(files);
  CHECK(certificate.x509_version() == 3);
  CHECK(certificate.is_CA_cert());
  CHECK(certificate.is_self_signed());
  CHECK(certificate.path_limit() == 0);
  CHECK(certificate.constraints() == Botan::KEY_CERT_SIGN);
  CHECK(certificate.v3_extensions().critical_extension_set(Botan::OID("2.5.29.19")));
  CHECK(certificate.v3_extensions().critical_extension_set(Botan::OID("2.5.29.15")));
  CHECK(certificate.subject_key_id().size() == 20);
  CHECK(certificate.subject_info("X520.CommonName") == std::vector<std::string>{"root"});
  CHECK(certificate.check_signature(*certificate.load_subject_public_key()));
}

TEST_CASE("keys are P-256, in PKCS #8, and belong to their certificates") {
  const auto root = authority();
  const auto edge = leaf(root, role::edge, "edge-7");
  for (const auto* files : {&root, &edge}) {
    const auto key = key_of(*files);
    CHECK(as_text(files->key_pem.reveal()).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto* ecdsa = dynamic_cast<const Botan::ECDSA_PrivateKey*>(key.get());
    REQUIRE(ecdsa != nullptr);
    CHECK(ecdsa->domain().get_curve_oid() == Botan::OID("1.2.840.10045.3.1.7"));
    CHECK(key->subject_public_key() ==
          parsed(*files).load_subject_public_key()->subject_public_key());
  }
  CHECK(key_of(root)->subject_public_key() != key_of(edge)->subject_public_key());
}

TEST_CASE("a certificate states its role and name, and may be used for that role only") {
  const auto root = authority();
  const std::vector<std::string> hosts{"localhost"};
  for (auto who : {role::server, role::edge, role::person}) {
    const bool is_server = who == role::server;
    const auto files = leaf(root, who, "some-name", is_server ? hosts : std::vector<std::string>{});
    const auto identity = identity_of_pem(files.certificate_pem);
    REQUIRE(identity);
    CHECK(identity->role == who);
    CHECK(identity->name == "some-name");
    const auto certificate = parsed(files);
    CHECK_FALSE(certificate.is_CA_cert());
    CHECK(certificate.constraints() == Botan::DIGITAL_SIGNATURE);
    CHECK(certificate.extended_key_usage() ==
          std::vector{Botan::OID(is_server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")});
    CHECK(certificate.authority_key_id() == parsed(root).subject_key_id());
    CHECK(certificate.subject_key_id() != parsed(root).subject_key_id());
    CHECK(chains(files, root, Botan::Usage_Type::TLS_SERVER_AUTH) == is_server);
    CHECK(chains(files, root, Botan::Usage_Type::TLS_CLIENT_AUTH) == !is_server);
  }
}

TEST_CASE("a certificate chains to its own authority, even where another has the same name") {
  const auto root = authority();
  const auto namesake = authority();
  const auto files = leaf(root, role::edge, "edge-7");
  CHECK(chains(files, root, Botan::Usage_Type::TLS_CLIENT_AUTH));
  CHECK_FALSE(chains(files, namesake, Botan::Usage_Type::TLS_CLIENT_AUTH));
}

TEST_CASE("a leaf may have its authority's name and stays a leaf") {
  const auto root = authority("north");
  const auto files = leaf(root, role::server, "north", {"localhost"});
  CHECK_FALSE(parsed(files).is_self_signed());
  CHECK(chains(files, root, Botan::Usage_Type::TLS_SERVER_AUTH));
}

TEST_CASE("a certificate holds from an hour before it was made until its lifetime is over") {
  const auto root = authority();
  const auto files = leaf(root, role::edge, "edge-7");
  const auto holds_at = [&](unix_seconds when) {
    return chains(files, root, Botan::Usage_Type::TLS_CLIENT_AUTH, when);
  };
  CHECK_FALSE(holds_at(noon - 1h - 1s));
  CHECK(holds_at(noon - 1h));
  CHECK(holds_at(noon + year));
  CHECK_FALSE(holds_at(noon + year + 1s));
}

TEST_CASE("a certificate that has expired already can be made, from a time in the past") {
  const auto root = authority("root", noon - 5 * year);
  const auto files = leaf(root, role::edge, "edge-7", {}, noon - 2 * year);
  CHECK_FALSE(chains(files, root, Botan::Usage_Type::TLS_CLIENT_AUTH, noon));
  CHECK(chains(files, root, Botan::Usage_Type::TLS_CLIENT_AUTH, noon - 2 * year));
}

TEST_CASE("years from 2050 on are written as the standard asks") {
  auto root = make_authority("root", 99 * year, noon);
  REQUIRE(root);
  CHECK(parsed(*root).not_after().readable_string().starts_with("2125/"));
}

TEST_CASE("a server's hosts are DNS names and IP addresses of both families") {
  const auto root = authority();
  const auto files =
      leaf(root, role::server, "north",
           {"Fed.Example.org", "localhost", "server_1.net", "127.0.0.1", "::1", "2001:db8::7"});
  for (const std::string host : {"fed.example.org", "localhost", "server_1.net", "127.0.0.1"})
    CHECK(chains(files, root, Botan::Usage_Type::TLS_SERVER_AUTH, noon, host));
  for (const std::string host : {"example.org", "a.localhost", "127.0.0.2"})
    CHECK_FALSE(chains(files, root, Botan::Usage_Type::TLS_SERVER_AUTH, noon, host));
  const auto names = parsed(files).v3_extensions().get_extension_bits(Botan::OID("2.5.29.17"));
  const auto holds = [&](std::vector<std::uint8_t> name) {
    return std::search(names.begin(), names.end(), name.begin(), name.end()) != names.end();
  };
  CHECK(holds({0x87, 4, 127, 0, 0, 1}));
  CHECK(holds({0x87, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK(holds({0x87, 16, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
}

TEST_CASE("what is no host is refused, and the failure names it") {
  const auto root = authority();
  for (const auto& host : {""s,
                           " "s,
                           "a b"s,
                           "localhost:7443"s,
                           "[::1]"s,
                           "*.example.org"s,
                           "10.0.0"s,
                           "10.0.0.256"s,
                           "1"s,
                           "-a.org"s,
                           "a-.org"s,
                           "a..org"s,
                           ".org"s,
                           "org."s,
                           "fe80::1%eth0"s,
                           "https://a.org"s,
                           "local\0host"s,
                           "\xC3\xA4.org"s,
                           std::string(64, 'a') + ".org",
                           std::string(300, 'a')}) {
    const auto why =
        why_refused(issue(root, role::server, "north", {"localhost", host}, year, noon));
    CHECK(why.code == failure_code::bad_config);
    CHECK(why.detail.find("'" + host + "'") != std::string::npos);
  }
}

TEST_CASE("a server needs hosts, and the others have none") {
  const auto root = authority();
  CHECK(why_refused(issue(root, role::server, "north", {}, year, noon)).code ==
        failure_code::bad_config);
  CHECK(why_refused(issue(root, role::server, "north", std::vector<std::string>(65, "localhost"),
                          year, noon))
            .code == failure_code::bad_config);
  for (auto who : {role::edge, role::person})
    CHECK(why_refused(issue(root, who, "edge-7", {"localhost"}, year, noon)).code ==
          failure_code::bad_config);
}

TEST_CASE("a name that is none is refused") {
  const auto root = authority();
  for (const auto& name :
       {""s, "Edge"s, "edge 7"s, "edge:7"s, "edge/7"s, "\xC3\xA4"s, std::string(65, 'a')}) {
    CHECK(why_refused(make_authority(name, year, noon)).code == failure_code::bad_config);
    CHECK(why_refused(issue(root, role::edge, name, {}, year, noon)).code ==
          failure_code::bad_config);
  }
}

TEST_CASE("a lifetime or a clock out of range is refused") {
  const auto root = authority();
  for (auto lifetime :
       {0h, -1h, 101 * 366 * 24h, std::chrono::hours::max(), std::chrono::hours::min()}) {
    CHECK(why_refused(make_authority("root", lifetime, noon)).code == failure_code::bad_config);
    CHECK(why_refused(issue(root, role::edge, "edge-7", {}, lifetime, noon)).code ==
          failure_code::bad_config);
  }
  for (auto now : {unix_seconds(0), unix_seconds(-1), unix_seconds::max(), unix_seconds::min()})
    CHECK(why_refused(make_authority("root", year, now)).code == failure_code::bad_config);
}

TEST_CASE("a certificate may not outlive its authority") {
  const auto root = authority();
  CHECK(issue(root, role::edge, "edge-7", {}, 10 * year, noon));
  const auto why = why_refused(issue(root, role::edge, "edge-7", {}, 10 * year + 1h, noon));
  CHECK(why.code == failure_code::bad_config);
  CHECK(why.detail.find("outlive") != std::string::npos);
}

TEST_CASE("an authority whose files do not belong together, or are none, cannot issue") {
  const auto copy = [](const secret& held) {
    return secret(bytes(held.reveal().begin(), held.reveal().end()));
  };
  const auto root = authority();
  const auto other = authority();
  const auto edge = leaf(root, role::edge, "edge-7");
  const auto refuses = [](const certificate_files& by) {
    const auto why = why_refused(issue(by, role::edge, "edge-8", {}, year, noon));
    CHECK(why.code == failure_code::bad_key);
    return why.detail;
  };
  CHECK(refuses({root.certificate_pem, copy(other.key_pem)}).find("does not belong") !=
        std::string::npos);
  CHECK(refuses({edge.certificate_pem, copy(edge.key_pem)}).find("may not sign") !=
        std::string::npos);
  CHECK(refuses({"garbage", copy(root.key_pem)}).find("certificate cannot be read") !=
        std::string::npos);
  CHECK(refuses({root.certificate_pem, secret()}).find("key cannot be read") != std::string::npos);
  CHECK(refuses({as_text(root.key_pem.reveal()), copy(root.key_pem)}).find("cannot be read") !=
        std::string::npos);
}
