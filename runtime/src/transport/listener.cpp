// How does a server take in links? Accepts TLS 1.3 connections, verifies who they are, and carries
// frames both ways.
#include "transport/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <utility>

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include "transport/counting.hpp"
#include "transport/io_thread.hpp"
#include "transport/link.hpp"
#include "transport/pace.hpp"
#include "transport/rejection.hpp"
#include "transport/tls_context.hpp"

namespace godwit::transport {
namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds room_pause{1};     // until we look whether there is room again
constexpr std::chrono::milliseconds accept_pause{100}; // after the system had no descriptor for us
constexpr int backlog = 4096;                          // the kernel cuts it to net.core.somaxconn

attempt<tcp::endpoint> find_endpoint(asio::io_context& io, const std::string& host,
                                     std::uint16_t port) {
  asio::error_code error;
  if (const auto address = asio::ip::make_address(host, error); !error)
    return tcp::endpoint(address, port);
  const auto found =
      tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty())
    return failure{failure_code::not_found, false,
                   "cannot listen on " + host + ": " + error.message() +
                       "; use an address of this machine"};
  return found.begin()->endpoint();
}

attempt<tcp::acceptor> make_acceptor(asio::io_context& io, const listen_options& options) {
  auto endpoint = find_endpoint(io, options.host, options.port);
  if (!endpoint)
    return endpoint.why();
  tcp::acceptor acceptor(io);
  asio::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error)
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error)
    acceptor.bind(*endpoint, error);
  if (!error)
    acceptor.listen(backlog, error);
  if (!error)
    return acceptor;
  std::string next = "";
  if (error == asio::error::address_in_use)
    next = "; another process has this port: stop it, or listen on another one";
  return failure{failure_code::io, error == asio::error::address_in_use,
                 "cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " +
                     error.message() + next};
}

bool is_shortage(const asio::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory ||
         error == asio::error_code(ENFILE, asio::error::get_system_category());
}

} // namespace

class listener::engine final : public link_owner {
public:
  engine(listen_options options, listener_events events, context_ptr context)
      : options_(std::move(options)), events_(std::move(events)), context_(std::move(context)),
        acceptor_(thread_.context()), accept_timer_(thread_.context()),
        tick_timer_(thread_.context()), room_timer_(thread_.context()),
        tick_every_(tick_of(options_.limits)) {}

  attempt<done> listen() {
    auto acceptor = make_acceptor(thread_.context(), options_);
    if (!acceptor)
      return acceptor.why();
    acceptor_ = std::move(*acceptor);
    port_ = acceptor_.local_endpoint().port();
    accept_next();
    tick_later();
    thread_.start();
    return done{};
  }

  void stop() {
    asio::post(thread_.context(), [this] { stop_here(); });
    thread_.finish();
  }

  void order_one(order one) {
    if (inbox_.add(std::move(one)))
      asio::post(thread_.context(), [this] { obey(); });
  }

  std::uint16_t port() const noexcept { return port_; }
  const counting& counters() const noexcept { return counting_; }

  std::string verified(link& one, bytes_view certificate_der) override {
    auto who = options_.identify(certificate_der);
    if (!who)
      return std::string(rejection::no_role);
    if (std::find(options_.accept.begin(), options_.accept.end(), who->role) ==
        options_.accept.end())
      return std::string(rejection::wrong_role);
    who->address = links_.at(one.id()).who.address;
    links_.at(one.id()).who = std::move(*who);
    return {};
  }

  void opened(link& one) override {
    counting_.links.add();
    counting_.links_now.add();
    leave_handshake();
    if (events_.opened)
      events_.opened(one.id(), links_.at(one.id()).who);
  }

  void received(link& one, incoming&& frame) override {
    if (events_.received)
      events_.received(one.id(), std::move(frame));
  }

  void drained(link& one) override {
    if (events_.drained)
      events_.drained(one.id());
  }

  void ended(link& one, const std::string& reason, bool was_open) override {
    if (was_open) {
      counting_.links_now.subtract();
      if (events_.closed)
        events_.closed(one.id(), reason);
    } else {
      links_.at(one.id()).turned_away = true;
      reject(links_.at(one.id()).who.address, reason);
    }
  }

  block_pool& bodies() override { return bodies_; }
  bool has_room(link& one) override {
    const bool is_its_turn = waiting_for_room_.empty() || one.id() == has_turn_;
    if (is_its_turn && is_roomy())
      return true;
    if (std::find(waiting_for_room_.begin(), waiting_for_room_.end(), one.id()) ==
        waiting_for_room_.end())
      waiting_for_room_.push_back(one.id());
    look_for_room();
    return false;
  }
  void released(link& one) override {
    const auto at = links_.find(one.id());
    const bool was_handshake = at->second.turned_away;
    links_.erase(at);
    if (was_handshake)
      leave_handshake();
  }

private:
  struct entry {
    std::shared_ptr<link> held;
    peer who;
    bool turned_away = false; ///< and not yet gone: still counts as a handshake
  };

  void reject(std::string_view address, std::string_view reason) {
    counting_.rejected.add();
    if (events_.rejected)
      events_.rejected(address, reason);
  }

  bool is_crowded() const noexcept {
    return counting_.handshakes_now.get() >= options_.handshake_count_max;
  }

