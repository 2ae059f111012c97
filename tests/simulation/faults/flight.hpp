// How is one flock flown from one seed, and what came of it?
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world.hpp"

namespace godwit::faults {

struct flight_plan {
  scenario how;
  std::uint64_t seed = 1;
  canary planted = canary::none;
  bool needs_everybody = false; ///< each round waits for all edges: then the seed does not show in
                                ///< the model
  std::optional<crash_point> crash{};
  /// Hears what happens, and when, for people.
  std::function<void(instant, std::string_view)> story{};
};

struct landing {
  std::vector<std::string> complaints; ///< empty: all was as it must be
  std::uint64_t trace = 0;             ///< of all that happened, in order
  std::uint64_t committed_count = 0, abandoned_count = 0, counted_count = 0;
  std::uint64_t record_count = 0; ///< lines and checkpoints that the server wrote
  duration lasted{};              ///< virtual
  std::vector<float> model;
};

/// Flies it. Deterministic: the same plan gives the same landing.
landing fly(const flight_plan&);

/// The line that flies this again.
std::string replay_line(const flight_plan&);

/// The canary of that name, if there is one; "none" is.
std::optional<canary> canary_of(std::string_view name);
std::string_view name(canary) noexcept;

} // namespace godwit::faults
