// How much noise does a budget ask for, and how many releases does it allow?
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// Which accountant is asked.
enum class method : std::uint8_t {
  tightest, ///< the first that knows the events: exact, pld, rdp
  exact,    ///< gaussian_accountant
  pld,      ///< pld_accountant with its usual interval
  rdp,      ///< rdp_accountant with its usual orders
};

/// "tightest", "exact", "pld", "rdp".
std::string_view name(method) noexcept;

/// An epsilon, and who says so; never `tightest`.
struct spent_epsilon {
  double epsilon = 0;
  method by = method::pld;
};

/// The epsilon of all the events together at `delta`. Fails with bad_config for what the
/// accountants refuse, of which the last one's sentence is given.
attempt<spent_epsilon> epsilon_of(std::span<const privacy_event>, double delta,
                                  method = method::tightest);

/// A budget.
struct privacy_target {
  double epsilon = 0; ///< above 0, up to 1e6
  double delta = 0;   ///< [1e-100, 1)
};

/// Calibrated noise is at most so much above the least, relatively.
inline constexpr double calibration_tolerance = 1e-4;

/// The event with the least noise that keeps the target, to `tolerance` (1e-12 … 0.1): of the
/// mechanism, its noise_multiplier, scale, sigma, or variance is what is looked for and its value
/// given is not looked at; randomised response's probability likewise. Always on the safe side: the
/// returned event was accounted and keeps the target. Fails with bad_config where no noise between
/// 1e-2 and 1e6 (for randomised response: 1) is enough, or too much at once.
attempt<privacy_event> with_least_noise(privacy_event, const privacy_target&,
                                        method = method::tightest,
                                        double tolerance = calibration_tolerance);

/// How many releases like `event` keep the target (its count is not looked at), up to
/// event_count_max; 0 if one is too many.
attempt<std::uint64_t> releases_within(privacy_event, const privacy_target&,
                                       method = method::tightest);

/// What so many releases cost.
struct release_cost {
  std::uint64_t count = 0;
  double epsilon = 0;
};

/// The cost of the event's first releases, at up to `point_count` (1 or more) even steps of its
/// count, the last of which is all of them: a plot of epsilon by round. Fails as epsilon_of does.
attempt<std::vector<release_cost>>
cost_by_count(privacy_event, double delta, std::uint64_t point_count, method = method::tightest);

} // namespace godwit::accounting