  void accept_next() {
    if (accepting_ || stopping_ || is_crowded())
      return;
    accepting_ = true;
    acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
      accepting_ = false;
      if (stopping_)
        return;
      if (error && is_shortage(error)) {
        reject({}, rejection::no_descriptors);
        return accept_later();
      }
      if (!error)
        take_in(std::move(socket));
      accept_next();
    });
  }

  void accept_later() {
    accept_timer_.expires_after(accept_pause);
    accept_timer_.async_wait([this](asio::error_code error) {
      if (!error)
        accept_next();
    });
  }

  void take_in(tcp::socket socket) {
    asio::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error)
      return; // gone before we could look
    const auto address = address_of(endpoint);
    if (links_.size() >= options_.link_count_max)
      return reject(address, rejection::too_many);
    const link_id id = ++last_id_;
    auto one = std::make_shared<link>(id, side::server, std::move(socket), context_.get(),
                                      options_.limits, "", nullptr, *this, counting_);
    links_.emplace(id, entry{.held = one, .who = {.name = {}, .address = address}});
    counting_.handshakes_now.add();
    one->start();
  }

  void leave_handshake() {
    counting_.handshakes_now.subtract();
    accept_next();
  }

  void obey() {
    std::vector<std::shared_ptr<link>> touched;
    for (auto& one : inbox_.take()) {
      const auto at = links_.find(one.link);
      if (at == links_.end())
        continue;
      const auto held = at->second.held;
      if (!one.frame) {
        held->end_politely(one.reason);
        continue;
      }
      held->enqueue(std::move(*one.frame));
      if (touched.empty() || touched.back() != held)
        touched.push_back(held);
    }
    for (const auto& one : touched)
      one->flush();
  }

  bool is_roomy() const { return bodies_.read_bytes() < unread_bodies_bytes_max; }

  /// Those that wait read on in their order, each for one turn, and queue up again behind the
  /// others: else the first of them would take all the room there ever is.
  void look_for_room() {
    if (std::exchange(is_looking_, true))
      return;
    room_timer_.expires_after(room_pause);
    room_timer_.async_wait([this](asio::error_code error) {
      is_looking_ = false;
      if (error || stopping_)
        return;
      while (!waiting_for_room_.empty() && is_roomy()) {
        has_turn_ = waiting_for_room_.front();
        waiting_for_room_.pop_front();
        if (const auto at = links_.find(has_turn_); at != links_.end()) {
          const auto held = at->second.held; // the link may leave the map in its turn
          held->resume();
        }
      }
      has_turn_ = 0;
      if (!waiting_for_room_.empty())
        look_for_room();
    });
  }

  void tick_later() {
    tick_timer_.expires_after(tick_every_);
    tick_timer_.async_wait([this](asio::error_code error) {
      if (error || stopping_)
        return;
      tick();
      tick_later();
    });
  }

  void tick() {
    const auto now = link::clock::now();
    const bool crowded = is_crowded();
    for (auto at = links_.begin(); at != links_.end();) {
      const auto held = at->second.held;
      ++at; // the link may leave the map in its turn
      if (crowded && held->is_new() &&
          now - held->started() > options_.limits.handshake_timeout / 10)
        held->end_abruptly(std::string(rejection::too_many));
      else
        held->tick(now);
    }
  }

  void stop_here() {
    stopping_ = true;
    asio::error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    tick_timer_.cancel();
    room_timer_.cancel();
    for (auto& [id, one] : links_)
      one.held->abandon("shutting down");
    links_.clear();
  }

  const listen_options options_;
  const listener_events events_;
  const context_ptr context_;
  counting counting_;
  block_pool bodies_{idle_bodies_bytes_max};
  std::deque<link_id> waiting_for_room_; ///< links that do not read for now
  link_id has_turn_ = 0;                 ///< of them, the one that reads on at this moment
  bool is_looking_ = false;
  inbox inbox_;
  std::uint16_t port_ = 0;
  io_thread thread_; // what follows lives on it
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_, tick_timer_, room_timer_;
  const std::chrono::milliseconds tick_every_;
  std::map<link_id, entry> links_;
  link_id last_id_ = 0;
  bool accepting_ = false, stopping_ = false;
};

attempt<std::unique_ptr<listener>> listener::open(listen_options options, listener_events events) {
  GODWIT_CHECK(options.identify, "a listener needs to be told how to identify its peers");
  auto context = make_context(side::server, {options.certificate, options.key, options.authority});
  if (!context)
    return context.why();
  auto made = std::make_unique<engine>(std::move(options), std::move(events), std::move(*context));
  if (auto listening = made->listen(); !listening)
    return listening.why();
  return std::unique_ptr<listener>(new listener(std::move(made)));
}

listener::listener(std::unique_ptr<engine> made) : engine_(std::move(made)) {}

listener::~listener() {
  engine_->stop();
}

void listener::send(link_id link, outgoing frame) {
  check_sendable(frame);
  engine_->order_one({.link = link, .frame = std::move(frame), .reason = {}});
}

void listener::close(link_id link, std::string reason) {
  engine_->order_one({.link = link, .frame = std::nullopt, .reason = std::move(reason)});
}

std::uint16_t listener::port() const noexcept {
  return engine_->port();
}

transport_counters listener::counters() const noexcept {
  return engine_->counters().snapshot();
}

} // namespace godwit::transport
