// How do frames travel between simulated nodes, and what goes wrong on the way?
//
// What is played is what TLS over TCP makes of a bad network: within a connection frames come whole
// and in order. A packet that is dropped, doubled or overtaken below shows as delay, or as a
// connection that breaks; then what was under way is lost, in each direction from some frame on. A
// direction that lets nothing through shows as silence. One thing is played that TLS rules out: the
// last frame before a break may come twice.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include <godwit/actors/link_port.hpp>
#include <godwit/messages/node.hpp>

#include "chance.hpp"
#include "timeline.hpp"
#include "transport/backoff.hpp"
#include "transport/link_limits.hpp"

namespace godwit::faults {

using link_event = std::variant<link_opened, link_frame, link_drained, link_closed>;
/// A process' ear: what the transport tells its gateway or uplink.
using ear = std::function<void(link_event)>;

/// What one way between an edge and the server is like.
struct way {
  range latency_seconds{0.001, 0.05};
  double bytes_per_second = 1e6;
  int blocks = 0; ///< so many faults let nothing through
};

/// What has happened on the network.
struct network_counters {
  std::uint64_t links = 0, frames = 0, lost = 0, doubled = 0, silent = 0, turned_away = 0;
  std::size_t handshakes_most = 0; ///< at once
};

enum class side : std::uint8_t { edge = 0, server = 1 };

/// How a process is gone from the network.
enum class exit_kind : std::uint8_t {
  reset, ///< its machine tells the other end
  silent ///< nothing tells it
};

class network {
public:
  /// `trace` hears each frame that arrives.
  network(timeline& time, std::uint64_t seed,
          std::function<void(std::uint64_t link, const link_frame&)> trace);

  void server_is_up(ear hears);
  void server_is_gone(exit_kind);
  /// From now on this edge dials; `seed` is of its pauses.
  void edge_is_up(const std::string& name, ear hears, std::uint64_t seed, bool dials = true);
  void edge_is_gone(const std::string& name, exit_kind);
  /// For an edge that is connected by schedule.
  void dial(const std::string& name);
  void rest(const std::string& name);
  /// Its process stands still: it neither hears nor says anything.
  void suspend(const std::string& name_or_server, bool is_suspended);

  void send(side from, std::uint64_t link, encoded message, shared_bytes body);
  void close(side by, std::uint64_t link, const std::string& reason);

  way& up(const std::string& edge) { return places_[edge].up; }
  way& down(const std::string& edge) { return places_[edge].down; }
  /// A way has changed.
  void refresh(const std::string& edge);
  /// The edge's connection breaks, if there is one: at one end, or both.
  void break_link(const std::string& edge);

  std::size_t links_now() const noexcept { return lines_.size(); }
  bool is_connected(const std::string& edge) const;
  const network_counters& counters() const noexcept { return counters_; }

  static constexpr const char* server = "server";

private:
  struct one_way {
    std::deque<link_frame> under_way;
    instant free_at{}, arrives_last{};
    std::optional<link_frame> newest; ///< that has arrived
    std::optional<instant> quiet_since;
    std::optional<std::string> ends_with; ///< behind what is under way, the other end is closed
    std::uint64_t turn = 0;               ///< arrivals of an older turn are none
  };
  struct line {
    std::uint64_t id = 0;
    std::string edge;
    bool is_open[2] = {false, true};
    one_way ways[2]; ///< by who sends
  };
  struct place {
    ear hears;
    way up, down;
    std::optional<transport::backoff> pauses;
    bool is_suspended = false, dials = false, is_dialling = false;
    std::uint64_t turn = 0; ///< of its process; what an earlier one began is over
    std::uint64_t link = 0;
    instant linked_at{};
  };
  using line_ptr = std::shared_ptr<line>;

  way& way_of(const line& on, side from) {
    auto& there = places_[on.edge];
    return from == side::edge ? there.up : there.down;
  }
  bool is_present(const line& on, side which);
  bool is_standing(const line& on, side which);
  void tell(line& on, side which, link_event what);

  void travel(const line_ptr& on, side from, std::size_t bytes);
  void arrive(const line_ptr& on, side from, std::uint64_t turn);
  void restart(const line_ptr& on, side from);
  void refresh(const line_ptr& on);
  void watch(const line_ptr& on, side to, instant since);
  void end(const line_ptr& on, side which, const std::string& reason, bool is_polite);
  void end_unheard(const line_ptr& on, side which, const std::string& reason, bool is_unheard);
  void forget_if_over(const line_ptr& on);

  void try_dialling(const std::string& name);
  void answer_call(const std::string& name, std::uint64_t turn);
  void accept(const std::string& name, std::uint64_t turn);
  void miss(const std::string& name, std::uint64_t turn);
  void pause(const std::string& name);

  timeline& time_;
  chance chance_;
  std::function<void(std::uint64_t, const link_frame&)> trace_;
  std::map<std::string, place> places_;
  std::map<std::uint64_t, line_ptr> lines_;
  ear server_hears_;
  bool server_stands_ = false;
  std::size_t handshakes_ = 0;
  std::uint64_t last_link_ = 0;
  network_counters counters_;
};

/// One process' end of the network; deaf and dumb once the process is dead.
class node_links final : public link_port {
public:
  node_links(network& net, side whose, std::shared_ptr<const bool> is_alive)
      : net_(net), whose_(whose), is_alive_(std::move(is_alive)) {}
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    if (*is_alive_)
      net_.send(whose_, link, std::move(message), std::move(body));
  }
  void close(std::uint64_t link, std::string reason) override {
    if (*is_alive_)
      net_.close(whose_, link, reason);
  }

private:
  network& net_;
  const side whose_;
  const std::shared_ptr<const bool> is_alive_;
};

} // namespace godwit::faults
