// The life of a job over many rounds: waiting for edges, one round after the other, finished. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::job {

struct plan {
  std::uint64_t round_count = 20; ///< committed rounds after which the job is done
  std::uint32_t wait_for = 10;    ///< present candidates before the first round of a process
  std::uint32_t cohort_min = 5;   ///< fewer candidates: no round is opened
  /// With cohort_min there but not wait_for: how long to wait for more, once the job has begun.
  duration patience = std::chrono::seconds(15);
  double target_accuracy = 0;               ///< done when reached; 0: never
  duration pause = std::chrono::seconds(1); ///< after an abandoned round
  std::uint32_t abandoned_in_a_row_max =
      100; ///< then the job gives up, so that no run goes on for ever
};

/// Waiting for edges. `since`: when cohort_min was first reached. `not_before`: the pause after an
/// abandoned round.
struct waiting {
  std::optional<instant> since;
  instant not_before{};
};
/// A round is open.
struct running {
  round_id round;
};
struct finished {
  std::string reason;
};
using phase = std::variant<waiting, running, finished>;

/// Where the privacy budget of clients is spent.
struct budget {
  std::size_t spent_count = 0; ///< could be invited now otherwise
  std::size_t left_count = 0;  ///< known, there or not, that may take part once more
};
/// So many clients could be invited now.
struct edges_present {
  std::size_t count = 0;
  budget privacy{};
};
struct round_ended {
  round_id round;
  bool committed = false;
  std::optional<double> accuracy;
  std::size_t present_count = 0;
  budget privacy{};
};
struct patience_over {};
/// Somebody can tell that this is an older state of the job, and what was spent since then cannot
/// be known.
struct history_lost {
  std::string witness;
};
using input = std::variant<edges_present, round_ended, patience_over, history_lost>;

struct open_round {
  round_id round;
};
struct wake_at {
  instant when;
};
struct finish {
  std::string reason;
};
using effect = std::variant<open_round, wake_at, finish>;

/// How far a job has come.
struct past {
  round_id last;                     ///< the last finished round
  std::uint64_t committed_count = 0; ///< rounds that changed the model
  std::uint32_t abandoned_in_a_row = 0;
  bool is_open = false; ///< the next round is open already
  /// Edges that were there. They come back: the first round that this process opens waits for as
  /// many, with patience, so that it is the round that it would have been.
  std::uint32_t present_count = 0;
};

class machine {
public:
  machine() = default;
  machine(plan rules, const past& before);

  /// A refusal (wrong_phase, wrong_round) changes nothing.
  result<std::vector<effect>> apply(const input&, instant now);

  const phase& current() const noexcept { return phase_; }
  round_id last_round() const noexcept { return last_; }
  std::uint64_t committed_count() const noexcept { return committed_count_; }
  std::uint32_t abandoned_in_a_row() const noexcept { return abandoned_in_a_row_; }
  const plan& rules() const noexcept { return plan_; }

private:
  std::vector<effect> open_next();
  bool is_budget_spent(std::size_t present_count) const;
  std::vector<effect> wait_or_open(std::size_t present_count, instant now, bool is_strict);
  std::vector<effect> end(std::string reason);

  plan plan_;
  phase phase_;
  round_id last_;
  std::uint64_t committed_count_ = 0;
  std::uint32_t abandoned_in_a_row_ = 0;
  std::size_t present_count_ = 0;
  budget privacy_;
  std::size_t awaited_count_ = 0; ///< before the next round is opened without more patience
  bool is_first_ = true;          ///< no round was opened by this process
  bool has_begun_ = false;        ///< a round was finished, in this process or before
};

} // namespace godwit::job
