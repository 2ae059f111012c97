// What did the simulator find, and does it stay mended? Each flight that ever failed, and why.
#include <doctest/doctest.h>

#include "simulation/faults/flown.hpp"

using namespace godwit::faults;

TEST_CASE("every flight that failed once comes through") {
  struct found {
    const char* scenario;
    std::uint64_t seed;
    const char* what;
  };
  const found all[] = {
      {"torn_writes", 50,
       "killed between a checkpoint and the clearing of the journal, a server wrote the next round "
       "behind the old lines, and the start after that passed over both: receipts were lost"},
      {"kills", 177, "the same, by a kill"},
      {"stampede", 127, "the same, while all edges came back"},
  };
  for (const auto& each : all) {
    CAPTURE(each.what);
    CHECK(comes_through(each.scenario, each.seed));
  }
}
