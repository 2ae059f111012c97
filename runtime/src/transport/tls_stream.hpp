// How are bytes moved through one TLS connection? OpenSSL on a non-blocking socket, without a
// buffer of our own between. Private to the transport: this header knows OpenSSL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <openssl/ssl.h>

#include <godwit/messages/bytes.hpp>

#include "transport/tls_context.hpp"

namespace godwit::transport {

/// How a step on the connection ended.
enum class step : std::uint8_t {
  done,       ///< as asked, or in part: see the count
  want_read,  ///< try again when the socket can be read
  want_write, ///< try again when the socket can be written
  ended,      ///< the other side has closed
  failed,     ///< see trouble()
};

/// What OpenSSL and the system had to say about a step that failed.
struct tls_trouble {
  std::string host; ///< what the other side's certificate should have been for; empty on a server
  long verify = 0;  ///< X509_V_…, of the other side's certificate
  unsigned long error = 0; ///< OpenSSL's, 0 if none
  int system = 0;          ///< errno, 0 if none
  bool heard_tls = false;  ///< the other side's hello has come
  std::string names; ///< where the name did not fit: what the certificate is for, e.g. "localhost,
                     ///< 127.0.0.1"
};

/// One connection. The socket stays the caller's. Used by one thread.
class tls_stream {
public:
  /// `host`, on a client: the DNS name or address that the server's certificate must be for.
  tls_stream(SSL_CTX*, side, int socket, const std::string& host, session_ptr resume);
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  step shake_hands();
  /// Reads up to to.size() bytes; `count` says how many.
  step read(std::span<std::byte> to, std::size_t& count);
  /// Writes one record's worth of `from` or less; `count` says how many.
  step write(bytes_view from, std::size_t& count);
  /// Tells the other side that nothing more comes. Never blocks, never fails.
  void say_closed() noexcept;

  /// The other side's certificate as DER, after the handshake; empty if it is out of date, which a
  /// resumed session's may be though it was verified when the session began.
  bytes certificate() const;
  bool resumed() const noexcept;
  /// Why the last step failed.
  const tls_trouble& trouble() const noexcept { return trouble_; }
  /// A client's newest ticket, for its next connection; it is given away.
  session_ptr take_session() noexcept { return std::move(session_); }

private:
  struct free_ssl {
    void operator()(SSL*) const noexcept;
  };
  step outcome(int returned);
  void require_name(const std::string& host);
  static int on_verify(int fine, X509_STORE_CTX*) noexcept;
  static int on_session(SSL*, SSL_SESSION*) noexcept;

  std::unique_ptr<SSL, free_ssl> ssl_;
  session_ptr session_;
  tls_trouble trouble_;
};

} // namespace godwit::transport
