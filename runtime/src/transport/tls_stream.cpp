// How are bytes moved through one TLS connection? OpenSSL on a non-blocking socket, without a
// buffer of our own between.
#include "transport/tls_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace godwit::transport {
namespace {

void add_name(std::string& to, const std::string& name) {
  for (char c : name)
    if (c < 0x20 || c > 0x7E)
      return; // not a name that people should be shown
  to += to.empty() ? name : ", " + name;
}

/// What a certificate is for: its DNS names and addresses.
std::string names_of(X509* certificate) {
  std::string names;
  auto* list = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(list) && names.size() < 256; ++i) {
    const GENERAL_NAME* entry = sk_GENERAL_NAME_value(list, i);
    if (entry->type == GEN_DNS) {
      const auto* text = entry->d.dNSName;
      add_name(names, {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text))});
    } else if (entry->type == GEN_IPADD) {
      const auto* raw = entry->d.iPAddress;
      std::array<char, INET6_ADDRSTRLEN> text{};
      const int family = ASN1_STRING_length(raw) == 4 ? AF_INET : AF_INET6;
      if ((family == AF_INET || ASN1_STRING_length(raw) == 16) &&
          inet_ntop(family, ASN1_STRING_get0_data(raw), text.data(), text.size()))
        add_name(names, text.data());
    }
  }
  GENERAL_NAMES_free(list);
  return names;
}

} // namespace

void tls_stream::free_ssl::operator()(SSL* ssl) const noexcept {
  // Else OpenSSL takes a lost connection for an attack on its session and refuses to resume it.
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

tls_stream::tls_stream(SSL_CTX* context, side our_side, int socket, const std::string& host,
                       session_ptr resume)
    : ssl_(SSL_new(context)) {
  GODWIT_CHECK(ssl_, "OpenSSL makes no TLS connection");
  GODWIT_CHECK(SSL_set_fd(ssl_.get(), socket) == 1, "OpenSSL does not take the socket");
  SSL_set_app_data(ssl_.get(), this);
  if (our_side == side::server) {
    SSL_set_accept_state(ssl_.get());
    return;
  }
  SSL_set_connect_state(ssl_.get());
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, on_verify);
  SSL_CTX_sess_set_new_cb(context, on_session);
  require_name(host);
  if (resume)
    SSL_set_session(ssl_.get(), resume.get());
}

void tls_stream::require_name(const std::string& host) {
  trouble_.host = host;
  auto* rules = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                             X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1)
    return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size());
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
}

int tls_stream::on_verify(int fine, X509_STORE_CTX* store) noexcept {
  const int error = X509_STORE_CTX_get_error(store);
  if (!fine && (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH)) {
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = static_cast<tls_stream*>(SSL_get_app_data(ssl));
    if (X509* certificate = X509_STORE_CTX_get_current_cert(store))
      self->trouble_.names = names_of(certificate);
  }
  return fine;
}

int tls_stream::on_session(SSL* ssl, SSL_SESSION* session) noexcept {
  static_cast<tls_stream*>(SSL_get_app_data(ssl))->session_.reset(session);
  return 1; // the reference is ours now
}

step tls_stream::outcome(int returned) {
  const int saved = errno;
  const int code = SSL_get_error(ssl_.get(), returned);
  switch (code) {
  case SSL_ERROR_NONE:
    return step::done;
  case SSL_ERROR_WANT_READ:
    return step::want_read;
  case SSL_ERROR_WANT_WRITE:
    return step::want_write;
  case SSL_ERROR_ZERO_RETURN:
    return step::ended;
  default:
    break;
  }
  trouble_.error = ERR_peek_error();
  trouble_.system = code == SSL_ERROR_SYSCALL && trouble_.error == 0 ? saved : 0;
  trouble_.verify = SSL_get_verify_result(ssl_.get());
  ERR_clear_error();
  return code == SSL_ERROR_SYSCALL && trouble_.error == 0 && trouble_.system == 0 ? step::ended
                                                                                  : step::failed;
}

step tls_stream::shake_hands() {
  ERR_clear_error();
  errno = 0;
  const auto result = outcome(SSL_do_handshake(ssl_.get()));
  // The state machine leaves these two states only with a well-formed hello of the other side.
  const auto state = SSL_get_state(ssl_.get());
  trouble_.heard_tls = state != TLS_ST_BEFORE && state != TLS_ST_CW_CLNT_HELLO;
  return result;
}

step tls_stream::read(std::span<std::byte> to, std::size_t& count) {
  ERR_clear_error();
  errno = 0;
  count = 0;
  return outcome(SSL_read_ex(ssl_.get(), to.data(), to.size(), &count));
}

step tls_stream::write(bytes_view from, std::size_t& count) {
  ERR_clear_error();
  errno = 0;
  count = 0;
  return outcome(SSL_write_ex(ssl_.get(), from.data(), from.size(), &count));
}

void tls_stream::say_closed() noexcept {
  if (SSL_is_init_finished(ssl_.get()))
    SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bytes tls_stream::certificate() const {
  certificate_ptr held(SSL_get1_peer_certificate(ssl_.get()));
  if (!held || X509_cmp_current_time(X509_get0_notAfter(held.get())) < 0)
    return {};
  bytes der(static_cast<std::size_t>(std::max(i2d_X509(held.get(), nullptr), 0)));
  auto* to = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(held.get(), &to);
  return der;
}

bool tls_stream::resumed() const noexcept {
  return SSL_session_reused(ssl_.get()) == 1;
}

} // namespace godwit::transport
