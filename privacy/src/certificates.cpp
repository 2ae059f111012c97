// How does a deployment get its own certificate authority and a certificate for each node?
#include <godwit/privacy/certificates.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <span>
#include <utility>

#include <botan/data_src.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/pkcs8.h>
#include <botan/pkix_types.h>
#include <botan/pubkey.h>
#include <botan/x509_ca.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/identity.hpp>

#include "alternative_names.hpp"
#include "octets.hpp"
#include "system_random.hpp"

namespace godwit {
namespace {

namespace extension = Botan::Cert_Extension;

constexpr std::chrono::hours lifetime_min{1};
constexpr std::chrono::hours lifetime_max{100 * 366 * 24};
// RFC 5280 section 4.1.2.5 has four digits for a year; a century fits behind the last `now`.
constexpr unix_seconds now_max =
    std::chrono::sys_days{std::chrono::year{9800} / 1 / 1}.time_since_epoch();
constexpr std::size_t host_count_max = 64;

failure bad_config(std::string detail) {
  return {.code = failure_code::bad_config, .detail = std::move(detail)};
}

failure bad_key(std::string detail) {
  return {.code = failure_code::bad_key, .detail = std::move(detail)};
}

/// The subject alternative names in our own encoding (see alternative_names.hpp).
class subject_names final : public Botan::Certificate_Extension {
public:
  explicit subject_names(std::vector<std::uint8_t> encoded) : encoded_(std::move(encoded)) {}
  Botan::OID oid_of() const override { return extension::Subject_Alternative_Name::static_oid(); }
  std::string oid_name() const override { return "X509v3.SubjectAlternativeName"; }
  subject_names* copy() const override { return new subject_names(encoded_); }
  void contents_to(Botan::Data_Store&, Botan::Data_Store&) const override {}

private:
  std::vector<std::uint8_t> encode_inner() const override { return encoded_; }
  void decode_inner(const std::vector<std::uint8_t>& encoded) override { encoded_ = encoded; }
  std::vector<std::uint8_t> encoded_;
};

struct validity {
  Botan::X509_Time begin;
  Botan::X509_Time end;
};

attempt<validity> make_validity(std::chrono::hours lifetime, unix_seconds now) {
  if (lifetime < lifetime_min || lifetime > lifetime_max)
    return bad_config("a certificate's lifetime is 1 to " + std::to_string(lifetime_max.count()) +
                      " hours, not " + std::to_string(lifetime.count()));
  if (now < certificate_backdating || now > now_max)
    return bad_config("the clock shows no plausible time; set it and try again");
  const std::chrono::system_clock::time_point origin{};
  return validity{Botan::X509_Time(origin + (now - certificate_backdating)),
                  Botan::X509_Time(origin + (now + lifetime))};
}

Botan::X509_DN distinguished_name(std::string_view unit, std::string_view name) {
  Botan::X509_DN dn;
  dn.add_attribute("X520.Organization", "godwit");
  dn.add_attribute("X520.OrganizationalUnit", std::string(unit));
  dn.add_attribute("X520.CommonName", std::string(name));
  return dn;
}

std::unique_ptr<Botan::Private_Key> make_key() {
  return std::make_unique<Botan::ECDSA_PrivateKey>(system_random(), Botan::EC_Group("secp256r1"));
}

/// RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the public key's bits.
std::vector<std::uint8_t> key_id_of(const Botan::Public_Key& key) {
  const auto key_bits = key.public_key_bits();
  const auto digest = sha256(std::as_bytes(std::span(key_bits)));
  return {octets(digest), octets(digest) + 20};
}

/// Signs a certificate for `subject` with `signing`, and puts it beside the subject's key.
certificate_files finish(const Botan::Private_Key& signing, const Botan::Private_Key& subject,
                         const Botan::X509_DN& issuer_name, const Botan::X509_DN& subject_name,
                         const validity& valid, const Botan::Extensions& extensions) {
  Botan::AlgorithmIdentifier algorithm;
  const auto signer =
      Botan::X509_Object::choose_sig_format(algorithm, signing, system_random(), "SHA-256", "");
  const auto made = Botan::X509_CA::make_cert(signer.get(), system_random(), algorithm,
                                              subject.subject_public_key(), valid.begin, valid.end,
                                              issuer_name, subject_name, extensions);
  std::string key_pem = Botan::PKCS8::PEM_encode(subject);
  const auto view = as_bytes(key_pem);
  certificate_files files{made.PEM_encode(), secret(bytes(view.begin(), view.end()))};
  wipe(std::as_writable_bytes(std::span(key_pem)));
  return files;
}

/// An authority as it is read back from its files.
struct authority_parts {
  Botan::X509_Certificate certificate;
  std::unique_ptr<Botan::Private_Key> key;
};

attempt<authority_parts> load(const certificate_files& files) {
  authority_parts parts;
  try {
    const auto pem = as_bytes(files.certificate_pem);
    Botan::DataSource_Memory certificate_source(octets(pem), pem.size());
    parts.certificate = Botan::X509_Certificate(certificate_source);
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the authority's certificate cannot be read (") + thrown.what() +
                   "); restore it, or make a new authority");
  }
  try {
    const auto pem = files.key_pem.reveal();
    Botan::DataSource_Memory key_source(octets(pem), pem.size());
    parts.key = Botan::PKCS8::load_key(key_source);
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the authority's key cannot be read (") + thrown.what() +
                   "); it must be an unencrypted PKCS #8 PEM");
  }
  if (!parts.certificate.is_CA_cert())
    return bad_key("the authority's certificate may not sign others; give the one that was made "
                   "as an authority");
  const auto certified = parts.certificate.load_subject_public_key();
  if (certified->subject_public_key() != parts.key->subject_public_key())
    return bad_key("the authority's key does not belong to its certificate; give the pair that was "
                   "made together");
  return parts;
}

