// What did the whole flock do to a job? Who took part and who did not, why, how fairly, in how
// much time.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <godwit/runtime/record.hpp>

namespace godwit {

/// The sums over a run. An edge counts once for each round that it was invited to.
struct flock_summary {
  std::uint64_t invited = 0, reported = 0, declined = 0, let_go = 0, dropped = 0;
  /// Why edges declined or dropped out, with how often; the most frequent reason first.
  std::vector<std::pair<std::string, std::uint64_t>> reasons;
  /// Jain's index of the rounds reported by each client (Jain, Chiu, Hawe 1984): 1 if all reported
  /// equally often, 1/n if one alone did; 0 if nobody did.
  double fairness = 0;
  double never_share = 0; ///< of the clients: reported in no round
  std::uint64_t bytes_up = 0, bytes_down = 0;
  double seconds = 0;                         ///< from the run's beginning to its last round's end
  double round_median = 0, round_longest = 0; ///< seconds from a round's opening to its end
};

/// `client_count`: all clients that there are, also those who were never invited.
flock_summary sum_up_flock(const std::vector<round_record>& rounds, std::uint32_t client_count);

/// Who was there over a run.
struct presence_summary {
  presence_count least, most; ///< by those who were able to work
  double connected_mean = 0, able_mean = 0;
};

/// `counts` is not empty.
presence_summary sum_up_presence(const std::vector<presence_count>& counts);

/// The summary in lines for a terminal, indented by two.
std::string flock_text(const std::vector<round_record>& rounds, std::uint32_t client_count,
                       const std::vector<presence_count>& counts);

} // namespace godwit
