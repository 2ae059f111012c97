// The life of a job, one function an input.
#include <godwit/actors/machines/job.hpp>

#include <algorithm>

namespace godwit::job {

machine::machine(plan rules, const past& before)
    : plan_(rules), last_(before.last), committed_count_(before.committed_count),
      abandoned_in_a_row_(before.abandoned_in_a_row),
      awaited_count_(std::max(rules.wait_for, before.present_count)),
      has_begun_(before.last.value > 0 || before.is_open) {
  if (before.is_open)
    phase_ = running{round_id{last_.value + 1}};
  else if (committed_count_ >= plan_.round_count)
    phase_ = finished{"all rounds are done"};
}

std::vector<effect> machine::open_next() {
  const round_id next{last_.value + 1};
  is_first_ = false;
  awaited_count_ = plan_.wait_for;
  phase_ = running{next};
  return {open_round{next}};
}

std::vector<effect> machine::end(std::string reason) {
  phase_ = finished{reason};
  return {finish{std::move(reason)}};
}

/// There are enough who would work, and among all that are known too few who may.
bool machine::is_budget_spent(std::size_t present_count) const {
  return privacy_.spent_count > 0 && privacy_.left_count < plan_.cohort_min &&
         present_count + privacy_.spent_count >= plan_.cohort_min;
}

std::vector<effect> machine::wait_or_open(std::size_t present_count, instant now, bool is_strict) {
  present_count_ = present_count;
  waiting next;
  if (auto* here = std::get_if<waiting>(&phase_))
    next = *here;
  if (now < next.not_before)
    return {};
  if (present_count >= plan_.cohort_min && (present_count >= awaited_count_ || !is_strict))
    return open_next();
  if (is_budget_spent(present_count))
    return end("the privacy budget is spent: " + std::to_string(privacy_.left_count) +
               " of the edges may take part once more, and a round takes " +
               std::to_string(plan_.cohort_min) +
               "; the last model that was paid for is the result");
  std::vector<effect> effects;
  if (present_count < plan_.cohort_min || !has_begun_) {
    next.since.reset();
  } else if (!next.since) {
    next.since = now;
    effects.emplace_back(wake_at{now + plan_.patience});
  }
  phase_ = next;
  return effects;
}

result<std::vector<effect>> machine::apply(const input& in, instant now) {
  if (auto* x = std::get_if<edges_present>(&in)) {
    present_count_ = x->count;
    privacy_ = x->privacy;
    if (!std::holds_alternative<waiting>(phase_))
      return std::vector<effect>{};
    return wait_or_open(x->count, now, true);
  }
  if (std::holds_alternative<patience_over>(in)) {
    auto* here = std::get_if<waiting>(&phase_);
    if (!here || now < here->not_before)
      return std::vector<effect>{};
    return wait_or_open(present_count_, now, !here->since || now - *here->since < plan_.patience);
  }
  if (const auto* lost = std::get_if<history_lost>(&in)) {
    if (std::holds_alternative<finished>(phase_))
      return std::vector<effect>{};
    return end("this state is older than what " + lost->witness +
               " has heard of this server: a backup was restored, and what was released since then "
               "is in no ledger. Restore the newest state, or begin another job");
  }
  const auto& ended = std::get<round_ended>(in);
  auto* here = std::get_if<running>(&phase_);
  if (!here)
    return refusal::wrong_phase;
  if (ended.round != here->round)
    return refusal::wrong_round;
  last_ = ended.round;
  has_begun_ = true;
  privacy_ = ended.privacy;
  if (ended.committed) {
    ++committed_count_;
    abandoned_in_a_row_ = 0;
  } else if (++abandoned_in_a_row_ >= plan_.abandoned_in_a_row_max) {
    return end("gave up: " + std::to_string(abandoned_in_a_row_) +
               " rounds in a row were abandoned");
  }
  if (ended.committed && plan_.target_accuracy > 0 && ended.accuracy &&
      *ended.accuracy >= plan_.target_accuracy)
    return end("the target accuracy is reached");
  if (committed_count_ >= plan_.round_count)
    return end("all rounds are done");
  if (ended.committed)
    return wait_or_open(ended.present_count, now, is_first_);
  present_count_ = ended.present_count;
  phase_ = waiting{.since = {}, .not_before = now + plan_.pause};
  return std::vector<effect>{wake_at{now + plan_.pause}};
}

} // namespace godwit::job
