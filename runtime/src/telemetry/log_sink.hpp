// Where events become lines: text for people or JSON for machines, on stderr or in a file, safe
// from every thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <godwit/actors/log.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// How a line looks.
enum class log_format : std::uint8_t {
  text, ///< 12:03:04 info  round.closed round=12 accepted=41
  json, ///< {"time":"2026-01-31T12:03:04.123Z","level":"info","event":"round.closed","round":12,"accepted":41}
};

/// "text" or "json" (as `--log-format` takes it); nothing for any other word.
std::optional<log_format> parse_log_format(std::string_view word);
/// "debug", "info", "warn" or "error" (as `--log-level` takes it); nothing for any other word.
std::optional<log_level> parse_log_level(std::string_view word);

struct log_options {
  log_format format = log_format::text;
  log_level least = log_level::info; ///< events below it are dropped
  bool colours = false;              ///< colour the level (text only)
};

/// One event as one line without its line end. Every value is escaped: whatever it holds, the line
/// stays one line, moves no cursor, and cannot be taken for another field. Text shows the UTC time
/// of day, JSON the full date.
std::string render_log_line(const log_options& options, std::chrono::system_clock::time_point when,
                            log_level level, std::string_view event,
                            std::span<const log_field> fields);

/// Writes events as lines. A line that cannot be written is lost and counted; logging never stops a
/// run.
class log_sink final : public event_log {
public:
  /// Takes one whole line, with its line end; false if it could not be written. Called under the
  /// sink's lock.
  using line_writer = std::function<bool(std::string_view line)>;
  using wall_clock = std::function<std::chrono::system_clock::time_point()>;

  /// `now` is asked once a line; empty: the system's clock.
  explicit log_sink(line_writer writer, log_options options = {}, wall_clock now = {});

  /// On stderr.
  static std::unique_ptr<log_sink> to_stderr(log_options options);
  /// Appends to a file, which is made if there is none. Fails with io or not_found if it cannot be
  /// opened.
  static attempt<std::unique_ptr<log_sink>> to_file(const std::filesystem::path& file,
                                                    log_options options);

  bool enabled(log_level level) const noexcept override { return level >= options_.least; }
  void write(log_level level, std::string_view event,
             std::span<const log_field> fields) noexcept override;

  /// Events of this level written so far. Any `error` fails a simulation.
  std::uint64_t count(log_level level) const noexcept;
  /// Lines that could not be written.
  std::uint64_t lost_count() const noexcept;
  /// The newest warning or error, as text without its time; empty if there was none. For
  /// run_status::notice.
  std::string last_problem() const;

private:
  line_writer writer_;
  log_options options_;
  wall_clock now_;
  mutable std::mutex guard_;
  std::array<std::uint64_t, 4> counts_{};
  std::uint64_t lost_ = 0;
  std::string last_problem_;
};

/// The log of a run. While a live view has the terminal, lines go to `folder`/log.jsonl as JSON, so
/// that they do not tear it (the view shows the newest problem itself, see run_status::notice);
/// otherwise to stderr.
attempt<std::unique_ptr<log_sink>>
open_run_log(bool live_view_on_terminal, const std::filesystem::path& folder, log_options options);

} // namespace godwit
