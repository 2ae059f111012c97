// How does a peer speak that keeps to no rule?
#include "adversarial/bare_line.hpp"

#include <array>
#include <csignal>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "adversarial/recorded_log.hpp"

namespace godwit::adversarial {

struct bare_line::parts {
  int socket = -1;
  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;

  ~parts() {
    SSL_free(tls);
    SSL_CTX_free(context);
    if (socket >= 0)
      ::close(socket);
  }
};

bare_line::bare_line(std::uint16_t port) : parts_(std::make_unique<parts>()) {
  parts_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(parts_->socket >= 0);
  const timeval at_most{.tv_sec = patience.count(), .tv_usec = 0};
  ::setsockopt(parts_->socket, SOL_SOCKET, SO_RCVTIMEO, &at_most, sizeof at_most);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(parts_->socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
}

bare_line::~bare_line() = default;

void bare_line::speak_tls(const tls_config* files) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to the socket as to a file
  parts_->context = SSL_CTX_new(TLS_client_method());
  if (files) {
    REQUIRE(SSL_CTX_use_certificate_file(parts_->context, files->certificate.c_str(),
                                         SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(parts_->context, files->key.c_str(), SSL_FILETYPE_PEM) ==
            1);
  }
  parts_->tls = SSL_new(parts_->context);
  REQUIRE(SSL_set_fd(parts_->tls, parts_->socket) == 1);
  REQUIRE(SSL_connect(parts_->tls) == 1);
}

void bare_line::write(bytes_view content) {
  if (!parts_->tls) {
    REQUIRE(::send(parts_->socket, content.data(), content.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(content.size()));
    return;
  }
  std::size_t count = 0;
  REQUIRE(SSL_write_ex(parts_->tls, content.data(), content.size(), &count) == 1);
}

void bare_line::write(const transport::frame_header& header) {
  write(transport::encode_header(header));
}

bytes bare_line::read_to_end() {
  bytes all;
  std::array<std::byte, 4096> some;
  while (true) {
    std::size_t count = 0;
    if (parts_->tls) {
      if (SSL_read_ex(parts_->tls, some.data(), some.size(), &count) != 1)
        return all;
    } else {
      const auto got = ::recv(parts_->socket, some.data(), some.size(), 0);
      if (got <= 0)
        return all;
      count = static_cast<std::size_t>(got);
    }
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

} // namespace godwit::adversarial
