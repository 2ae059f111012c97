// What the live view looks like, as a pure function of the state: lines of spans, cut to the
// terminal's width.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "report/figures.hpp"
#include "telemetry/live_view.hpp"
#include "telemetry/plain_text.hpp"

namespace godwit {
namespace {

enum class paint { plain, strong, faint, good, bad, key };

std::string_view escape_of(paint colour) noexcept {
  switch (colour) {
  case paint::strong:
    return "\x1b[1m";
  case paint::faint:
    return "\x1b[2m";
  case paint::good:
    return "\x1b[36m"; // cyan beside yellow: told apart by colour-blind eyes too
  case paint::bad:
    return "\x1b[33m";
  case paint::key:
    return "\x1b[2m";
  case paint::plain:
    break;
  }
  return {};
}

/// One line under construction.
class line {
public:
  line& add(std::string text, paint colour = paint::plain) {
    used_ += column_count(text);
    spans_.emplace_back(std::move(text), colour);
    return *this;
  }
  /// Spaces up to a column, at least one.
  line& to(std::size_t column) {
    return add(std::string(column > used_ ? column - used_ : 1, ' '));
  }
  std::size_t used() const noexcept { return used_; }

  /// Cut to fewer columns than the terminal has.
  std::string text(const view_style& style, std::size_t columns) const {
    std::string shown;
    for (const auto& [span, colour] : spans_) {
      const auto part = fitted(span, columns, style.unicode ? "…" : "~");
      columns -= std::min(columns, column_count(part));
      const auto escape = style.colours && !part.empty() ? escape_of(colour) : std::string_view{};
      shown.append(escape).append(part).append(escape.empty() ? "" : "\x1b[0m");
      if (part.size() < span.size())
        break;
    }
    return shown + '\n';
  }

private:
  std::vector<std::pair<std::string, paint>> spans_;
  std::size_t used_ = 0;
};

/// A bar of so many columns, `share` of it full.
std::pair<std::string, std::string> bar(double share, std::size_t columns, bool unicode) {
  constexpr std::array<std::string_view, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  share = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  const auto filled = static_cast<std::size_t>(
      std::lround(share * static_cast<double>(columns) * (unicode ? 8.0 : 1.0)));
  std::string full;
  std::string rest;
  const auto whole = unicode ? filled / 8 : filled;
  for (std::size_t i = 0; i < whole; ++i)
    full += unicode ? "█" : "#";
  std::size_t used = whole;
  if (unicode && filled % 8 != 0) {
    full += eighths[filled % 8];
    ++used;
  }
  for (; used < columns; ++used)
    rest += unicode ? "░" : "-";
  return {full, rest};
}

/// The course of a figure in so many columns: means of equal stretches, from its least to its
/// greatest value.
std::string spark(const std::vector<double>& values, std::size_t columns, bool unicode) {
  constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view ascii = "_.-~=+*#";
  if (values.size() < 2 || columns == 0)
    return {};
  columns = std::min(columns, values.size());
  std::vector<double> means(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const auto from = i * values.size() / columns;
    const auto until = (i + 1) * values.size() / columns;
    for (auto j = from; j < until; ++j)
      means[i] += values[j] / static_cast<double>(until - from);
  }
  const auto [least, most] = std::minmax_element(means.begin(), means.end());
  const double span = *most - *least;
  std::string text;
  for (double mean : means) {
    const auto height =
        span > 0 ? static_cast<std::size_t>(std::lround((mean - *least) / span * 7.0)) : 3;
    text += unicode ? blocks[height] : ascii.substr(height, 1);
  }
  return text;
}

std::optional<double> accuracy_of(const round_record& round) {
  return round.test_accuracy ? round.test_accuracy : round.federated_accuracy;
}

/// The finite values that a figure took, round by round.
std::vector<double> course(const std::vector<round_record>& rounds, auto&& figure) {
  std::vector<double> values;
  for (const auto& round : rounds)
    if (const std::optional<double> value = figure(round); value && std::isfinite(*value))
      values.push_back(*value);
  return values;
}

class view {
public:
  view(const run_status& status, const std::vector<round_record>& rounds, const view_style& style)
      : status_(status), rounds_(rounds), style_(style), columns_(std::max(style.width, 40U) - 1),
        indent_(columns_ < 60 ? 10 : 11) {}

  std::string text() const {
    std::string shown;
    for (const auto& drawn : {round_line(), cohort_line(), accuracy_line(), loss_line(),
                              traffic_line(), time_line(), last_line(), notice_line()})
      if (drawn.used() > 0)
        shown += drawn.text(style_, columns_);
    return shown;
  }

private:
  line labelled(const char* label) const {
    line made;
    made.add(" ").add(label, paint::key).to(indent_);
    return made;
  }
  std::size_t bar_columns() const {
    return std::clamp<std::size_t>(columns_ < 60 ? columns_ / 4 : columns_ / 3, 8, 48);
  }
  std::string dot() const { return style_.unicode ? " · " : ", "; }

  /// The share of the run that is done, updates of the open round included.
  double progress() const {
    if (status_.phase == "finished")
      return 1;
    if (status_.round_limit == 0)
      return 0;
    double rounds_done = status_.round > 0 ? static_cast<double>(status_.round - 1) : 0.0;
    if (status_.phase == "releasing")
      rounds_done += 1;
    else if (status_.needed > 0)
      rounds_done += std::min(1.0, static_cast<double>(status_.reported) / status_.needed);
    return rounds_done / status_.round_limit;
  }

