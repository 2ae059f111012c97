// What went wrong with TLS, in words?
#include "transport/tls_reason.hpp"

#include <system_error>

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include "transport/rejection.hpp"

namespace godwit::transport {
namespace {

/// The TLS alert that the other side has sent (RFC 8446, 6), or 0. OpenSSL adds 1000 to its number.
int alert_of(const tls_trouble& trouble) noexcept {
  const int reason = ERR_GET_REASON(trouble.error);
  const bool is_alert = ERR_GET_LIB(trouble.error) == ERR_LIB_SSL &&
                        reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256;
  return is_alert ? reason - SSL_AD_REASON_OFFSET : 0;
}

bool is_about_certificates(int alert) noexcept {
  switch (alert) {
  case SSL3_AD_BAD_CERTIFICATE:
  case SSL3_AD_UNSUPPORTED_CERTIFICATE:
  case SSL3_AD_CERTIFICATE_REVOKED:
  case SSL3_AD_CERTIFICATE_EXPIRED:
  case SSL3_AD_CERTIFICATE_UNKNOWN:
  case TLS1_AD_UNKNOWN_CA:
  case TLS1_AD_DECRYPT_ERROR:
    return true;
  default:
    return false;
  }
}

std::string_view certificate_reason(long verify) noexcept {
  switch (verify) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return rejection::expired;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return rejection::not_valid_yet;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_CERT_UNTRUSTED:
    return rejection::other_authority;
  case X509_V_ERR_INVALID_PURPOSE:
    return rejection::wrong_purpose;
  default:
    return rejection::bad_certificate;
  }
}

std::string quote_reason(const tls_trouble& trouble) {
  if (trouble.system != 0)
    return std::error_code(trouble.system, std::system_category()).message();
  const char* text = ERR_reason_error_string(trouble.error);
  return text ? text : "no reason known";
}

std::string our_certificate_was_refused(int alert) {
  switch (alert) {
  case SSL3_AD_CERTIFICATE_EXPIRED:
    return "the server rejected our certificate: expired; renew it with `godwit keys`, or set this "
           "machine's and the "
           "server's clocks";
  case TLS1_AD_UNKNOWN_CA:
  case TLS1_AD_DECRYPT_ERROR: // a signature that does not verify: an authority of the same name
                              // with another key
    return "the server rejected our certificate: unknown authority; make it with the same `godwit "
           "keys` authority as "
           "the server's";
  case SSL3_AD_UNSUPPORTED_CERTIFICATE:
    return "the server rejected our certificate: not for this purpose; make one for an edge or a "
           "person with "
           "`godwit keys`";
  case TLS13_AD_CERTIFICATE_REQUIRED:
    return "the server demands a certificate and got none";
  default:
    return "the server rejected our certificate: not valid (yet?), or not readable; compare "
           "clocks, or make a new one "
           "with `godwit keys`";
  }
}

std::string servers_certificate_is_refused(const tls_trouble& trouble) {
  switch (trouble.verify) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return "the server's certificate is for " +
           (trouble.names.empty() ? "no host" : trouble.names) + ", not for " + trouble.host +
           ": make it with `godwit keys server --host " + trouble.host + "`";
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return "the server's certificate has expired: renew it with `godwit keys server`, or set this "
           "machine's clock";
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return "the server's certificate is not valid yet: set this machine's clock, or wait";
  default:
    break;
  }
  const auto reason = certificate_reason(trouble.verify);
  if (reason == rejection::other_authority)
    return "the server's certificate is of another authority than ours: is this the right server, "
           "and the right "
           "authority file?";
  if (reason == rejection::wrong_purpose)
    return "the server's certificate is not for a server: make one with `godwit keys server`";
  return std::string("the server's certificate is not accepted: ") +
         X509_verify_cert_error_string(trouble.verify);
}

} // namespace

std::string_view rejection_reason(const tls_trouble& trouble) noexcept {
  if (const int alert = alert_of(trouble); alert != 0)
    return is_about_certificates(alert) ? rejection::distrusts_us : rejection::failed;
  if (trouble.system != 0)
    return rejection::hung_up;
  if (!trouble.heard_tls)
    return rejection::not_tls;
  switch (ERR_GET_REASON(trouble.error)) {
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    return rejection::no_certificate;
  case SSL_R_CERTIFICATE_VERIFY_FAILED:
    return certificate_reason(trouble.verify);
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_WRONG_SSL_VERSION:
    return rejection::old_tls;
  default:
    return rejection::failed;
  }
}

std::string dial_reason(const tls_trouble& trouble) {
  if (alert_of(trouble) != 0)
    return link_reason(trouble, side::client);
  if (trouble.system != 0)
    return "the connection broke during the handshake: " + quote_reason(trouble);
  if (!trouble.heard_tls)
    return "the server does not speak TLS: is this the right port?";
  if (ERR_GET_REASON(trouble.error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return servers_certificate_is_refused(trouble);
  if (ERR_GET_REASON(trouble.error) == SSL_R_UNSUPPORTED_PROTOCOL)
    return "the server does not speak TLS 1.3";
  return "the handshake failed: " + quote_reason(trouble);
}

std::string link_reason(const tls_trouble& trouble, side our_side) {
  const int alert = alert_of(trouble);
  if (our_side == side::client &&
      (is_about_certificates(alert) || alert == TLS13_AD_CERTIFICATE_REQUIRED))
    return our_certificate_was_refused(alert);
  if (alert == TLS1_AD_PROTOCOL_VERSION)
    return "the server does not speak TLS 1.3";
  return (alert != 0 ? "the other side broke off: " : "connection lost: ") + quote_reason(trouble);
}

} // namespace godwit::transport
