// How an actor says what happened: events with fields, never sentences. Who writes them, and where
// to, is not its matter.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <godwit/messages/ids.hpp>

namespace godwit {

/// How much an event matters. `error` means that a person must act.
enum class log_level : std::uint8_t {
  debug = 0, ///< one a message
  info = 1,  ///< one a phase change
  warn = 2,  ///< worth a look; the run goes on as it should
  error = 3, ///< a person must act
};

/// "debug", "info", "warn" or "error".
constexpr std::string_view name(log_level level) noexcept {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(level) & 3U];
}

/// Anything with a name of its own: a refusal, a failure_code, a role, a phase.
template <class T>
concept has_a_name = requires(const T& x) {
  { name(x) } -> std::convertible_to<std::string_view>;
};

/// One fact about an event. Identifiers, counts, durations and reasons: never contents, keys,
/// tokens or shares.
struct log_field {
  using content = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

  log_field(std::string_view k, bool v) : key(k), value(v) {}
  log_field(std::string_view k, std::floating_point auto v)
      : key(k), value(static_cast<double>(v)) {}
  log_field(std::string_view k, std::signed_integral auto v)
      : key(k), value(static_cast<std::int64_t>(v)) {}
  log_field(std::string_view k, std::unsigned_integral auto v)
      : key(k), value(static_cast<std::uint64_t>(v)) {}
  log_field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  log_field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  log_field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  log_field(std::string_view k, const client_id& v) : key(k), value(v.name) {}
  log_field(std::string_view k, round_id v) : key(k), value(v.value) {}
  template <has_a_name T>
  log_field(std::string_view k, const T& v) : key(k), value(std::string(name(v))) {}

  std::string_view key; ///< a literal: [a-z0-9_]+, with its unit last ("wait_seconds")
  content value;
};

/// Where events go. One event is one line; writing is safe from every thread and never throws.
class event_log {
public:
  virtual ~event_log() = default;

  /// Whether events of this level are kept at all: ask before computing costly fields.
  virtual bool enabled(log_level level) const noexcept = 0;

  /// Writes one event. `event` is "thing.happened", e.g. "round.closed"; the names are listed in
  /// actors/README.md.
  virtual void write(log_level level, std::string_view event,
                     std::span<const log_field> fields) noexcept = 0;

  /// log.event(log_level::info, "round.closed", {{"round", 12}, {"accepted", 41}});
  void event(log_level level, std::string_view event,
             std::initializer_list<log_field> fields = {}) noexcept {
    if (enabled(level))
      write(level, event, std::span<const log_field>(fields.begin(), fields.size()));
  }
  void debug(std::string_view what, std::initializer_list<log_field> fields = {}) noexcept {
    event(log_level::debug, what, fields);
  }
  void info(std::string_view what, std::initializer_list<log_field> fields = {}) noexcept {
    event(log_level::info, what, fields);
  }
  void warn(std::string_view what, std::initializer_list<log_field> fields = {}) noexcept {
    event(log_level::warn, what, fields);
  }
  void error(std::string_view what, std::initializer_list<log_field> fields = {}) noexcept {
    event(log_level::error, what, fields);
  }
};

/// Keeps nothing: for simulations of thousands of flocks and for tests that do not read the log.
class silent_log final : public event_log {
public:
  bool enabled(log_level) const noexcept override { return false; }
  void write(log_level, std::string_view, std::span<const log_field>) noexcept override {}
};

} // namespace godwit
