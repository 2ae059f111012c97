// What does one connection do, from the first byte of its handshake to its end?
#include "transport/link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include "transport/rejection.hpp"
#include "transport/tls_reason.hpp"

namespace godwit::transport {
namespace {

constexpr std::size_t turn_bytes = 512 * 1024; // then the other links have their turn
constexpr std::chrono::seconds parting_time{
    1}; // for a goodbye to be sent, and again for it to be read
constexpr std::size_t reason_length_max = 200;

/// A peer's reason as it may be shown: printable ASCII, not too long.
std::string reason_from(bytes_view head) {
  std::string text;
  for (std::byte b : head.first(std::min(head.size(), reason_length_max))) {
    const char c = static_cast<char>(b);
    text += c >= 0x20 && c <= 0x7E ? c : '?';
  }
  return text;
}

outgoing goodbye(std::string_view reason) {
  const auto text = as_bytes(reason.substr(0, reason_length_max));
  return {.kind = kind_goodbye, .head = bytes(text.begin(), text.end()), .body = {}};
}

} // namespace

link::link(link_id id, side our_side, asio::ip::tcp::socket socket, SSL_CTX* context,
           const link_limits& limits, const std::string& host, session_ptr resume,
           link_owner& owner, counting& counters)
    : id_(id), side_(our_side), socket_(std::move(socket)),
      tls_(context, our_side, socket_.native_handle(), host, std::move(resume)), limits_(limits),
      owner_(owner), counting_(counters), reader_(owner.bodies()),
      queue_(std::max(limits.queue_bytes_max, turn_bytes * 2)), started_(clock::now()),
      heard_(started_), spoke_(started_), parted_(started_) {}

void link::start() {
  asio::error_code
      ignored; // a socket that refuses these is about to fail for a better-known reason
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  shake();
}

void link::shake() {
  switch (const auto result = tls_.shake_hands()) {
  case step::want_read:
    return wait_readable();
  case step::want_write:
    return wait_writable();
  case step::ended:
  case step::failed:
    return broke(result);
  case step::done:
    break;
  }
  const auto certificate = tls_.certificate();
  const auto refused =
      certificate.empty() ? std::string(rejection::expired) : owner_.verified(*this, certificate);
  state_ = state::unwelcomed;
  if (!refused.empty())
    return end_politely(refused);
  if (side_ == side::server) {
    enqueue({.kind = kind_ping, .head = {}, .body = {}});
    welcome();
    write_some();
  }
  if (state_ != state::released)
    read_some();
}

void link::welcome() {
  state_ = state::open;
  was_open_ = true;
  heard_ = clock::now();
  if (tls_.resumed())
    counting_.resumed.add();
  owner_.opened(*this);
}

// -- reading

void link::read_some() {
  const auto now = clock::now();
  std::size_t budget = turn_bytes;
  while (state_ == state::open || state_ == state::unwelcomed) {
    if (budget == 0)
      return again();
    if (!owner_.has_room(*this)) {
      heard_ = now; // whether it is silent shows when we listen again
      return;
    }
    if (!read_once(now, budget))
      return;
  }
}

void link::resume() {
  if (state_ == state::open || state_ == state::unwelcomed) {
    read_some();
    write_some();
  }
}

bool link::read_once(clock::time_point now, std::size_t& budget) {
  std::size_t count = 0;
  switch (const auto result = tls_.read(reader_.space(), count)) {
  case step::want_read:
    wait_readable();
    return false;
  case step::want_write:
    read_needs_write_ = true;
    wait_writable();
    return false;
  case step::ended:
  case step::failed:
    broke(result);
    return false;
  case step::done:
    break;
  }
  heard_ = now;
  budget -= std::min(budget, count);
  counting_.bytes_in.add(count);
  if (const auto fault = reader_.filled(count)) {
    counting_.faults.add();
    end_politely(std::string(phrase(*fault)));
    return false;
  }
  if (reader_.complete())
    take_frame(reader_.take());
  return true;
}

void link::take_frame(incoming&& frame) {
  counting_.frames_in.add();
  const std::string other = side_ == side::client ? "the server" : "the peer";
  if (frame.kind == kind_goodbye)
    return end_abruptly(other + (was_open_ ? " closed the link: " : " refused us: ") +
                        reason_from(frame.head));
  if (state_ == state::unwelcomed)
    welcome();
  if (frame.kind == kind_ping) {
    enqueue({.kind = kind_pong, .head = {}, .body = {}});
    return flush();
  }
  if (frame.kind >= kind_application_min)
    owner_.received(*this, std::move(frame));
}

// -- writing

void link::enqueue(outgoing frame) {
  if (state_ != state::open && state_ != state::unwelcomed)
    return;
  bulk_waits_ = bulk_waits_ || !frame.body.empty();
  if (!queue_.push(std::move(frame))) {
    counting_.overflows.add();
    end_abruptly("the peer does not read");
  }
}

void link::write_some() {
  std::size_t budget = turn_bytes;
  while ((state_ == state::open || state_ == state::parting) && !waits_writable_) {
    if (budget == 0)
      return again();
    const auto begun = queue_.frame_count();
    const auto data = queue_.next();
    counting_.frames_out.add(queue_.frame_count() - begun);
    if (bulk_waits_ && queue_.bulk_is_empty()) {
      bulk_waits_ = false;
      if (state_ == state::open)
        owner_.drained(*this);
    }
    if (data.empty())
      return state_ == state::parting ? linger() : void();
    std::size_t count = 0;
    switch (const auto result = tls_.write(data, count)) {
    case step::want_read:
      return wait_readable();
    case step::want_write:
      return wait_writable();
    case step::ended:
    case step::failed:
      return broke(result);
    case step::done:
      break;
    }
    queue_.sent(count);
    counting_.bytes_out.add(count);
    spoke_ = clock::now();
    budget -= std::min(budget, count);
  }
}

// -- ends

void link::broke(step result) {
  const bool client = side_ == side::client;
  if (state_ == state::parting)
    return release();
  if (state_ == state::shaking) {
    const bool failed = result == step::failed;
    const std::string reason = !failed ? (client ? "the server closed the connection during the "
                                                   "handshake: is it full, or another service?"
                                                 : std::string(rejection::hung_up))
                                       : (client ? dial_reason(tls_.trouble())
                                                 : std::string(rejection_reason(tls_.trouble())));
    tell_ended(reason);
    return failed ? linger() : release(); // the alert shall be read before the socket closes
  }
  if (result == step::failed)
    return end_abruptly(link_reason(tls_.trouble(), side_));
  end_abruptly(!client ? "closed by the peer"
                       : (was_open_ ? "closed by the server"
                                    : "the server closed the connection before it "
                                      "had welcomed us"));
}

void link::tell_ended(const std::string& reason) {
  owner_.ended(*this, reason, was_open_);
}

void link::end_politely(const std::string& reason) {
  if (state_ == state::shaking)
    return end_abruptly(reason);
  if (state_ != state::open && state_ != state::unwelcomed)
    return;
  state_ = state::parting;
  parted_ = clock::now();
  queue_.drop_bulk();
  queue_.push_anyway(goodbye(reason));
  tell_ended(reason);
  write_some();
}

void link::end_abruptly(const std::string& reason) {
  if (!is_new() && !is_open())
    return;
  state_ = state::parting;
  tell_ended(reason);
  release();
}

void link::abandon(const std::string& reason) {
  if (state_ == state::released)
    return;
  if (state_ == state::open) {
    state_ = state::parting;
    queue_.drop_bulk();
    queue_.push_anyway(goodbye(reason));
    std::size_t count = 0;
    while (!queue_.empty() && tls_.write(queue_.next(), count) == step::done)
      queue_.sent(count);
  }
  tls_.say_closed();
  state_ = state::released;
  asio::error_code ignored;
  socket_.close(ignored);
}

void link::linger() {
  state_ = state::lingering;
  parted_ = clock::now();
  tls_.say_closed();
  asio::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  discard_some();
}

void link::discard_some() {
  std::array<std::byte, 16 * 1024> scrap;
  for (int turns = 0; turns < 16; ++turns) {
    asio::error_code error;
    socket_.read_some(asio::buffer(scrap), error);
    if (error == asio::error::would_block)
      return wait_readable();
    if (error)
      return release();
  }
  wait_readable();
}

void link::release() {
  if (state_ == state::released)
    return;
  state_ = state::released;
  asio::error_code ignored;
  socket_.close(ignored);
  owner_.released(*this);
}

void link::tick(clock::time_point now) {
  switch (state_) {
  case state::shaking:
  case state::unwelcomed:
    if (now - started_ > limits_.handshake_timeout)
      end_abruptly(side_ == side::server ? std::string(rejection::timed_out)
                                         : "the server did not finish the handshake in time");
    return;
  case state::open:
    if (now - heard_ > limits_.silent_after)
      read_some(); // it may be us who slept
    if (now - heard_ > limits_.silent_after && is_open()) {
      counting_.silent.add();
      return end_abruptly("silent");
    }
    if (now - spoke_ >= limits_.heartbeat_every && queue_.empty()) {
      enqueue({.kind = kind_ping, .head = {}, .body = {}});
      flush();
    }
    return;
  case state::parting:
  case state::lingering:
    if (now - parted_ > parting_time)
      release();
    return;
  case state::released:
    return;
  }
}

// -- waits

void link::wait_readable() {
  if (waits_readable_)
    return;
  waits_readable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](asio::error_code error) {
                       self->waits_readable_ = false;
                       if (!error)
                         self->on_readable();
                     });
}

void link::wait_writable() {
  if (waits_writable_)
    return;
  waits_writable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](asio::error_code error) {
                       self->waits_writable_ = false;
                       if (!error)
                         self->on_writable();
                     });
}

void link::on_readable() {
  if (state_ == state::shaking)
    return shake();
  if (state_ == state::lingering)
    return discard_some();
  read_some();
  write_some();
}

void link::on_writable() {
  if (state_ == state::shaking)
    return shake();
  if (std::exchange(read_needs_write_, false))
    read_some();
  write_some();
}

void link::again() {
  if (waits_turn_)
    return;
  waits_turn_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->waits_turn_ = false;
    if (self->state_ != state::released) {
      self->read_some();
      self->write_some();
    }
  });
}

} // namespace godwit::transport
