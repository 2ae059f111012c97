// What does TLS need from disk, and which of it is accepted?
#include "transport/tls_context.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace godwit::transport {
namespace {

using bio_ptr = std::unique_ptr<BIO, freed_by<&BIO_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;

constexpr std::size_t pem_bytes_max = 1024 * 1024;
constexpr long session_seconds =
    3600; // a lost link comes back within this without a full handshake
constexpr std::size_t read_buffer_bytes =
    64 * 1024; // several records a system call; freed while a link is idle

failure bad_key(const std::filesystem::path& file, const std::string& what) {
  return {failure_code::bad_key, false, file.string() + ": " + what};
}

/// A file's content; `what` names it in the failure.
attempt<std::string> read_pem(const std::filesystem::path& file, const std::string& what) {
  if (file.empty())
    return failure{failure_code::bad_key, false,
                   "no file is given for the " + what + "; `godwit keys` makes one"};
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status))
    return bad_key(file, "the " + what + " is missing; `godwit keys` makes one");
  if (std::filesystem::is_directory(status))
    return bad_key(file, "a folder, where the " + what + " should be a PEM file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const auto why = std::error_code(errno, std::generic_category());
    return bad_key(file, "the " + what + " cannot be read: " + why.message() +
                             "; let this user read it (chown, chmod 600)");
  }
  const auto size = std::filesystem::file_size(file, error); // of what is no file: an error
  std::string content;
  content.resize(error ? pem_bytes_max : std::min<std::uintmax_t>(size + 1, pem_bytes_max));
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() == pem_bytes_max)
    return bad_key(file, "too long for a " + what);
  return content;
}

bio_ptr over(const std::string& content) {
  return bio_ptr(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

attempt<std::vector<certificate_ptr>> read_certificates(const std::filesystem::path& file,
                                                        const std::string& what) {
  auto content = read_pem(file, what);
  if (!content)
    return content.why();
  auto in = over(*content);
  std::vector<certificate_ptr> found;
  ERR_clear_error();
  while (X509* one = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))
    found.emplace_back(one);
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (found.empty())
    return bad_key(file, "not a PEM certificate, where the " + what + " should be");
  if (reason != PEM_R_NO_START_LINE) // the only way in which a whole file ends
    return bad_key(file,
                   "the certificate after number " + std::to_string(found.size()) + " is damaged");
  return found;
}

int refuse_passphrase(char*, int, int, void* asked) noexcept {
  *static_cast<bool*>(asked) = true;
  return -1;
}

attempt<key_ptr> read_key(const std::filesystem::path& file) {
  auto content = read_pem(file, "private key");
  if (!content)
    return content.why();
  bool asked = false;
  key_ptr key(PEM_read_bio_PrivateKey(over(*content).get(), nullptr, refuse_passphrase, &asked));
  OPENSSL_cleanse(content->data(), content->size());
  ERR_clear_error();
  if (asked)
    return bad_key(
        file,
        "the private key is locked with a passphrase; nodes start without a person, so store it "
        "without one and let only this user read it");
  if (!key)
    return bad_key(file, "not a PEM private key");
  return key;
}

attempt<done> use_files(SSL_CTX* context, const key_files& files) {
  auto authority = read_certificates(files.authority, "authority's certificate");
  if (!authority)
    return authority.why();
  for (auto& one : *authority)
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());
  auto chain = read_certificates(files.certificate, "certificate");
  if (!chain)
    return chain.why();
  auto key = read_key(files.key);
  if (!key)
    return key.why();
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return bad_key(files.key, "the private key does not belong to the certificate " +
                                  files.certificate.string());
  }
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    const char* why = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return bad_key(files.certificate,
                   std::string("cannot be used for TLS 1.3: ") + (why ? why : "unknown reason"));
  }
  for (std::size_t i = 1; i < chain->size(); ++i)
    SSL_CTX_add1_chain_cert(context, (*chain)[i].get());
  return done{};
}

void set_rules(SSL_CTX* context, side our_side) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(
      context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, read_buffer_bytes);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, 4);
  SSL_CTX_set_timeout(context, session_seconds);
  if (our_side == side::server) {
    // Tickets are sealed with a key that lives as long as this context, and carry the client's
    // certificate.
    static constexpr unsigned char name[] = "godwit";
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  }
}

} // namespace

attempt<context_ptr> make_context(side our_side, const key_files& files) {
  context_ptr context(
      SSL_CTX_new(our_side == side::server ? TLS_server_method() : TLS_client_method()));
  GODWIT_CHECK(context, "OpenSSL makes no TLS context");
  set_rules(context.get(), our_side);
  if (auto used = use_files(context.get(), files); !used)
    return used.why();
  return context;
}

} // namespace godwit::transport
