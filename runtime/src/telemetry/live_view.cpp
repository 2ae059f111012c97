// How the live view reaches the terminal: one write a frame, over the last one; log lines where
// there is no terminal.
#include "telemetry/live_view.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "telemetry/plain_text.hpp"

namespace godwit {
namespace {

std::string_view variable(const char* key) noexcept {
  const char* value = std::getenv(key);
  return value ? std::string_view(value) : std::string_view{};
}

/// The locale's character set by POSIX precedence. No locale at all says nothing: containers often
/// have none, and the terminal outside draws UTF-8; only one that names another character set, or
/// "C"/"POSIX" explicitly, is believed.
bool locale_takes_unicode() noexcept {
  for (const char* key : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = variable(key);
    if (value.empty())
      continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos ||
           value.find("UTF8") != std::string_view::npos ||
           value.find("utf-8") != std::string_view::npos;
  }
  return variable("TERM") != "linux";
}

/// Writes all of it, waiting where the terminal is slow; gives up quietly where it is gone.
void write_to_terminal(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EAGAIN) {
      pollfd ready{.fd = file, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, 1000) <= 0)
        return;
    } else if (count == 0 || errno != EINTR) {
      return;
    }
  }
}

/// Columns that a drawn line takes: its escape sequences take none.
std::size_t drawn_columns(std::string_view drawn) {
  std::string seen;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (drawn[i] == '\x1b') {
      while (i < drawn.size() && drawn[i] != 'm')
        ++i;
      continue;
    }
    seen += drawn[i];
  }
  return column_count(seen);
}

} // namespace

terminal_facts look_at_terminal(std::FILE* stream) {
  terminal_facts facts;
  const int file = ::fileno(stream);
  const auto kind = variable("TERM");
  facts.terminal = file >= 0 && ::isatty(file) == 1 && !kind.empty() && kind != "dumb";
  facts.colours = facts.terminal && variable("NO_COLOR").empty(); // no-color.org: set and not empty
  facts.unicode = locale_takes_unicode();
  winsize size{};
  if (facts.terminal && ::ioctl(file, TIOCGWINSZ, &size) == 0) {
    facts.width = size.ws_col > 0 ? size.ws_col : 80U;
    facts.height = size.ws_row > 0 ? size.ws_row : 24U;
  }
  return facts;
}

live_view::live_view(std::FILE* stream, event_log& log, std::uint64_t round_last)
    : stream_(stream), log_(log), facts_(look_at_terminal(stream)), logged_(round_last) {}

live_view::~live_view() {
  close();
}

void live_view::show(const run_status& status, const std::vector<round_record>& rounds) {
  if (facts_.terminal) {
    facts_ = look_at_terminal(stream_); // a terminal may have been resized since
    draw(render(status, rounds,
                {.width = facts_.width, .colours = facts_.colours, .unicode = facts_.unicode}),
         facts_.width);
    return;
  }
  for (const auto& round : rounds) {
    if (round.round <= logged_)
      continue;
    log_round(log_, round, status.round_limit);
    logged_ = round.round;
  }
}

void live_view::draw(const std::string& frame, unsigned width) {
  // Where the terminal became narrower, it may have wrapped the old lines: count the rows they take
  // now.
  std::size_t rows = 0;
  for (auto columns : drawn_)
    rows += std::max<std::size_t>(1, (columns + width - 1) / std::max(1U, width));
  std::string out = "\x1b[?25l\r";
  if (rows > 0)
    out += "\x1b[" + std::to_string(rows) + "A";
  drawn_.clear();
  std::string_view rest = frame;
  const std::size_t lines_max =
      std::max(facts_.height, 2U) - 1; // more would scroll away from under us
  while (!rest.empty() && drawn_.size() < lines_max) {
    const auto end = rest.find('\n');
    const auto shown = rest.substr(0, end);
    drawn_.push_back(drawn_columns(shown));
    out.append(shown).append("\x1b[K\n");
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  out += "\x1b[J\x1b[?25h";
  std::fflush(stream_);
  write_to_terminal(::fileno(stream_), out);
}

void live_view::close() noexcept {
  // The cursor stands below the last frame already, and is visible: there is nothing to undo.
  drawn_.clear();
}

void log_round(event_log& log, const round_record& round, std::uint32_t round_limit) {
  std::vector<log_field> fields{{"round", round.round}, {"of", round_limit}};
  fields.emplace_back("outcome", round.outcome);
  fields.emplace_back("reporters", round.reporters);
  fields.emplace_back("cohort", round.cohort);
  if (std::isfinite(round.train_loss)) // of a private mean it is not known
    fields.emplace_back("train_loss", round.train_loss);
  if (round.test_accuracy)
    fields.emplace_back("accuracy", *round.test_accuracy);
  if (round.epsilon)
    fields.emplace_back("epsilon", *round.epsilon);
  if (round.test_loss)
    fields.emplace_back("test_loss", *round.test_loss);
  if (round.federated_accuracy)
    fields.emplace_back("federated_accuracy", *round.federated_accuracy);
  fields.emplace_back("bytes_up", round.bytes_up);
  fields.emplace_back("bytes_down", round.bytes_down);
  fields.emplace_back("seconds", round.finished_seconds);
  if (log.enabled(log_level::info))
    log.write(log_level::info, "round.finished", fields);
}

} // namespace godwit
