// Which certificates do the transport's tests need? Makes authorities and nodes' certificates, good
// ones and bad ones.
#include "test_certificates.hpp"

#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace godwit::transport::testing {
namespace {

void need(bool fine, const char* what) {
  if (!fine)
    throw std::runtime_error(std::string("test certificates: ") + what);
}

void write(const std::filesystem::path& file, auto&& print) {
  std::FILE* out = std::fopen(file.c_str(), "w");
  need(out != nullptr, "cannot write");
  need(print(out) == 1, "cannot print");
  std::fclose(out);
}

void extend(X509* to, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  need(made != nullptr, "an extension");
  X509_add_ext(to, made, -1);
  X509_EXTENSION_free(made);
}

X509* begin(EVP_PKEY* key, const std::string& name, std::int64_t from, std::int64_t until) {
  static std::atomic<long> serial{1};
  X509* made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made), static_cast<long>(from));
  X509_gmtime_adj(X509_getm_notAfter(made), static_cast<long>(until));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(made, key);
  return made;
}

} // namespace

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "godwit-transport-XXXXXX").string();
  need(mkdtemp(name.data()) != nullptr, "a folder");
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

struct test_authority::material {
  EVP_PKEY* key;
  X509* certificate;
};

test_authority::test_authority(std::filesystem::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)), held_(new material) {
  std::filesystem::create_directories(folder_);
  held_->key = EVP_EC_gen("P-256");
  held_->certificate = begin(held_->key, name_, -7200, 7200);
  X509_set_issuer_name(held_->certificate, X509_get_subject_name(held_->certificate));
  extend(held_->certificate, held_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(held_->certificate, held_->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(held_->certificate, held_->certificate, NID_subject_key_identifier, "hash");
  need(X509_sign(held_->certificate, held_->key, EVP_sha256()) > 0, "a signature");
  write(folder_ / (name_ + ".pem"),
        [&](std::FILE* out) { return PEM_write_X509(out, held_->certificate); });
}

test_authority::~test_authority() {
  X509_free(held_->certificate);
  EVP_PKEY_free(held_->key);
  delete held_;
}

node_files test_authority::make(const std::string& file, const certificate_wish& wish) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = begin(key, file, wish.from_seconds, wish.until_seconds);
  X509_set_issuer_name(made, X509_get_subject_name(held_->certificate));
  extend(made, held_->certificate, NID_basic_constraints, "critical,CA:FALSE");
  extend(made, held_->certificate, NID_key_usage, "critical,digitalSignature");
  extend(made, held_->certificate, NID_ext_key_usage, wish.purpose);
  extend(made, held_->certificate, NID_authority_key_identifier, "keyid");
  std::string names = wish.uri.empty() ? "" : "URI:" + wish.uri;
  for (const auto& host : wish.hosts)
    names += (names.empty() ? "" : ",") + host;
  if (!names.empty())
    extend(made, held_->certificate, NID_subject_alt_name, names);
  need(X509_sign(made, held_->key, EVP_sha256()) > 0, "a signature");
  node_files files{.certificate = folder_ / (name_ + "-" + file + ".pem"),
                   .key = folder_ / (name_ + "-" + file + ".key"),
                   .authority = folder_ / (name_ + ".pem")};
  write(files.certificate, [&](std::FILE* out) { return PEM_write_X509(out, made); });
  write(files.key, [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(made);
  EVP_PKEY_free(key);
  return files;
}

node_files test_authority::edge(const std::string& name) const {
  return make(name, {.uri = "godwit:edge:" + name, .hosts = {}});
}

node_files test_authority::server() const {
  return make("server", {.uri = "godwit:server:hub",
                         .hosts = {"DNS:localhost", "IP:127.0.0.1"},
                         .purpose = "serverAuth,clientAuth"});
}

attempt<peer> identify(bytes_view certificate_der) {
  const auto* raw = reinterpret_cast<const unsigned char*>(certificate_der.data());
  X509* certificate = d2i_X509(nullptr, &raw, static_cast<long>(certificate_der.size()));
  if (!certificate)
    return failure{failure_code::bad_key, false, "not a certificate"};
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* entry = sk_GENERAL_NAME_value(names, i);
    if (entry->type == GEN_URI)
      uri.assign(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(entry->d.uniformResourceIdentifier)),
          static_cast<std::size_t>(ASN1_STRING_length(entry->d.uniformResourceIdentifier)));
  }
  GENERAL_NAMES_free(names);
  X509_free(certificate);
  peer found;
  SHA256(reinterpret_cast<const unsigned char*>(certificate_der.data()), certificate_der.size(),
         reinterpret_cast<unsigned char*>(found.fingerprint.data()));
  for (auto one : {role::server, role::edge, role::person}) {
    const std::string start = "godwit:" + std::string(name(one)) + ":";
    if (uri.starts_with(start)) {
      found.role = one;
      found.name = uri.substr(start.size());
      return found;
    }
  }
  return failure{failure_code::bad_key, false, "no URI name of godwit's in it"};
}

} // namespace godwit::transport::testing