  line round_line() const {
    line made;
    const auto limit = std::to_string(status_.round_limit);
    auto number = std::to_string(status_.round);
    if (status_.round_limit > 0)
      number += (columns_ < 60 ? "/" : " of ") + limit;
    made.add(" ").add("Round " + number, paint::strong).add("  ");
    const auto share = progress();
    const auto [full, rest] = bar(share, bar_columns(), style_.unicode);
    made.add(full, paint::good).add(rest, paint::faint);
    made.add(" ").add(std::to_string(static_cast<int>(share * 100)) + " %  ");
    made.add(visible(status_.phase), paint::strong);
    if (status_.seconds_to_deadline > 0 && status_.phase != "finished")
      made.add(", at most " + seconds_text(status_.seconds_to_deadline) + " more", paint::faint);
    return made;
  }

  line cohort_line() const {
    auto made = labelled("Cohort");
    const auto of = std::max(status_.needed, 1U);
    const auto [full, rest] =
        bar(static_cast<double>(status_.reported) / of, bar_columns() / 2, style_.unicode);
    made.add(full, paint::good).add(rest, paint::faint).add(" ");
    made.add(std::to_string(status_.reported) + " of " + std::to_string(status_.needed));
    if (columns_ < 60)
      return made.add(dot() + std::to_string(status_.accepted) + " accepted");
    made.add(" reported" + dot() + std::to_string(status_.accepted) + " accepted" + dot() +
             std::to_string(status_.invited) + " invited" + dot() +
             std::to_string(status_.edges_connected) + " connected");
    return made;
  }

  line figure_line(const char* label, std::optional<double> newest,
                   const std::vector<double>& values, std::string remark) const {
    auto made = labelled(label);
    if (!newest && values.empty())
      return made.add("not known yet", paint::faint);
    made.add(decimal_text(newest ? *newest : values.back(), 4), paint::strong).add("  ");
    const auto room = bar_columns();
    made.add(spark(values, room, style_.unicode), paint::good);
    if (!remark.empty())
      made.add("  ").add(std::move(remark), paint::faint);
    return made;
  }

  line accuracy_line() const {
    const round_record* best = nullptr;
    for (const auto& round : rounds_)
      if (const auto now = accuracy_of(round);
          now && std::isfinite(*now) && (!best || *now > *accuracy_of(*best)))
        best = &round;
    std::string remark;
    if (best)
      remark = "best " + decimal_text(*accuracy_of(*best), 4) + " in round " +
               std::to_string(best->round);
    return figure_line("Accuracy", status_.accuracy, course(rounds_, accuracy_of), remark);
  }

  line loss_line() const {
    const auto values = course(rounds_, [](const round_record& round) {
      return round.reporters > 0 ? std::optional(round.train_loss) : std::nullopt;
    });
    return figure_line("Loss", status_.loss, values, values.empty() ? "" : "training loss");
  }

  line traffic_line() const {
    auto made = labelled("Traffic");
    const bool arrows = style_.unicode;
    made.add((arrows ? "↑ " : "up ") + bytes_text(status_.bytes_up) +
             (arrows ? "  ↓ " : ", down ") + bytes_text(status_.bytes_down));
    made.add(dot());
    made.add(count_text(status_.refused) + " refused",
             status_.refused > 0 ? paint::bad : paint::faint);
    return made;
  }

  line time_line() const {
    auto made = labelled("Time");
    made.add(seconds_text(status_.elapsed_seconds) + " gone");
    if (status_.seconds_left && status_.phase != "finished")
      made.add(dot() + "about " + seconds_text(*status_.seconds_left) + " left");
    return made;
  }

  line last_line() const {
    if (rounds_.empty())
      return {};
    auto made = labelled("Last");
    const auto& last = rounds_.back();
    made.add("round " + std::to_string(last.round) + " ");
    made.add(visible(last.outcome), last.outcome == "committed" ? paint::good : paint::bad);
    made.add(
        dot() + std::to_string(last.reporters) + " of " + std::to_string(last.cohort) +
        " reported" + dot() +
        seconds_text(last.recruiting_seconds + last.collecting_seconds + last.releasing_seconds));
    const auto abandoned = static_cast<std::size_t>(
        std::count_if(rounds_.begin(), rounds_.end(),
                      [](const round_record& round) { return round.outcome != "committed"; }));
    if (abandoned > 0)
      made.add(dot() + count_text(abandoned) + " abandoned so far", paint::bad);
    return made;
  }

  line notice_line() const {
    if (status_.notice.empty())
      return {};
    line made;
    made.add(" ! ", paint::bad).add(visible(status_.notice), paint::bad);
    return made;
  }

  const run_status& status_;
  const std::vector<round_record>& rounds_;
  const view_style& style_;
  std::size_t columns_; ///< one less than the terminal has
  std::size_t indent_;  ///< where the values begin
};

} // namespace

std::string render(const run_status& status, const std::vector<round_record>& rounds,
                   const view_style& style) {
  return view(status, rounds, style).text();
}

} // namespace godwit
