// Would the simulator notice a bug? Each planted one is caught within a thousand seeds.
#include <doctest/doctest.h>

#include "simulation/faults/flown.hpp"

using namespace godwit::faults;

namespace {

/// The first seed with which the planted bug shows; 0: it does with none.
std::uint64_t caught_with(canary planted, const std::string& scenario, const std::string& how) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto came = fly(plan_of(scenario, seed, planted));
    for (const auto& each : came.complaints)
      if (each.find(how) != each.npos) {
        MESSAGE(name(planted) << " is caught with seed " << seed << ": " << each);
        return seed;
      }
  }
  return 0;
}

} // namespace

TEST_CASE("a journal that says done before it has written is caught") {
  CHECK(caught_with(canary::ack_before_write, "server_kills", "") > 0);
}

TEST_CASE("a server that forgets which letters it has taken is caught") {
  CHECK(caught_with(canary::lost_dedup, "torn_writes", "has its effect again") > 0);
}

TEST_CASE("a round whose deadline never comes is caught") {
  CHECK(caught_with(canary::no_deadline, "hostile_edges", "behind its deadline") > 0);
}
