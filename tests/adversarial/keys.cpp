// Which keys do the flock and its attackers hold?
#include "adversarial/keys.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace godwit::adversarial {
namespace {

constexpr std::chrono::hours authority_lifetime{48};
constexpr std::chrono::hours lifetime{1};

struct freed {
  void operator()(X509* x) const noexcept { X509_free(x); }
  void operator()(EVP_PKEY* x) const noexcept { EVP_PKEY_free(x); }
  void operator()(BIO* x) const noexcept { BIO_free(x); }
  void operator()(X509_EXTENSION* x) const noexcept { X509_EXTENSION_free(x); }
};
template <class T>
using held = std::unique_ptr<T, freed>;

held<BIO> reading(bytes_view content) {
  return held<BIO>(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

std::string written(auto&& print) {
  held<BIO> out(BIO_new(BIO_s_mem()));
  REQUIRE(print(out.get()) == 1);
  char* text = nullptr;
  const auto length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

void extend(X509* to, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  held<X509_EXTENSION> made(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  REQUIRE(made);
  REQUIRE(X509_add_ext(to, made.get(), -1) == 1);
}

template <class T>
T must(attempt<T> got) {
  const std::string why = got ? "" : got.why().detail;
  REQUIRE_MESSAGE(got.has_value(), why);
  return std::move(got).value();
}

} // namespace

unix_seconds now() {
  return std::chrono::duration_cast<unix_seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

keyring::keyring() : authority_(must(make_authority("godwit", authority_lifetime, now()))) {
  write_whole(folder_ / "ca.pem", authority_.certificate_pem);
}

tls_config keyring::of(role who, const std::string& name) {
  const auto key = std::string(godwit::name(who)) + ":" + name;
  if (auto known = made_.find(key); known != made_.end())
    return known->second;
  return made_[key] = second(who, name);
}

tls_config keyring::second(role who, const std::string& name) {
  return issued(authority_, who, name, now());
}

tls_config keyring::expired(const std::string& name) {
  return issued(authority_, role::edge, name, now() - 2 * lifetime);
}

tls_config keyring::foreign(const std::string& name) {
  return issued(must(make_authority("godwit", authority_lifetime, now())), role::edge, name, now());
}

tls_config keyring::with_uri(const std::string& uri) {
  held<X509> issuer(PEM_read_bio_X509(reading(as_bytes(authority_.certificate_pem)).get(), nullptr,
                                      nullptr, nullptr));
  held<EVP_PKEY> issuer_key(PEM_read_bio_PrivateKey(reading(authority_.key_pem.reveal()).get(),
                                                    nullptr, nullptr, nullptr));
  held<EVP_PKEY> key(EVP_EC_gen("P-256"));
  held<X509> made(X509_new());
  REQUIRE(X509_set_version(made.get(), X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1000 + file_count_);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
  X509_set_pubkey(made.get(), key.get());
  extend(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  extend(made.get(), issuer.get(), NID_ext_key_usage, "clientAuth");
  extend(made.get(), issuer.get(), NID_subject_alt_name,
         uri.empty() ? "DNS:localhost" : "URI:" + uri);
  REQUIRE(X509_sign(made.get(), issuer_key.get(), EVP_sha256()) > 0);
  const auto certificate = written([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); });
  const auto secret_key = written([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  const auto raw = as_bytes(secret_key);
  return write({certificate, secret(bytes(raw.begin(), raw.end()))});
}

tls_config keyring::issued(const certificate_files& authority, role who, const std::string& name,
                           unix_seconds now) {
  const std::vector<std::string> hosts =
      who == role::server ? std::vector<std::string>{"127.0.0.1"} : std::vector<std::string>{};
  return write(must(issue(authority, who, name, hosts, lifetime, now)));
}

tls_config keyring::write(const certificate_files& files) {
  const auto name = std::to_string(++file_count_);
  tls_config made{.certificate = folder_ / (name + ".pem"),
                  .key = folder_ / (name + ".key"),
                  .authority = folder_ / "ca.pem"};
  write_whole(made.certificate, files.certificate_pem);
  write_whole(made.key, as_text(files.key_pem.reveal()));
  using perms = std::filesystem::perms; // a node takes no key that everyone can read
  std::filesystem::permissions(made.key, perms::owner_read | perms::owner_write);
  return made;
}

keyring& keys() {
  static keyring all;
  return all;
}

peer_identity identity_in(const tls_config& files) {
  return must(identity_of_pem(read_whole(files.certificate)));
}

} // namespace godwit::adversarial