attempt<alternative_names> names_for(role who, std::string_view name,
                                     const std::vector<std::string>& hosts) {
  if (!is_valid_name(name))
    return bad_config("a name has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
  if (who != role::server && !hosts.empty())
    return bad_config("only a server's certificate names hosts; leave them out");
  if (who == role::server && hosts.empty())
    return bad_config("a server's certificate must name at least one host by which edges reach it");
  if (hosts.size() > host_count_max)
    return bad_config("a certificate names at most 64 hosts");
  alternative_names names;
  for (const auto& host : hosts)
    if (!add_host(names, host))
      return bad_config("'" + host +
                        "' is neither a DNS name nor an IP address (no port, no brackets)");
  names.uris.push_back(identity_uri(who, name));
  return names;
}

} // namespace

attempt<certificate_files> make_authority(std::string_view name, std::chrono::hours lifetime,
                                          unix_seconds now) {
  if (!is_valid_name(name))
    return bad_config("a name has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
  auto valid = make_validity(lifetime, now);
  if (!valid)
    return valid.why();
  try {
    const auto key = make_key();
    const auto key_id = key_id_of(*key);
    Botan::Extensions extensions; // it owns what it is given
    extensions.add(new extension::Basic_Constraints(true, 0), true);
    extensions.add(new extension::Key_Usage(Botan::KEY_CERT_SIGN), true);
    extensions.add(new extension::Subject_Key_ID(key_id));
    extensions.add(new extension::Authority_Key_ID(key_id));
    const auto dn = distinguished_name("authority", name);
    return finish(*key, *key, dn, dn, *valid, extensions);
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the authority could not be made: ") + thrown.what());
  }
}

attempt<certificate_files> issue(const certificate_files& authority, role who,
                                 std::string_view name, const std::vector<std::string>& hosts,
                                 std::chrono::hours lifetime, unix_seconds now) {
  auto names = names_for(who, name, hosts);
  if (!names)
    return names.why();
  auto valid = make_validity(lifetime, now);
  if (!valid)
    return valid.why();
  try {
    auto parts = load(authority);
    if (!parts)
      return parts.why();
    if (valid->end > parts->certificate.not_after())
      return bad_config("the certificate would outlive its authority, which ends at " +
                        parts->certificate.not_after().readable_string() +
                        "; ask for a shorter lifetime, or make a new authority");
    const auto key = make_key();
    auto authority_key_id = parts->certificate.subject_key_id();
    if (authority_key_id.empty())
      authority_key_id = key_id_of(*parts->key);
    const auto* purpose = who == role::server ? "PKIX.ServerAuth" : "PKIX.ClientAuth";
    Botan::Extensions extensions; // it owns what it is given
    extensions.add(new extension::Basic_Constraints(false), true);
    extensions.add(new extension::Key_Usage(Botan::DIGITAL_SIGNATURE), true);
    extensions.add(new extension::Extended_Key_Usage({Botan::OID::from_string(purpose)}));
    extensions.add(new extension::Subject_Key_ID(key_id_of(*key)));
    extensions.add(new extension::Authority_Key_ID(authority_key_id));
    extensions.add(new subject_names(encode(*names)));
    return finish(*parts->key, *key, parts->certificate.subject_dn(),
                  distinguished_name(godwit::name(who), name), *valid, extensions);
  } catch (const std::exception& thrown) {
    return bad_key(std::string("the certificate could not be made: ") + thrown.what());
  }
}

} // namespace godwit
