// What follows from where everybody stands: more places, the next phase, or the end?
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "closing.hpp"
#include "cohort.hpp"
#include "securing.hpp"

namespace godwit::round {

template <class Phase>
instant recruited_at(const Phase& here, instant now) {
  if constexpr (std::is_same_v<Phase, collecting>)
    return here.recruited_at;
  else
    return now;
}

template <class Phase>
step start_release(Phase& here, instant now, std::shared_ptr<const sum_opening> opening, step out) {
  take_places_back(here, out);
  out.effects.push_back(release{here.id, opening});
  auto next = moved_from<releasing>(here, recruited_at(here, now), now);
  next.opening = std::move(opening);
  out.next = std::move(next);
  return out;
}

template <class Phase>
step give_up(Phase& here, instant now, std::string reason, step out) {
  take_places_back(here, out);
  const timeline times{recruited_at(here, now), now, now};
  close(here, times, now, false, std::move(reason), out);
  return out;
}

/// An empty sum makes no model, whatever the plan says.
inline std::uint32_t needed(const plan& rules) {
  return std::max(rules.cohort_min, 1U);
}

inline std::string too_few(const plan& rules, const gathering& here) {
  return "too few updates: " + std::to_string(here.counted) + " of at least " +
         std::to_string(needed(rules));
}

template <class Phase>
step settle(const plan& rules, Phase& here, instant now, step out);

/// What follows from what the secure sum wants.
template <class Phase>
step follow_sum(const plan& rules, Phase& here, sum_effects effects, instant now, step out) {
  pass_on(here, effects, out);
  auto end = end_in(effects);
  if (end.abandoned)
    return give_up(here, now, std::move(*end.abandoned), std::move(out));
  if (end.opening)
    return start_release(here, now, std::move(end.opening), std::move(out));
  drop_excluded(here, effects, now, out);
  if (is_unmasking(here)) {
    take_places_back(here, out);
    out.effects.push_back(wake_at{next_alarm(here, now), here.id});
    out.next = moved_from<unmasking>(here, recruited_at(here, now), now);
    return out;
  }
  return settle(rules, here, now, std::move(out));
}

/// No more bodies are waited for.
template <class Phase>
step close_bodies(const plan& rules, Phase& here, instant now, step out) {
  auto effects = here.secure->apply(secure_sum::server::bodies_closed{});
  GODWIT_CHECK(effects, "updates were counted that the secure sum has not asked for");
  return follow_sum(rules, here, std::move(*effects), now, std::move(out));
}

/// What follows from where everybody stands now.
template <class Phase>
step settle(const plan& rules, Phase& here, instant now, step out) {
  if (here.secure)
    if (auto effects = stop_waiting(here); !effects.empty() || is_unmasking(here))
      return follow_sum(rules, here, std::move(effects), now, std::move(out));
  const bool is_full = here.counted >= rules.cohort && (!here.secure || could_be_opened(here));
  const bool is_enough = here.counted >= needed(rules);
  if (here.adding == 0 && is_enough && (is_full || here.undecided == 0))
    return here.secure ? close_bodies(rules, here, now, std::move(out))
                       : start_release(here, now, nullptr, std::move(out));
  if (here.counted + here.undecided + here.reserve.size() < needed(rules) ||
      (here.undecided == 0 && !is_enough))
    return give_up(here, now, too_few(rules, here), std::move(out));
  if (!is_full)
    grant_next(rules, here, now, out);
  if constexpr (std::is_same_v<Phase, recruiting>) {
    if (here.accepted() >= std::min<std::size_t>(rules.cohort, here.cohort.size()) ||
        here.unanswered == 0) {
      collecting next;
      static_cast<gathering&>(next) = std::move(static_cast<gathering&>(here));
      next.recruited_at = now;
      out.next = std::move(next);
    }
  }
  return out;
}

} // namespace godwit::round

/// Defines `on` for both phases in which updates are gathered.
#define GODWIT_IN_BOTH(message, function)                                                          \
  result<step> on(const plan& p, recruiting& here, const message& in, instant now) {               \
    return function(p, here, in, now);                                                             \
  }                                                                                                \
  result<step> on(const plan& p, collecting& here, const message& in, instant now) {               \
    return function(p, here, in, now);                                                             \
  }
