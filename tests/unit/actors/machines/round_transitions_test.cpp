// Does the round machine take in each phase exactly the inputs that the table in actors/README.md
// says?
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/masked_flock.hpp"
#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;
using namespace std::chrono_literals;

namespace {

using table = std::map<std::string, std::map<std::string, std::string>>; ///< [input][phase]

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
    found.push_back(cell);
  }
  return found;
}

table written_table() {
  auto path = std::filesystem::path(__FILE__);
  for (int i = 0; i < 5; ++i)
    path = path.parent_path();
  std::ifstream readme(path / "actors" / "README.md");
  REQUIRE(readme);
  table made;
  std::vector<std::string> phases;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("| input "))
      phases = cells(line);
    else if (!phases.empty() && line.starts_with("| "))
      for (std::size_t i = 1; i < phases.size(); ++i)
        made[cells(line)[0]][phases[i]] = cells(line).at(i);
    else if (!phases.empty() && line.empty())
      break;
  }
  return made;
}

/// A round with clients in every position: a is invited, b accepted, c uploads, d is being added.
void begin(driver& d) {
  d.open("abcd", "", true);
  d.must(d.accepts("b"));
  d.must(d.offers("c"));
  d.must(d.offers("d"));
  d.must(d.arrives("d"));
}

/// A secure round in which all have sent their vectors, and nobody has given shares back.
driver unmasking_round() {
  masked_flock flock("abcd", 4, 3);
  flock.all_hear(flock.join());
  for (const auto* who : {"a", "b", "c", "d"})
    flock.report(who);
  return std::move(flock.d);
}

driver in_phase(const std::string& phase) {
  if (phase == "unmasking")
    return unmasking_round();
  const std::uint32_t cohort = phase == "recruiting" ? 4 : 3;
  driver d(driver::rules(cohort, 1));
  if (phase != "idle")
    begin(d);
  if (phase == "releasing" || phase == "evaluating") {
    d.now += 100s;
    d.must(d.deadline());
    d.now -= 50s; // the sum may be complete before the deadline as well
    d.must(d.adds("d"));
  }
  if (phase == "evaluating")
    d.must(released{d.id});
  CHECK(d.phase() == phase);
  return d;
}

/// Shares that are given back: in a secure round those that were asked for, else any.
spoke shares_of(const std::string& who, const driver& d) {
  if (d.phase() != "unmasking")
    return {{who}, {d.id, static_cast<std::uint8_t>(secure_step::unmask_shares), "shares", {}, {}}};
  masked_flock flock("abcd", 4, 3);
  flock.all_hear(flock.join());
  effects requests;
  for (const auto* each : {"a", "b", "c", "d"})
    requests = flock.report(each);
  return *flock.hear(all<call>(requests).at(0));
}

/// For each input one that is well formed and says what is possible.
std::map<std::string, input> inputs(const driver& d) {
  return {{"open", round::open{{1}, driver::named("abcd"), {}, true}},
          {"answered", d.accepts("a")},
          {"offered", d.offers("b")},
          {"arrived", d.arrives("c")},
          {"spoiled", spoiled{{"c"}, d.id}},
          {"summed", d.adds("d")},
          {"released", released{d.id}},
          {"evaluated", d.evaluates("d")},
          {"edge_lost", d.loses("a")},
          {"edge_back", edge_back{{"d"}, false}},
          {"restarted", restarted{}},
          {"spoke", shares_of("a", d)},
          {"spoiled_sum", spoiled_sum{d.id}},
          {"deadline_passed", d.deadline()},
          {"upload_due", d.overdue("c")}};
}

} // namespace

TEST_CASE("every pair of phase and input does what the written table says") {
  const auto written = written_table();
  REQUIRE(written.size() == std::variant_size_v<input>);
  for (const std::string phase :
       {"idle", "recruiting", "collecting", "unmasking", "releasing", "evaluating"}) {
    const auto said = inputs(in_phase(phase));
    REQUIRE(said.size() == std::variant_size_v<input>);
    for (const auto& [input_name, in] : said) {
      CAPTURE(phase);
      CAPTURE(input_name);
      auto d = in_phase(phase);
      const auto out = d.feed(in);
      CHECK((out ? "accepted" : std::string(name(out.why()))) == written.at(input_name).at(phase));
      if (!out)
        CHECK(d.phase() == phase);
    }
  }
}
