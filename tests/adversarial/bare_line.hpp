// How does a peer speak that keeps to no rule? A TCP connection, with or without TLS, written to by
// hand.
#pragma once

#include <cstdint>
#include <memory>

#include <godwit/messages/bytes.hpp>
#include <godwit/runtime/config.hpp>

#include "transport/frame.hpp"

namespace godwit::adversarial {

/// Reads give up after the tests' patience.
class bare_line {
public:
  /// Connects to 127.0.0.1.
  explicit bare_line(std::uint16_t port);
  ~bare_line();
  bare_line(const bare_line&) = delete;
  bare_line& operator=(const bare_line&) = delete;

  /// Speaks TLS from now on, and shows this certificate (null: none). The handshake is done on our
  /// side when it returns; the server may still refuse.
  void speak_tls(const tls_config* files);

  void write(bytes_view content);
  void write(const transport::frame_header& header);
  /// What comes until the other side closes.
  bytes read_to_end();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace godwit::adversarial
