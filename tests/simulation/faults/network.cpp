#include "network.hpp"

#include <algorithm>
#include <vector>

#include <godwit/messages/limits.hpp>

namespace godwit::faults {
namespace {

constexpr transport::link_limits limits_of_links{};

side other(side which) {
  return which == side::edge ? side::server : side::edge;
}
std::size_t at(side which) {
  return static_cast<std::size_t>(which);
}

} // namespace

network::network(timeline& time, std::uint64_t seed,
                 std::function<void(std::uint64_t, const link_frame&)> trace)
    : time_(time), chance_(seed, "network"), trace_(std::move(trace)) {}

// -- frames

bool network::is_present(const line& on, side which) {
  return on.is_open[at(which)] &&
         (which == side::edge ? bool(places_[on.edge].hears) : bool(server_hears_));
}

bool network::is_standing(const line& on, side which) {
  return which == side::edge ? places_[on.edge].is_suspended : server_stands_;
}

void network::tell(line& on, side which, link_event what) {
  const auto& hears = which == side::edge ? places_[on.edge].hears : server_hears_;
  if (hears)
    hears(std::move(what));
}

void network::send(side from, std::uint64_t link, encoded message, shared_bytes body) {
  const auto found = lines_.find(link);
  if (found == lines_.end() || !is_present(*found->second, from))
    return;
  const auto on = found->second;
  const auto bytes = message.head.size() + body.size();
  on->ways[at(from)].under_way.push_back(
      {link, message.kind, std::move(message.head), std::move(body)});
  travel(on, from, bytes);
}

/// Has the newest frame, or the end, arrive when it can.
void network::travel(const line_ptr& on, side from, std::size_t bytes) {
  const auto& by = way_of(*on, from);
  auto& flow = on->ways[at(from)];
  const auto transmission = std::chrono::nanoseconds(
      static_cast<std::int64_t>(1e9 * static_cast<double>(bytes) / by.bytes_per_second));
  flow.free_at = std::max(flow.free_at, time_.now()) + transmission;
  flow.arrives_last = std::max(flow.arrives_last, flow.free_at + chance_.span(by.latency_seconds));
  if (by.blocks == 0)
    time_.at(flow.arrives_last, [this, on, from, turn = flow.turn] { arrive(on, from, turn); });
}

void network::arrive(const line_ptr& on, side from, std::uint64_t turn) {
  auto& flow = on->ways[at(from)];
  const auto to = other(from);
  if (turn != flow.turn || !on->is_open[at(to)])
    return;
  if (flow.under_way.empty()) {
    if (flow.ends_with)
      end(on, to, *flow.ends_with, false);
    return;
  }
  auto frame = std::move(flow.under_way.front());
  flow.under_way.pop_front();
  const bool was_bulk = !frame.body.empty();
  flow.newest = frame;
  ++counters_.frames;
  trace_(on->id, frame);
  tell(*on, to, std::move(frame));
  const auto is_bulk = [](const link_frame& x) { return !x.body.empty(); };
  if (was_bulk && is_present(*on, from) &&
      std::none_of(flow.under_way.begin(), flow.under_way.end(), is_bulk))
    tell(*on, from, link_drained{on->id});
}

/// Nothing came through for a while, and now does: what waited is sent again.
void network::restart(const line_ptr& on, side from) {
  auto& flow = on->ways[at(from)];
  ++flow.turn;
  auto when = time_.now() + chance_.span({0.2, 3});
  const auto count = flow.under_way.size() + (flow.ends_with ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    when += chance_.span({0, 0.01});
    time_.at(when, [this, on, from, turn = flow.turn] { arrive(on, from, turn); });
  }
  flow.arrives_last = std::max(flow.arrives_last, when);
}

// -- silence

void network::refresh(const std::string& edge) {
  for (const auto& [id, on] : std::map(lines_))
    if (on->edge == edge)
      refresh(on);
}

/// Looks at who hears nothing any more, heartbeats included, and who does again.
void network::refresh(const line_ptr& on) {
  for (const auto from : {side::edge, side::server}) {
    auto& flow = on->ways[at(from)];
    const bool is_quiet = way_of(*on, from).blocks > 0 || is_standing(*on, from) ||
                          (!on->is_open[at(from)] && !flow.ends_with);
    if (is_quiet == flow.quiet_since.has_value())
      continue;
    if (!is_quiet) {
      flow.quiet_since.reset();
      restart(on, from);
      continue;
    }
    if (way_of(*on, from).blocks > 0)
      ++flow.turn;                                         // what is under way does not arrive
    flow.quiet_since = time_.now() - chance_.span({0, 5}); // the last heartbeat
    watch(on, other(from), *flow.quiet_since);
  }
}

void network::watch(const line_ptr& on, side to, instant since) {
  time_.at(since + limits_of_links.silent_after, [this, on, to, since] {
    auto& flow = on->ways[at(other(to))];
    if (!on->is_open[at(to)] || flow.quiet_since != since)
      return;
    if (is_standing(*on, to)) // it notices when it runs again, if it hears nothing then
      return watch(on, to, (*(flow.quiet_since = since + std::chrono::seconds(1))));
    ++counters_.silent;
    end(on, to, "silent", false);
  });
}

// -- ends

/// One end closes: the other one learns it behind what still arrives, or from silence.
void network::end(const line_ptr& on, side which, const std::string& reason, bool is_polite) {
  if (!on->is_open[at(which)])
    return;
  on->is_open[at(which)] = false;
  auto& flow = on->ways[at(which)];
  if (on->is_open[at(other(which))]) {
    const auto blocked = way_of(*on, which).blocks > 0;
    if (!is_polite || blocked) {
      const auto keeps = blocked ? 0 : chance_.below(flow.under_way.size() + 1);
      counters_.lost += flow.under_way.size() - keeps;
      flow.under_way.resize(keeps);
    }
    if (!blocked) {
      flow.ends_with = "closed by the other end";
      travel(on, which, 0);
    }
  }
  tell(*on, which, link_closed{on->id, reason});
  if (which == side::edge) {
    auto& there = places_[on->edge];
    if (there.link == on->id) {
      there.link = 0;
      if (there.pauses && time_.now() - there.linked_at >= std::chrono::seconds(3))
        there.pauses->restart();
      pause(on->edge);
    }
  }
  refresh(on);
  forget_if_over(on);
}

/// `is_unheard`: nothing of it reaches the other end, which finds out by silence.
void network::end_unheard(const line_ptr& on, side which, const std::string& reason,
                          bool is_unheard) {
  auto& by = way_of(*on, which);
  by.blocks += is_unheard ? 1 : 0;
  end(on, which, reason, false);
  by.blocks -= is_unheard ? 1 : 0;
}

void network::forget_if_over(const line_ptr& on) {
  if (!on->is_open[0] && !on->is_open[1])
    lines_.erase(on->id);
}

void network::close(side by, std::uint64_t link, const std::string& reason) {
  if (const auto found = lines_.find(link); found != lines_.end())
    time_.soon([this, on = found->second, by, reason] { end(on, by, reason, true); });
}

void network::break_link(const std::string& edge) {
  const auto found = lines_.find(places_[edge].link);
  if (found == lines_.end())
    return;
  const auto on = found->second;
  for (const auto from : {side::edge, side::server}) {
    auto& flow = on->ways[at(from)];
    if (flow.newest && on->is_open[at(other(from))] && chance_.is(0.25)) {
      ++counters_.doubled;
      tell(*on, other(from), *flow.newest);
    }
  }
  const auto first = chance_.is(0.5) ? side::edge : side::server;
  end_unheard(on, first, "reset by peer", chance_.is(0.5));
}

// -- processes

void network::server_is_up(ear hears) {
  server_hears_ = std::move(hears);
  server_stands_ = false;
}

void network::server_is_gone(exit_kind how) {
  server_hears_ = {};
  for (const auto& [id, on] : std::map(lines_))
    end_unheard(on, side::server, "", how == exit_kind::silent);
}

void network::edge_is_up(const std::string& name, ear hears, std::uint64_t seed, bool dials) {
  auto& there = places_[name];
  ++there.turn;
  there.hears = std::move(hears);
  there.is_suspended = false;
  there.pauses.emplace(std::chrono::milliseconds(200), std::chrono::milliseconds(10'000), seed);
  there.link = 0;
  there.is_dialling = false;
  there.dials = dials;
  try_dialling(name);
}

void network::edge_is_gone(const std::string& name, exit_kind how) {
  auto& there = places_[name];
  ++there.turn;
  there.hears = {};
  there.dials = false;
  const auto found = lines_.find(there.link);
  there.link = 0;
  if (found != lines_.end())
    end_unheard(found->second, side::edge, "", how == exit_kind::silent);
}

void network::dial(const std::string& name) {
  places_[name].dials = true;
  try_dialling(name);
}

void network::rest(const std::string& name) {
  auto& there = places_[name];
  there.dials = false;
  close(side::edge, there.link, "the window is over");
}

void network::suspend(const std::string& name, bool is_suspended) {
  if (name == server)
    server_stands_ = is_suspended;
  else
    places_[name].is_suspended = is_suspended;
  for (const auto& [id, on] : std::map(lines_))
    if (name == server || on->edge == name)
      refresh(on);
}

bool network::is_connected(const std::string& edge) const {
  const auto there = places_.find(edge);
  return there != places_.end() && there->second.link != 0;
}

// -- dialling

void network::pause(const std::string& name) {
  auto& there = places_[name];
  if (!there.hears || !there.pauses)
    return;
  time_.after(there.pauses->next(), [this, name, turn = there.turn] {
    if (places_[name].turn == turn)
      try_dialling(name);
  });
}

void network::try_dialling(const std::string& name) {
  auto& there = places_[name];
  if (!there.dials || there.is_dialling || there.link != 0 || !there.hears)
    return;
  const auto turn = there.turn;
  if (there.is_suspended)
    return pause(name);
  there.is_dialling = true;
  const bool is_reachable = there.up.blocks == 0 && there.down.blocks == 0 && !server_stands_;
  if (!is_reachable)
    return time_.after(limits_of_links.handshake_timeout, [this, name, turn] { miss(name, turn); });
  const auto there_and_back =
      chance_.span(there.up.latency_seconds) + chance_.span(there.down.latency_seconds);
  time_.after(there_and_back, [this, name, turn] { answer_call(name, turn); });
}

void network::miss(const std::string& name, std::uint64_t turn) {
  auto& there = places_[name];
  if (there.turn != turn)
    return;
  there.is_dialling = false;
  pause(name);
}

/// The server's machine takes the connection, or turns it away.
void network::answer_call(const std::string& name, std::uint64_t turn) {
  if (places_[name].turn != turn)
    return;
  if (!server_hears_)
    return miss(name, turn); // nobody listens
  if (handshakes_ >= limits::handshake_count_max) {
    ++counters_.turned_away;
    return miss(name, turn);
  }
  counters_.handshakes_most = std::max(counters_.handshakes_most, ++handshakes_);
  auto& there = places_[name];
  time_.after(chance_.span(there.up.latency_seconds) + chance_.span(there.down.latency_seconds),
              [this, name, turn] {
                --handshakes_;
                accept(name, turn);
              });
}

/// TLS is through: the server has the link, and the edge hears of it a little later.
void network::accept(const std::string& name, std::uint64_t turn) {
  auto& there = places_[name];
  if (there.turn != turn)
    return;
  if (!server_hears_ || there.up.blocks > 0 || server_stands_)
    return time_.after(limits_of_links.handshake_timeout, [this, name, turn] { miss(name, turn); });
  const auto on = std::make_shared<line>();
  on->id = ++last_link_;
  on->edge = name;
  lines_[on->id] = on;
  ++counters_.links;
  const auto shown = as_bytes(name);
  sha256_digest fingerprint{};
  std::copy_n(shown.begin(), std::min(shown.size(), fingerprint.size()), fingerprint.begin());
  tell(*on, side::server, link_opened{on->id, role::edge, name, fingerprint, "10.0.0.1:5000"});
  time_.after(chance_.span(there.down.latency_seconds), [this, on, name, turn] {
    auto& here = places_[name];
    if (here.turn != turn || here.down.blocks > 0 || !on->is_open[at(side::server)]) {
      refresh(on); // the server finds out by silence
      return miss(name, turn);
    }
    on->is_open[at(side::edge)] = true;
    here.is_dialling = false;
    here.link = on->id;
    here.linked_at = time_.now();
    tell(*on, side::edge, link_opened{on->id, role::server, "server", {}, "10.0.0.1:4433"});
    refresh(on);
  });
}

} // namespace godwit::faults
