// Where events become lines: text for people or JSON for machines, on stderr or in a file, safe
// from every thread.
#include "telemetry/log_sink.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "telemetry/plain_text.hpp"

namespace godwit {
namespace {

std::tm utc(std::chrono::system_clock::time_point when) {
  const auto seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(
          std::chrono::floor<std::chrono::seconds>(when)));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

std::string time_of_day(std::chrono::system_clock::time_point when) {
  const auto parts = utc(when);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)};
}

std::string date_and_time(std::chrono::system_clock::time_point when) {
  const auto parts = utc(when);
  char text[32];
  std::string shown(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                                when - std::chrono::floor<std::chrono::seconds>(when))
                                .count();
  const auto digits = std::to_string(1000 + milliseconds);
  return shown + '.' + digits.substr(1) + 'Z';
}

/// Six significant digits: enough for people, and short.
std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
  return {text, end.ptr};
}

std::string as_word(const log_field::content& content) {
  return std::visit(
      [](const auto& value) -> std::string {
        using type = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<type, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<type, double>)
          return number(value);
        else if constexpr (std::is_same_v<type, std::string>)
          return word(value);
        else
          return std::to_string(value);
      },
      content);
}

std::string fields_as_text(std::string_view event, std::span<const log_field> fields) {
  std::string text = visible(event);
  for (const auto& field : fields)
    text.append(" ").append(visible(field.key)).append("=").append(as_word(field.value));
  return text;
}

std::string_view colour_of(log_level level) noexcept {
  switch (level) {
  case log_level::debug:
    return "\x1b[2m";
  case log_level::warn:
    return "\x1b[33m";
  case log_level::error:
    return "\x1b[1;31m";
  case log_level::info:
    break;
  }
  return {};
}

std::string json_line(std::chrono::system_clock::time_point when, log_level level,
                      std::string_view event, std::span<const log_field> fields) {
  nlohmann::ordered_json line;
  line["time"] = date_and_time(when);
  line["level"] = std::string(name(level));
  line["event"] = std::string(event);
  for (const auto& field : fields) {
    std::string key(field.key);
    while (line.contains(key))
      key += '_'; // a field never replaces another one, nor the time, level or event
    std::visit([&](const auto& value) { line[key] = value; }, field.value);
  }
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

/// All of it or false.
bool write_all(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace

std::optional<log_format> parse_log_format(std::string_view word) {
  if (word == "text")
    return log_format::text;
  if (word == "json")
    return log_format::json;
  return std::nullopt;
}

std::optional<log_level> parse_log_level(std::string_view word) {
  for (auto level : {log_level::debug, log_level::info, log_level::warn, log_level::error})
    if (word == name(level))
      return level;
  return std::nullopt;
}

std::string render_log_line(const log_options& options, std::chrono::system_clock::time_point when,
                            log_level level, std::string_view event,
                            std::span<const log_field> fields) {
  if (options.format == log_format::json)
    return json_line(when, level, event, fields);
  std::string label(name(level));
  label.resize(5, ' ');
  const auto colour = options.colours ? colour_of(level) : std::string_view{};
  std::string line = time_of_day(when) + ' ';
  line.append(colour).append(label).append(colour.empty() ? "" : "\x1b[0m");
  return line.append(" ").append(fields_as_text(event, fields));
}

log_sink::log_sink(line_writer writer, log_options options, wall_clock now)
    : writer_(std::move(writer)), options_(options), now_(std::move(now)) {
  if (!now_)
    now_ = [] { return std::chrono::system_clock::now(); };
}

std::unique_ptr<log_sink> log_sink::to_stderr(log_options options) {
  return std::make_unique<log_sink>(
      [](std::string_view line) { return write_all(STDERR_FILENO, line); }, options);
}

attempt<std::unique_ptr<log_sink>> log_sink::to_file(const std::filesystem::path& file,
                                                     log_options options) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (opened < 0)
    return failure{.code = errno == ENOENT ? failure_code::not_found : failure_code::io,
                   .retry = false,
                   .detail = "the log " + file.string() + " cannot be opened (" +
                             std::strerror(errno) + "); check that its folder exists and is ours"};
  const std::shared_ptr<const int> owned(new int(opened), [](const int* held) {
    ::close(*held);
    delete held;
  });
  return std::make_unique<log_sink>(
      [owned](std::string_view line) { return write_all(*owned, line); }, options);
}

void log_sink::write(log_level level, std::string_view event,
                     std::span<const log_field> fields) noexcept {
  if (!enabled(level))
    return;
  const std::lock_guard lock(guard_);
  try {
    ++counts_[static_cast<std::size_t>(level) & 3U];
    if (level >= log_level::warn)
      last_problem_ = fields_as_text(event, fields);
    if (!writer_(render_log_line(options_, now_(), level, event, fields) + '\n'))
      ++lost_;
  } catch (...) {
    ++lost_; // out of memory: the run matters more than its log
  }
}

std::uint64_t log_sink::count(log_level level) const noexcept {
  const std::lock_guard lock(guard_);
  return counts_[static_cast<std::size_t>(level) & 3U];
}

std::uint64_t log_sink::lost_count() const noexcept {
  const std::lock_guard lock(guard_);
  return lost_;
}

std::string log_sink::last_problem() const {
  const std::lock_guard lock(guard_);
  return last_problem_;
}

attempt<std::unique_ptr<log_sink>>
open_run_log(bool live_view_on_terminal, const std::filesystem::path& folder, log_options options) {
  if (!live_view_on_terminal)
    return log_sink::to_stderr(options);
  options.format = log_format::json;
  options.colours = false;
  return log_sink::to_file(folder / "log.jsonl", options);
}

} // namespace godwit
