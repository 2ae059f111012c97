// How does a peer behave that does not keep to the rules? A bare TCP or TLS connection, written to
// by hand.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <asio.hpp>
#include <asio/ssl.hpp>

#include "test_certificates.hpp"
#include "transport/frame.hpp"

namespace godwit::transport::testing {

/// Plain TCP to a port on 127.0.0.1.
class raw_tcp {
public:
  explicit raw_tcp(std::uint16_t port) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }
  void write(std::string_view text) { asio::write(socket_, asio::buffer(text)); }
  /// Reads until the other side closes.
  std::string read_all() {
    std::string all;
    asio::error_code error;
    asio::read(socket_, asio::dynamic_buffer(all), error);
    return all;
  }
  void close() { socket_.close(); }

private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
};

/// TLS with a good certificate, frames by hand.
class raw_tls {
public:
  raw_tls(std::uint16_t port, const node_files& files) : context_(with(files)) {
    stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
    stream_.handshake(asio::ssl::stream_base::client);
  }
  void write(bytes_view raw) { asio::write(stream_, asio::buffer(raw.data(), raw.size())); }
  void write(const frame_header& header) { write(encode_header(header)); }

  /// Reads one frame.
  incoming read() {
    std::array<std::byte, frame_header_bytes> raw;
    asio::read(stream_, asio::buffer(raw));
    auto header = decode_header(raw, next_++);
    if (!header)
      throw std::runtime_error(std::string(phrase(header.why())));
    incoming frame{.kind = header->kind, .head = bytes(header->head_bytes), .body = {}};
    bytes body(header->body_bytes);
    asio::read(stream_, asio::buffer(frame.head));
    asio::read(stream_, asio::buffer(body));
    frame.body = shared_bytes(std::move(body));
    return frame;
  }

private:
  static asio::ssl::context with(const node_files& files) {
    asio::ssl::context made(asio::ssl::context::tls_client);
    made.load_verify_file(files.authority);
    made.use_certificate_file(files.certificate, asio::ssl::context::pem);
    made.use_private_key_file(files.key, asio::ssl::context::pem);
    return made;
  }

  asio::io_context io_;
  asio::ssl::context context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_{io_, context_};
  std::uint32_t next_ = 0;
};

} // namespace godwit::transport::testing
