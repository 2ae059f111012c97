// What did a listener or a dialler tell? Records its events, and waits for one with a deadline.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "test_certificates.hpp"
#include "transport/dialler.hpp"
#include "transport/listener.hpp"

namespace godwit::transport::testing {

using namespace std::chrono_literals;

struct seen_event {
  std::string what; ///< "opened", "received", "drained", "closed", "rejected", "disconnected"
  link_id link = 0;
  std::string text{}; ///< the peer's name, or the reason
  incoming frame{};
  std::chrono::milliseconds next_try{};
  peer who{};
};

/// Events of one listener or dialler, in their order.
class observed {
public:
  void add(seen_event one) {
    {
      const std::lock_guard held(guard_);
      events_.push_back(std::move(one));
    }
    changed_.notify_all();
  }

  /// Waits for the `count`-th event of this sort and returns it; fails the test after ten seconds.
  seen_event wait(const std::string& what, std::size_t count = 1) {
    std::unique_lock held(guard_);
    const seen_event* found = nullptr;
    const bool came =
        changed_.wait_for(held, 10s, [&] { return (found = find(what, count)) != nullptr; });
    const std::string missing = "did not happen: " + what;
    REQUIRE_MESSAGE(came, missing);
    return *found;
  }

  std::size_t count(const std::string& what) const {
    const std::lock_guard held(guard_);
    return static_cast<std::size_t>(std::count_if(
        events_.begin(), events_.end(), [&](const auto& one) { return one.what == what; }));
  }

  /// Lets go of the first body that is still held.
  void forget_one_body() {
    const std::lock_guard held(guard_);
    const auto first = std::find_if(events_.begin(), events_.end(),
                                    [](const auto& one) { return !one.frame.body.empty(); });
    if (first != events_.end())
      first->frame.body = {};
  }
  /// Lets go of the bodies of all frames so far.
  void forget_bodies() {
    const std::lock_guard held(guard_);
    for (auto& one : events_)
      one.frame.body = {};
  }

  listener_events for_listener() {
    return {.opened =
                [this](link_id id, const peer& who) {
                  add({.what = "opened", .link = id, .text = who.name, .who = who});
                },
            .received =
                [this](link_id id, incoming&& in) {
                  add({.what = "received", .link = id, .frame = std::move(in)});
                },
            .drained = [this](link_id id) { add({.what = "drained", .link = id}); },
            .closed =
                [this](link_id id, std::string_view why) {
                  add({.what = "closed", .link = id, .text = std::string(why)});
                },
            .rejected =
                [this](std::string_view, std::string_view why) {
                  add({.what = "rejected", .text = std::string(why)});
                }};
  }

  dialler_events for_dialler() {
    return {.connected =
                [this](link_id id, const peer& who) {
                  add({.what = "opened", .link = id, .text = who.name, .who = who});
                },
            .received =
                [this](link_id id, incoming&& in) {
                  add({.what = "received", .link = id, .frame = std::move(in)});
                },
            .drained = [this](link_id id) { add({.what = "drained", .link = id}); },
            .disconnected =
                [this](const disconnection& end) {
                  add({.what = "disconnected",
                       .link = end.link,
                       .text = end.reason,
                       .next_try = end.next_try});
                }};
  }

private:
  const seen_event* find(const std::string& what, std::size_t count) const {
    for (const auto& one : events_)
      if (one.what == what && --count == 0)
        return &one;
    return nullptr;
  }

  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::vector<seen_event> events_;
};

/// One authority, a server's certificate and an edge's, and a listener on a free port.
struct rig {
  temporary_folder folder;
  test_authority authority{folder.path(), "authority"};
  node_files server = authority.server();
  node_files edge = authority.edge("one");

  listen_options listening() const {
    return {.certificate = server.certificate,
            .key = server.key,
            .authority = server.authority,
            .identify = identify};
  }
  dial_options dialling(std::uint16_t port, const node_files& files) const {
    return {.port = port,
            .certificate = files.certificate,
            .key = files.key,
            .authority = files.authority,
            .identify = identify,
            .backoff_min = 5ms,
            .backoff_max = 40ms};
  }
  dial_options dialling(std::uint16_t port) const { return dialling(port, edge); }
};

template <class T>
T must(attempt<T> got) {
  const std::string why = got ? "" : got.why().detail;
  REQUIRE_MESSAGE(got.has_value(), why);
  return std::move(got).value();
}

inline bytes pattern(std::size_t size, unsigned seed) {
  bytes made(size);
  for (std::size_t i = 0; i < size; ++i)
    made[i] = static_cast<std::byte>((i * 31 + seed * 7 + (i >> 8)) & 0xFF);
  return made;
}

} // namespace godwit::transport::testing
