// What did the simulator find, and does it stay mended? Each flight that failed, and why. A
// seed means another flight where what a scenario draws changes: then look for one that fails
// without the mending, and enter that.
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
      {"torn_writes", 16,
       "killed between a checkpoint and the clearing of the journal, a server wrote the next round "
       "behind the old lines, and the start after that passed over both: receipts were lost"},
      {"kills", 6, "the same, by a kill"},
      {"stampede", 37, "the same, while all edges came back"},
      {"server_kills", 202, "the same, while the edges stayed"},
  };
  for (const auto& each : all) {
    CAPTURE(each.what);
    CHECK(comes_through(each.scenario, each.seed));
  }
}
