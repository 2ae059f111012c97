// What a person sees while a run goes on: a view drawn in place on a terminal, a log line a round
// anywhere else.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit {

/// How the view may be drawn.
struct view_style {
  unsigned width = 80; ///< columns; a line never reaches the last one, so that no terminal wraps it
  bool colours = false; ///< ANSI colours and bold
  bool unicode = true;  ///< block characters and arrows; otherwise plain ASCII
};

/// The view as lines of text, each with its line end. Without colours it holds no escape sequence
/// at all. Below 40 columns it is drawn for 40. Names and notices are escaped.
std::string render(const run_status& status, const std::vector<round_record>& rounds,
                   const view_style& style);

/// Says one round as an event: "round.finished" at info, with outcome, cohort, loss, accuracy,
/// bytes and seconds.
void log_round(event_log& log, const round_record& round, std::uint32_t round_limit);

/// What a stream is connected to, and what the environment asks for (NO_COLOR, TERM, LC_ALL,
/// LC_CTYPE, LANG).
struct terminal_facts {
  bool terminal = false; ///< in-place drawing works
  bool colours = false;
  bool unicode = false;
  unsigned width = 80, height = 24;
};
terminal_facts look_at_terminal(std::FILE* stream);

/// Shows a run. On a terminal the view is redrawn in place; elsewhere each new round is logged
/// once, with log_round. The cursor is hidden only inside a frame, and a frame is one write: no
/// exception, signal or kill leaves it hidden. Not safe from several threads: one thread shows.
class live_view {
public:
  /// `stream` and `log` must outlive the view. Rounds up to `round_last` are not logged: a resumed
  /// run has said them.
  live_view(std::FILE* stream, event_log& log, std::uint64_t round_last = 0);
  ~live_view();
  live_view(const live_view&) = delete;
  live_view& operator=(const live_view&) = delete;

  /// Whether it draws in place (then the log belongs in a file: open_run_log).
  bool draws_in_place() const noexcept { return facts_.terminal; }

  /// Shows the newest state. Call it a few times a second, and whenever a round has ended.
  void show(const run_status& status, const std::vector<round_record>& rounds);

  /// Leaves the last frame standing; the next output starts below it. The destructor does the same.
  void close() noexcept;

private:
  void draw(const std::string& frame, unsigned width);

  std::FILE* stream_;
  event_log& log_;
  terminal_facts facts_;
  std::vector<std::size_t> drawn_; ///< columns of each line of the last frame
  std::uint64_t logged_;           ///< the last round that was logged
};

} // namespace godwit
