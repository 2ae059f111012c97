// How does an edge reach its server? Keeps one TLS 1.3 link up, dialling again with growing pauses
// when it is lost.
#include "transport/dialler.hpp"

#include <array>
#include <chrono>
#include <utility>

#include <asio/connect.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include "transport/backoff.hpp"
#include "transport/counting.hpp"
#include "transport/io_thread.hpp"
#include "transport/link.hpp"
#include "transport/pace.hpp"
#include "transport/tls_context.hpp"

namespace godwit::transport {

using asio::ip::tcp;

class dialler::engine final : public link_owner {
public:
  engine(dial_options options, dialler_events events, context_ptr context)
      : options_(std::move(options)), events_(std::move(events)), context_(std::move(context)),
        place_(options_.host + ":" + std::to_string(options_.port)),
        pauses_(options_.backoff_min, options_.backoff_max, options_.seed),
        resolver_(thread_.context()), socket_(thread_.context()), pause_timer_(thread_.context()),
        tick_timer_(thread_.context()), tick_every_(tick_of(options_.limits)),
        resting_(options_.rests_at_first) {}

  void start() {
    if (!resting_)
      asio::post(thread_.context(), [this] { dial(); });
    tick_later();
    thread_.start();
  }

  void stop() {
    asio::post(thread_.context(), [this] { stop_here(); });
    thread_.finish();
  }

  void order_one(order one) {
    if (inbox_.add(std::move(one)))
      asio::post(thread_.context(), [this] { obey(); });
  }

  void reconnect_now() {
    asio::post(thread_.context(), [this] {
      if (phase_ != phase::pausing || stopping_)
        return;
      if (std::exchange(resting_, false))
        dial();
      else
        pause_timer_.cancel();
    });
  }

  void rest() {
    asio::post(thread_.context(), [this] {
      resting_ = true;
      if (phase_ == phase::pausing)
        pause_timer_.cancel(); // its end finds that nothing is dialled
      else if (const auto held = link_)
        held->end_politely("resting until the next window");
      else
        miss("resting until the next window");
    });
  }

  void close_current(std::string reason) {
    asio::post(thread_.context(), [this, reason = std::move(reason)] {
      if (const auto held = link_; held && held->is_open())
        held->end_politely(reason);
    });
  }

  const counting& counters() const noexcept { return counting_; }

  std::string verified(link&, bytes_view certificate_der) override {
    auto who = options_.identify(certificate_der);
    if (!who)
      return "the server's certificate is none of godwit's: " + who.why().detail;
    if (who->role != role::server)
      return "the certificate at " + place_ + " is " + who->name +
             "'s, who is no server: make the server's with " + "`godwit keys server`";
    who->address = std::move(server_.address);
    server_ = std::move(*who);
    return {};
  }

  void opened(link& one) override {
    counting_.links.add();
    counting_.links_now.add();
    counting_.handshakes_now.subtract();
    opened_at_ = link::clock::now();
    if (events_.connected)
      events_.connected(one.id(), server_);
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
      session_ = one.tls().take_session();
      if (link::clock::now() - opened_at_ >= options_.settled_after)
        pauses_.restart();
    } else {
      counting_.handshakes_now.subtract();
      counting_.rejected.add();
    }
    pause(was_open ? one.id() : 0, reason);
  }

  block_pool& bodies() override { return bodies_; }
  bool has_room(link&) override { return true; } // a server sends what was asked for, and no more
  void released(link& one) override {
    if (link_ && link_->id() == one.id())
      link_.reset();
  }

private:
  enum class phase : std::uint8_t { pausing, reaching, linked };

  void dial() {
    if (stopping_ || resting_)
      return;
    if (const auto before = link_)
      before->abandon("dialling again"); // its goodbye had the whole pause
    link_.reset();
    phase_ = phase::reaching;
    reaching_since_ = link::clock::now();
    const auto turn = ++turn_;
    asio::error_code error;
    if (const auto address = asio::ip::make_address(options_.host, error); !error) {
      const std::array<tcp::endpoint, 1> only{tcp::endpoint(address, options_.port)};
      return reach(only, turn);
    }
    resolver_.async_resolve(
        options_.host, std::to_string(options_.port),
        [this, turn](asio::error_code failed, const tcp::resolver::results_type& found) {
          if (turn != turn_ || stopping_)
            return;
          if (failed)
            return miss("cannot find " + options_.host + ": " + failed.message());
          reach(found, turn);
        });
  }

