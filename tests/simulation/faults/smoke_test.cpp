// Does a flock come through whatever goes wrong, and does a seed decide all of it? A few hundred
// seeds over all scenarios; flock_sim flies as many as are wanted.
#include <doctest/doctest.h>

#include "simulation/faults/flown.hpp"

using namespace godwit::faults;

TEST_CASE("five hundred flocks come through all that goes wrong") {
  const auto names = scenario_names(GODWIT_SCENARIOS);
  REQUIRE(names.size() >= 17);
  for (std::uint64_t i = 0; i < 500; ++i)
    CHECK(comes_through(names[i % names.size()], 1 + i));
}

TEST_CASE("a seed decides all that happens, to the last frame, and another seed does otherwise") {
  for (const auto& name : scenario_names(GODWIT_SCENARIOS)) {
    CAPTURE(name);
    const auto first = fly(plan_of(name, 77));
    CHECK(fly(plan_of(name, 77)).trace == first.trace);
    CHECK(fly(plan_of(name, 78)).trace != first.trace);
  }
}

TEST_CASE("faults do strike: rounds are abandoned, and their updates count in none") {
  std::uint64_t committed = 0, abandoned = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto came = fly(plan_of("flapping_links", seed));
    committed += came.committed_count;
    abandoned += came.abandoned_count;
  }
  CHECK(committed > 0);
  CHECK(abandoned > 0);
}

TEST_CASE("a scenario that says what is not known is refused, and so is one that includes itself") {
  const godwit::scratch_folder scratch;
  const auto write = [&](const char* name, const char* text) {
    godwit::write_whole(scratch / name, text);
    return load_scenario(scratch.path(), (scratch / name).string());
  };
  CHECK(write("good.yml", "edges: [2, 3]\nfaults:\n  - {what: snap, who: edge}\n"));
  CHECK_FALSE(write("key.yml", "edgs: [2, 3]\n"));
  CHECK_FALSE(write("fault.yml", "faults:\n  - {what: explode}\n"));
  CHECK_FALSE(write("range.yml", "edges: [3, 2]\n"));
  CHECK_FALSE(write("self.yml", "include: [self]\n"));
  CHECK_FALSE(load_scenario(scratch.path(), "nowhere"));
}
