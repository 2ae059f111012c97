// What does one connection do, from the first byte of its handshake to its end? Listener and
// dialler both own such links. Private to the transport: this header knows Asio and OpenSSL.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <asio/ip/tcp.hpp>

#include "transport/counting.hpp"
#include "transport/frame.hpp"
#include "transport/frame_reader.hpp"
#include "transport/link_limits.hpp"
#include "transport/send_queue.hpp"
#include "transport/tls_stream.hpp"

namespace godwit::transport {

class link;

/// Whom a link tells. All calls come from the io thread, out of the link's own calls.
class link_owner {
public:
  /// The handshake is over and the certificate's chain verified. Empty: welcome; else why the peer
  /// is turned away.
  virtual std::string verified(link&, bytes_view certificate_der) = 0;
  /// Frames may flow. On a client: the server has shown that it accepts us.
  virtual void opened(link&) = 0;
  virtual void received(link&, incoming&&) = 0;
  virtual void drained(link&) = 0;
  /// Nothing more will be told but released(). `was_open`: opened() was called.
  virtual void ended(link&, const std::string& reason, bool was_open) = 0;
  /// The socket is closed; forget the link.
  virtual void released(link&) = 0;
  /// Where frames' bodies are read into.
  virtual block_pool& bodies() = 0;
  /// Whether to read on. Where not, resume() is called later.
  virtual bool has_room(link&) = 0;

protected:
  ~link_owner() = default;
};

/// One connection, on one io thread. Alive until released; the owner and the pending waits share
/// it.
class link : public std::enable_shared_from_this<link> {
public:
  using clock = std::chrono::steady_clock;

  link(link_id, side, asio::ip::tcp::socket, SSL_CTX*, const link_limits&, const std::string& host,
       session_ptr resume, link_owner&, counting&);

  link_id id() const noexcept { return id_; }
  bool is_open() const noexcept { return state_ == state::open; }
  bool is_new() const noexcept { return state_ == state::shaking || state_ == state::unwelcomed; }
  clock::time_point started() const noexcept { return started_; }
  tls_stream& tls() noexcept { return tls_; }

  void start();
  /// Adds a frame to the queue; flush() sends. An overflow ends the link.
  void enqueue(outgoing);
  void flush() { write_some(); }
  /// Reads on: there is room again.
  void resume();
  /// Sends what control frames wait and a goodbye, then closes.
  void end_politely(const std::string& reason);
  /// Closes now.
  void end_abruptly(const std::string& reason);
  /// Tries once to say goodbye and closes, telling nobody: the owner is going away.
  void abandon(const std::string& reason);
  /// Keeps time: heartbeats, silence, slow handshakes, goodbyes that take too long.
  void tick(clock::time_point now);

private:
  enum class state : std::uint8_t {
    shaking,    ///< TLS handshake
    unwelcomed, ///< client: the server has not yet sent a frame, so it may still refuse our
                ///< certificate
    open,
    parting,   ///< what is left in the queue is being sent
    lingering, ///< all is said; the other side shall read it before the socket closes
    released,
  };

  void shake();
  void welcome();
  void read_some();
  bool read_once(clock::time_point now, std::size_t& budget);
  void take_frame(incoming&&);
  void write_some();
  void broke(step);
  void tell_ended(const std::string& reason);
  void linger();
  void discard_some();
  void release();
  void wait_readable();
  void wait_writable();
  void on_readable();
  void on_writable();
  void again();

  link_id id_;
  side side_;
  asio::ip::tcp::socket socket_;
  tls_stream tls_;
  const link_limits& limits_;
  link_owner& owner_;
  counting& counting_;
  frame_reader reader_;
  send_queue queue_;
  clock::time_point started_, heard_, spoke_, parted_;
  state state_ = state::shaking;
  bool was_open_ = false;
  bool waits_readable_ = false, waits_writable_ = false, waits_turn_ = false;
  bool read_needs_write_ = false; ///< OpenSSL must answer before it reads on (a key update)
  bool bulk_waits_ = false;       ///< the owner is owed a drained()
};

} // namespace godwit::transport
