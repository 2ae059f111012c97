// What do the shells hand to the transport, and what do they write into the log?
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/link_port.hpp>
#include <godwit/actors/log.hpp>

namespace godwit {

/// Keeps what was sent over each link, and which links were closed.
class fake_links final : public link_port {
public:
  struct frame {
    encoded message;
    shared_bytes body;
  };
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    REQUIRE(link != 0);
    sent[link].push_back({std::move(message), std::move(body)});
  }
  void close(std::uint64_t link, std::string reason) override { closed[link] = std::move(reason); }

  /// The oldest frame over this link that was not taken yet.
  std::optional<frame> next(std::uint64_t link) {
    auto& waiting = sent[link];
    if (waiting.empty())
      return {};
    auto first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }

  std::map<std::uint64_t, std::deque<frame>> sent;
  std::map<std::uint64_t, std::string> closed; ///< and why
};

/// Keeps the names of the events.
class recorded_events final : public event_log {
public:
  bool enabled(log_level) const noexcept override { return true; }
  void write(log_level level, std::string_view event,
             std::span<const log_field>) noexcept override {
    names.emplace_back(event);
    error_count += level == log_level::error;
  }
  std::ptrdiff_t count(std::string_view event) const {
    return std::count(names.begin(), names.end(), event);
  }

  std::vector<std::string> names;
  int error_count = 0;
};

} // namespace godwit
