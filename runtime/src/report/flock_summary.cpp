#include "report/flock_summary.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "report/edge_summary.hpp"
#include "report/figures.hpp"

namespace godwit {
namespace {

double seconds_of(const round_record& round) {
  return round.recruiting_seconds + round.collecting_seconds + round.releasing_seconds;
}

/// Jain's index and the share of clients without a round.
void add_fairness(flock_summary& sum, const std::vector<std::uint64_t>& reports,
                  std::uint32_t client_count) {
  const auto clients =
      static_cast<double>(std::max<std::size_t>({client_count, reports.size(), 1}));
  double total = 0, squares = 0;
  for (const auto count : reports) {
    total += static_cast<double>(count);
    squares += static_cast<double>(count) * static_cast<double>(count);
  }
  sum.fairness = squares > 0 ? total * total / (clients * squares) : 0;
  sum.never_share = 1 - static_cast<double>(reports.size()) / clients;
}

void add_durations(flock_summary& sum, const std::vector<round_record>& rounds) {
  std::vector<double> lengths;
  for (const auto& round : rounds) {
    lengths.push_back(seconds_of(round));
    sum.seconds = std::max(sum.seconds, round.finished_seconds);
  }
  if (lengths.empty())
    return;
  std::sort(lengths.begin(), lengths.end());
  sum.round_median = lengths[lengths.size() / 2];
  sum.round_longest = lengths.back();
}

std::string percent(double part, double whole) {
  return decimal_text(whole > 0 ? 100 * part / whole : 0, 1) + " %";
}

/// Labels in a column of their own.
std::string line(std::string_view label, const std::string& text) {
  std::string made("  ");
  made.append(label);
  made.append(23 - std::min<std::size_t>(label.size(), 22), ' ');
  return made.append(text).append("\n");
}

std::string presence_line(const presence_count& at, const char* how) {
  return std::string(how) + " " + count_text(at.able) + " after " + seconds_text(at.seconds);
}

} // namespace

flock_summary sum_up_flock(const std::vector<round_record>& rounds, std::uint32_t client_count) {
  flock_summary sum;
  std::map<std::string_view, std::uint64_t> reasons;
  std::unordered_map<std::string_view, std::uint64_t> reports;
  for (const auto& round : rounds) {
    sum.bytes_up += round.bytes_up;
    sum.bytes_down += round.bytes_down;
    for (const auto& client : round.clients) {
      ++sum.invited;
      switch (participation_of(client)) {
      case participation::reported:
        ++sum.reported;
        ++reports[client.client];
        break;
      case participation::let_go:
        ++sum.let_go;
        break;
      case participation::declined:
        ++sum.declined;
        ++reasons[client.outcome];
        break;
      case participation::dropped:
        ++sum.dropped;
        ++reasons[client.outcome];
        break;
      }
    }
  }
  sum.reasons.assign(reasons.begin(), reasons.end());
  std::stable_sort(sum.reasons.begin(), sum.reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::uint64_t> counts;
  for (const auto& [client, count] : reports)
    counts.push_back(count);
  add_fairness(sum, counts, client_count);
  add_durations(sum, rounds);
  return sum;
}

presence_summary sum_up_presence(const std::vector<presence_count>& counts) {
  const auto by_able = [](const presence_count& a, const presence_count& b) {
    return a.able < b.able;
  };
  presence_summary sum;
  sum.least = *std::min_element(counts.begin(), counts.end(), by_able);
  sum.most = *std::max_element(counts.begin(), counts.end(), by_able);
  for (const auto& at : counts) {
    sum.connected_mean += at.connected;
    sum.able_mean += at.able;
  }
  sum.connected_mean /= static_cast<double>(counts.size());
  sum.able_mean /= static_cast<double>(counts.size());
  return sum;
}

std::string flock_text(const std::vector<round_record>& rounds, std::uint32_t client_count,
                       const std::vector<presence_count>& counts) {
  const auto sum = sum_up_flock(rounds, client_count);
  const auto invited = static_cast<double>(sum.invited);
  const auto end = counts.empty() ? sum.seconds : std::max(sum.seconds, counts.back().seconds);
  std::string text;
  text += line("virtual time", seconds_text(end) + "; a round " + seconds_text(sum.round_median) +
                                   " (median), at most " + seconds_text(sum.round_longest));
  if (!counts.empty()) {
    const auto there = sum_up_presence(counts);
    text +=
        line("able to work", decimal_text(there.able_mean, 0) + " of " + count_text(client_count) +
                                 " on average; " + presence_line(there.least, "least") + ", " +
                                 presence_line(there.most, "most"));
  }
  text += line("invited", count_text(sum.invited) + ": " +
                              percent(static_cast<double>(sum.reported), invited) + " reported, " +
                              percent(static_cast<double>(sum.let_go), invited) + " let go, " +
                              percent(static_cast<double>(sum.declined), invited) + " declined, " +
                              percent(static_cast<double>(sum.dropped), invited) + " dropped out");
  for (const auto& [reason, count] : sum.reasons)
    text += line("", count_text(count) + " " + reason);
  text += line("fairness", decimal_text(sum.fairness, 2) + " (Jain's index); " +
                               percent(sum.never_share, 1) + " of the clients never reported");
  text +=
      line("traffic", bytes_text(sum.bytes_up) + " up, " + bytes_text(sum.bytes_down) + " down");
  return text;
}

} // namespace godwit