  template <class Endpoints>
  void reach(const Endpoints& endpoints, std::uint64_t turn) {
    socket_ = tcp::socket(thread_.context());
    asio::async_connect(
        socket_, endpoints, [this, turn](asio::error_code failed, const tcp::endpoint& endpoint) {
          if (turn != turn_ || stopping_)
            return;
          if (failed)
            return miss(
                "cannot reach " + place_ + ": " + failed.message() +
                (failed == asio::error::connection_refused ? "; is the server running?" : ""));
          begin(endpoint);
        });
  }

  void begin(const tcp::endpoint& endpoint) {
    phase_ = phase::linked;
    server_ = {.name = {}, .address = address_of(endpoint)};
    counting_.handshakes_now.add();
    link_ = std::make_shared<link>(
        ++last_id_, side::client, std::move(socket_), context_.get(), options_.limits,
        options_.server_name.empty() ? options_.host : options_.server_name, std::move(session_),
        *this, counting_);
    const auto held = link_;
    held->start();
  }

  /// The attempt led to no connection.
  void miss(const std::string& reason) {
    ++turn_;
    resolver_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
    counting_.rejected.add();
    pause(0, reason);
  }

  void pause(link_id link, const std::string& reason) {
    phase_ = phase::pausing;
    const auto length = pauses_.next();
    if (!resting_) {
      pause_timer_.expires_after(length);
      pause_timer_.async_wait([this](asio::error_code) { dial(); }); // cancelled: now
    }
    if (events_.disconnected)
      events_.disconnected({.link = link, .reason = reason, .next_try = length});
  }

  void obey() {
    const auto held = link_;
    for (auto& one : inbox_.take())
      if (held && held->is_open() && one.link == held->id())
        held->enqueue(std::move(*one.frame));
    if (held)
      held->flush();
  }

  void tick_later() {
    tick_timer_.expires_after(tick_every_);
    tick_timer_.async_wait([this](asio::error_code error) {
      if (error || stopping_)
        return;
      if (const auto held = link_)
        held->tick(link::clock::now());
      if (phase_ == phase::reaching &&
          link::clock::now() - reaching_since_ > options_.limits.handshake_timeout)
        miss("no answer from " + place_ +
             ": is the address right, and does a firewall let us through?");
      tick_later();
    });
  }

  void stop_here() {
    stopping_ = true;
    ++turn_;
    resolver_.cancel();
    pause_timer_.cancel();
    tick_timer_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
    if (link_)
      link_->abandon("shutting down");
    link_.reset();
  }

  const dial_options options_;
  const dialler_events events_;
  const context_ptr context_;
  const std::string place_;
  counting counting_;
  block_pool bodies_{idle_bodies_bytes_max};
  inbox inbox_;
  backoff pauses_;
  session_ptr session_;
  peer server_;
  io_thread thread_; // what follows lives on it
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer pause_timer_, tick_timer_;
  const std::chrono::milliseconds tick_every_;
  std::shared_ptr<link> link_;
  link_id last_id_ = 0;
  std::uint64_t turn_ = 0; ///< an answer to an older attempt is ignored
  link::clock::time_point reaching_since_, opened_at_;
  phase phase_ = phase::pausing;
  bool stopping_ = false;
  bool resting_ = false;
};

attempt<std::unique_ptr<dialler>> dialler::start(dial_options options, dialler_events events) {
  GODWIT_CHECK(options.identify, "a dialler needs to be told how to identify its server");
  auto context = make_context(side::client, {options.certificate, options.key, options.authority});
  if (!context)
    return context.why();
  auto made = std::make_unique<engine>(std::move(options), std::move(events), std::move(*context));
  made->start();
  return std::unique_ptr<dialler>(new dialler(std::move(made)));
}

dialler::dialler(std::unique_ptr<engine> made) : engine_(std::move(made)) {}

dialler::~dialler() {
  engine_->stop();
}

void dialler::send(link_id link, outgoing frame) {
  check_sendable(frame);
  engine_->order_one({.link = link, .frame = std::move(frame), .reason = {}});
}

void dialler::reconnect_now() {
  engine_->reconnect_now();
}

void dialler::rest() {
  engine_->rest();
}

void dialler::close_current(std::string reason) {
  engine_->close_current(std::move(reason));
}

transport_counters dialler::counters() const noexcept {
  return engine_->counters().snapshot();
}

} // namespace godwit::transport
