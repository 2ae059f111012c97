// Does each letter have its effect exactly once and in order, whatever network, disks and crashes
// do? And would this test notice if it did not?
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "property/mailbox_world.hpp"

using namespace godwit;
using namespace godwit::mailbox_simulation;

namespace {

plan rules_with(std::uint32_t window_count) {
  plan made;
  made.count_max = 64;
  made.window_count = window_count;
  return made;
}

schedule short_life(bug planted) {
  return {.message_count = 60, .kill_count = 3, .rules = rules_with(4), .planted = planted};
}

} // namespace

TEST_CASE("a million letters arrive once and in order: 30 % lost, 10 % doubled, 2,000 kills") {
  constexpr std::uint32_t windows[] = {1, 1, 2, 2, 3, 4, 4, 6, 8, 32};
  std::size_t arrived = 0;
  for (std::uint64_t seed = 1; seed <= std::size(windows); ++seed) {
    CAPTURE(seed);
    world one(
        seed,
        {.message_count = 100'000, .kill_count = 100, .rules = rules_with(windows[seed - 1])});
    REQUIRE(one.run() == "");
    REQUIRE(one.kills() == 200);
    REQUIRE(one.broken_links() > 100);
    REQUIRE(one.sent_count() > 120'000); // 30 % of them were lost
    REQUIRE(one.dropped_count() == 0);
    arrived += one.arrived_count();
  }
  CHECK(arrived == 1'000'000);
}

TEST_CASE("many short lives with kills close to each other lose nothing and double nothing") {
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    CAPTURE(seed);
    world one(seed, short_life(bug::none));
    REQUIRE(one.run() == "");
  }
}

TEST_CASE("a planted bug does not survive 1,000 seeds") {
  for (const auto planted : {bug::acknowledges_early, bug::forgets_what_it_took, bug::sends_early,
                             bug::forgets_its_numbers}) {
    CAPTURE(static_cast<int>(planted));
    std::uint64_t seed = 0;
    std::string wrong;
    while (wrong.empty() && seed < 1'000)
      wrong = world(++seed, short_life(planted)).run();
    CHECK_FALSE(wrong.empty());
    MESSAGE("caught by seed ", seed, ": ", wrong);
  }
}

TEST_CASE("a mailbox that is flooded drops with a word, and what it keeps arrives once, in order") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    auto rules = rules_with(8);
    rules.bytes_max = 40 * sizeof(std::uint64_t);
    rules.age_max = std::chrono::minutes{2};
    world one(seed, {.message_count = 1'000, .kill_count = 5, .rules = rules, .floods = true});
    REQUIRE(one.run() == "");
    REQUIRE(one.dropped_count() > 0);
    REQUIRE(one.arrived_count() > 0);
  }
}
