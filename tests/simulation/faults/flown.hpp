// What do tests of flocks start from?
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "flight.hpp"
#include "support/scratch_folder.hpp"

namespace godwit::faults {

inline flight_plan plan_of(const std::string& name, std::uint64_t seed,
                           canary planted = canary::none) {
  auto how = load_scenario(GODWIT_SCENARIOS, name);
  REQUIRE_MESSAGE(how, how.why().detail);
  return {.how = std::move(*how), .seed = seed, .planted = planted};
}

/// Whether nothing was wrong with this flight; else the line that replays it is printed.
inline bool comes_through(const std::string& name, std::uint64_t seed) {
  const auto plan = plan_of(name, seed);
  const auto came = fly(plan);
  if (!came.complaints.empty())
    MESSAGE(replay_line(plan) << "\n" << came.complaints.front());
  return came.complaints.empty();
}

} // namespace godwit::faults
