// A world of two or three servers of a shared sum: clients' uploads, messages between servers in
// any order, and somebody who changes them.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <godwit/actors/machines/shared_sum.hpp>

namespace godwit::shared_sum {

/// A message on its way.
struct letter {
  unsigned from = 0, to = 0;
  bytes content;
};

/// Changes a letter, the nth that is sent in this world.
using tampering = std::function<void(std::size_t nth, letter&)>;

class server_world {
public:
  explicit server_world(terms t, std::uint64_t seed = 1, tampering change = {})
      : terms_(std::move(t)), random_(seed), change_(std::move(change)) {
    for (unsigned server = 1; server <= terms_.server_count; ++server) {
      coin drawn;
      drawn.drawn.fill(static_cast<std::byte>(0xC0 + server));
      machines.emplace_back(terms_, server, drawn);
    }
  }

  /// A client's upload arrives at `server`.
  void upload(const client_id& client, unsigned server, const bytes& head, const bytes& lanes) {
    const bool with_lanes = holds_lanes(terms_, server);
    take(server, uploaded{client, head, with_lanes ? shared_bytes(lanes) : shared_bytes()});
  }

  /// The collection ends everywhere; letters go to and fro in a random order until there are none;
  /// then the deadline passes for those that still wait.
  void run() {
    for (unsigned server = 1; server <= terms_.server_count; ++server)
      take(server, collection_over{});
    while (!letters_.empty()) {
      std::swap(letters_[random_() % letters_.size()], letters_.back());
      const auto next = std::move(letters_.back());
      letters_.pop_back();
      take(next.to, peer_said{next.from, shared_bytes(next.content)});
    }
    for (unsigned server = 1; server <= terms_.server_count; ++server)
      if (machines[server - 1].current() != phase::over)
        take(server, deadline_passed{});
  }

  /// The effect with which a server's part ended.
  const std::optional<opened>& sum_of(unsigned server) const { return sums_[server - 1]; }
  const std::optional<abandoned>& end_of(unsigned server) const { return ends_[server - 1]; }

  std::vector<machine> machines;
  std::vector<letter> sent; ///< all letters, as their senders wrote them
  std::size_t kept_count = 0;

private:
  void take(unsigned server, const input& in) {
    const auto out = machines[server - 1].apply(in);
    if (!out)
      return;
    for (const auto& one : *out)
      perform(server, one);
  }
  void perform(unsigned server, const effect& one) {
    if (const auto* said = std::get_if<say>(&one)) {
      const auto view = said->content.view();
      letter next{server, said->to, {view.begin(), view.end()}};
      sent.push_back(next);
      if (change_)
        change_(sent.size() - 1, next);
      letters_.push_back(std::move(next));
    } else if (const auto* sum = std::get_if<opened>(&one)) {
      sums_[server - 1] = *sum;
    } else if (const auto* end = std::get_if<abandoned>(&one)) {
      ends_[server - 1] = *end;
    } else {
      ++kept_count;
    }
  }

  terms terms_;
  std::mt19937_64 random_;
  tampering change_;
  std::vector<letter> letters_;
  std::array<std::optional<opened>, 3> sums_;
  std::array<std::optional<abandoned>, 3> ends_;
};

/// Uploads of `count` clients named c0, c1 ... with entries client + lane; returns their sum's
/// bytes.
template <class Lane>
bytes upload_all(server_world& world, const terms& t, unsigned count) {
  std::vector<Lane> plain(t.length);
  for (unsigned client = 0; client < count; ++client) {
    std::vector<Lane> entries(t.length);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = static_cast<Lane>(client + 1 + 1000 * i);
      plain[i] = static_cast<Lane>(plain[i] + entries[i]);
    }
    bytes seed(32, static_cast<std::byte>(client + 1));
    const auto made = split(t, secret(std::move(seed)), std::move(entries));
    const auto lanes = std::as_bytes(std::span(made.lanes));
    for (unsigned server = 1; server <= t.server_count; ++server)
      world.upload({fmt::format("c{}", client)}, server, made.heads[server - 1],
                   {lanes.begin(), lanes.end()});
  }
  const auto view = std::as_bytes(std::span(plain));
  return {view.begin(), view.end()};
}

} // namespace godwit::shared_sum
