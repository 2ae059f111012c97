// What becomes of an edge that is cut off for three days in the middle of a round?
#include <algorithm>

#include <doctest/doctest.h>

#include "simulation/faults/flown.hpp"

using namespace godwit;
using namespace godwit::faults;

TEST_CASE("edges cut off for 72 hours train on, drain their mailboxes on return, and count once") {
  auto plan = plan_of("calm", 11);
  plan.how.edges = {4, 4};
  plan.how.rounds = {3, 3};
  plan.how.training_seconds = {15, 20};
  plan.how.faults_for_seconds = {259'300, 259'300};
  plan.how.faults = {{.what = fault::block,
                      .who = target::edge,
                      .every_seconds = {5, 5},
                      .lasts_seconds = {259'200, 259'200}}};
  plan.needs_everybody = true;
  struct event {
    double seconds;
    std::string what;
  };
  std::vector<event> events;
  plan.story = [&](instant when, std::string_view what) {
    events.push_back({std::chrono::duration<double>(when).count() - 3600, std::string(what)});
  };
  const auto came = fly(plan);
  CHECK(came.complaints == std::vector<std::string>{});
  CHECK(came.lasted > std::chrono::hours(72));
  CHECK(came.committed_count == 3);
  const auto is_block = [](const event& x) { return x.what.starts_with("block "); };
  const auto cut = std::find_if(events.begin(), events.end(), is_block);
  REQUIRE(cut != events.end());
  const auto edge = cut->what.substr(6) + ": ";
  const auto said = [&](const std::string& what) {
    return std::find_if(cut, events.end(),
                        [&](const event& x) { return x.what.starts_with(edge + what); });
  };
  const auto trained = said("training.finished");
  REQUIRE(trained != events.end());
  CHECK(trained->seconds < 60);
  const auto back = said("edge.enrolled");
  REQUIRE(back != events.end());
  CHECK(back->seconds > 259'200);
  CHECK(back->seconds < 259'320);
  CHECK(back->what.ends_with("letters=1")); // the offer of what it trained alone
  CHECK(said("update.counted") > back);
}
