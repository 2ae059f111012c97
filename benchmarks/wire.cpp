#include "wire.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>

#include "link_adapters.hpp"
#include "transport/dialler.hpp"
#include "transport/listener.hpp"

namespace godwit {
namespace {

using namespace transport;

constexpr int burst_count = 4; // chunks that are handed over at once
constexpr std::uint16_t any_kind = 100;

/// One direction: what is still to be sent, and what has not arrived yet.
class flow {
public:
  flow(std::uint64_t byte_count, shared_bytes chunk)
      : to_send_(byte_count), to_come_(static_cast<std::int64_t>(byte_count)),
        chunk_(std::move(chunk)) {}

  /// Hands over the next frames.
  void pump(const std::function<void(outgoing)>& send) {
    std::scoped_lock lock(mutex_); // the first burst is not of that thread
    for (int i = 0; i < burst_count && to_send_ > 0; ++i) {
      const auto count = std::min<std::uint64_t>(to_send_, chunk_.size());
      to_send_ -= count;
      send({.kind = any_kind, .head = {}, .body = chunk_.part(0, count)});
    }
  }
  /// In the thread of the receiving end.
  void arrived(std::size_t count) {
    if (to_come_.fetch_sub(static_cast<std::int64_t>(count)) == static_cast<std::int64_t>(count))
      all_.set_value();
  }
  void wait() { all_.get_future().wait(); }

private:
  std::mutex mutex_;
  std::uint64_t to_send_;
  std::atomic<std::int64_t> to_come_;
  shared_bytes chunk_;
  std::promise<void> all_;
};

} // namespace

attempt<double> wire_seconds(const tls_config& server, const tls_config& edge,
                             std::uint64_t bytes_each_way) {
  const shared_bytes chunk{bytes(limits::chunk_bytes)};
  flow down(bytes_each_way, chunk), up(bytes_each_way, chunk);
  std::atomic<listener*> there = nullptr;
  std::atomic<dialler*> here = nullptr;
  std::promise<link_id> accepted, connected;
  auto listening =
      listener::open({.certificate = server.certificate,
                      .key = server.key,
                      .authority = server.authority,
                      .identify = identify},
                     {.opened = [&](link_id link, const peer&) { accepted.set_value(link); },
                      .received = [&](link_id, incoming&& x) { up.arrived(x.body.size()); },
                      .drained =
                          [&](link_id link) {
                            down.pump([&](outgoing x) { there.load()->send(link, std::move(x)); });
                          },
                      .closed = {},
                      .rejected = {}});
  if (!listening)
    return listening.why();
  there = listening->get();
  auto dialling =
      dialler::start({.host = "127.0.0.1",
                      .port = (*listening)->port(),
                      .certificate = edge.certificate,
                      .key = edge.key,
                      .authority = edge.authority,
                      .identify = identify},
                     {.connected = [&](link_id link, const peer&) { connected.set_value(link); },
                      .received = [&](link_id, incoming&& x) { down.arrived(x.body.size()); },
                      .drained =
                          [&](link_id link) {
                            up.pump([&](outgoing x) { here.load()->send(link, std::move(x)); });
                          },
                      .disconnected = {}});
  if (!dialling)
    return dialling.why();
  here = dialling->get();
  const auto server_link = accepted.get_future().get();
  const auto edge_link = connected.get_future().get();
  const auto start = std::chrono::steady_clock::now();
  down.pump([&](outgoing x) { (*listening)->send(server_link, std::move(x)); });
  up.pump([&](outgoing x) { (*dialling)->send(edge_link, std::move(x)); });
  down.wait();
  up.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace godwit
