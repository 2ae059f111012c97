// Does it matter when the server dies? Three rounds, and a kill right before and right behind each
// record that it writes: the model is the same bits as if nothing had happened.
#include <doctest/doctest.h>

#include "simulation/faults/flown.hpp"

using namespace godwit::faults;

namespace {

flight_plan three_rounds() {
  auto plan = plan_of("calm", 4);
  plan.how.edges = {4, 4};
  plan.how.rounds = {3, 3};
  plan.needs_everybody = true;
  return plan;
}

} // namespace

TEST_CASE("a server killed at any record that it writes makes the same model") {
  const auto undisturbed = fly(three_rounds());
  REQUIRE(undisturbed.complaints.empty());
  REQUIRE(undisturbed.committed_count == 3);
  REQUIRE(undisturbed.record_count > 40);
  for (std::uint64_t record = 1; record <= undisturbed.record_count; ++record)
    for (const bool is_behind : {false, true})
      for (const bool loses_power : {false, true}) {
        CAPTURE(record);
        CAPTURE(is_behind);
        CAPTURE(loses_power);
        auto plan = three_rounds();
        plan.crash = crash_point{record, is_behind, loses_power};
        const auto came = fly(plan);
        CHECK(came.complaints == std::vector<std::string>{});
        CHECK(came.committed_count == 3);
        CHECK(came.abandoned_count == 0);
        CHECK(came.model == undisturbed.model);
      }
  MESSAGE("killed at " << undisturbed.record_count << " records, four times each");
}

TEST_CASE("another seed makes the same model where everybody reports, and fewer rounds another") {
  const auto first = fly(three_rounds());
  auto plan = three_rounds();
  plan.seed = 5;
  CHECK(fly(plan).model == first.model);
  plan.how.rounds = {2, 2};
  CHECK(fly(plan).model != first.model);
}
